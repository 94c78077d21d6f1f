package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api"
	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// relay numbers the bed's events and fills its stream until the test ends or the returned function is called.
func (b *bed) relay() (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan struct{})
	relay := &activities.Relay{Store: b.store, Stream: b.cache.Streams(string(b.city)), Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	go func() {
		defer close(ended)
		_, _ = relay.RelayEvents(ctx, activities.RelayRound{Length: time.Hour})
	}()
	stop = func() { cancel(); <-ended }
	b.t.Cleanup(stop)
	return stop
}

// numbered waits until every event has its number and answers with the newest.
func (b *bed) numbered() int64 {
	b.t.Helper()
	var waiting int
	require.Eventually(b.t, func() bool {
		err := b.store.Pool().QueryRow(b.t.Context(), "SELECT count(*) FROM outbox WHERE position IS NULL").Scan(&waiting)
		return err == nil && waiting == 0
	}, patience, 10*time.Millisecond)
	_, newest, err := b.store.EventRange(b.t.Context())
	require.NoError(b.t, err)
	return newest
}

// announce writes an event as a trigger would, about a participant.
func (b *bed) announce(participant, state string) {
	b.t.Helper()
	_, err := b.store.Pool().Exec(b.t.Context(), `INSERT INTO outbox (city, topic, payload)
		VALUES ($1, 'participant', jsonb_build_object('id', $2::text, 'state', $3::text))`, b.city, participant, state)
	require.NoError(b.t, err)
}

// listener is a client that follows events.
type listener struct {
	t      testing.TB
	events chan crgclient.Event
	ended  chan error
	leave  context.CancelFunc
}

// listen follows with a key from after on; it returns once the stream is open.
func (b *bed) listen(base, key, after string) *listener {
	b.t.Helper()
	client, err := crgclient.New(base, key)
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	l := &listener{t: b.t, events: make(chan crgclient.Event, 10_000), ended: make(chan error, 1), leave: cancel}
	b.t.Cleanup(cancel)
	go func() {
		l.ended <- client.Follow(ctx, after, func(event crgclient.Event) error { l.events <- event; return nil })
	}()
	return l
}

// next is the next event as "topic id state".
func (l *listener) next() string {
	l.t.Helper()
	select {
	case event := <-l.events:
		var said struct{ ID, State string }
		require.NoError(l.t, json.Unmarshal(event.Data, &said))
		return event.Topic + " " + said.ID + " " + said.State
	case err := <-l.ended:
		require.NoError(l.t, err)
	case <-time.After(patience):
		require.Fail(l.t, "no event came")
	}
	return ""
}

func (b *bed) serveHere() string {
	server := httptest.NewServer(b.handler)
	b.t.Cleanup(server.Close)
	b.t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func TestEventsReachWhomTheyConcern(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.relay()
	head := fmt.Sprint(b.numbered())
	base := b.serveHere()
	auditor, giver, stranger := b.listen(base, b.auditor(), head), b.listen(base, b.giver(), head), b.listen(base, b.stranger(), head)
	b.recordMatch("r", "giver", oneApprover())
	b.announce("stranger", "active")
	for _, want := range []string{
		"listing r open", "listing r-need open", "run run-r running", "match run-r:food.produce:1 proposed", "run run-r running",
		"participant stranger active",
	} {
		require.Equal(t, want, auditor.next())
	}
	require.Equal(t, "listing r open", giver.next())
	require.Equal(t, "match run-r:food.produce:1 proposed", giver.next())
	require.Equal(t, "participant stranger active", stranger.next(), "and of nothing before")
	require.Empty(t, giver.events)
}

func TestAListenerResumesWhereItLeftOff(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	stop := b.relay()
	base := b.serveHere()
	for i := range 1200 { // more than two pages
		b.announce("giver", fmt.Sprint(i))
	}
	head := b.numbered()
	check := func(after string, first int) {
		t.Helper()
		l := b.listen(base, b.giver(), after)
		for i := first; i < 1200; i++ {
			require.Equal(t, fmt.Sprintf("participant giver %d", i), l.next())
		}
		l.leave()
	}
	check(fmt.Sprint(head-1), 1199)
	check(fmt.Sprint(head-700), 500)
	stop()
	require.NoError(t, b.cache.Streams(string(b.city)).Clear(t.Context()), "FLUSHALL")
	check(fmt.Sprint(head-700), 500)
	all := b.listen(base, b.giver(), "0")
	require.Equal(t, "participant giver active", all.next(), "0 is the beginning")
}

func TestRedisIsLostInTheMiddle(t *testing.T) {
	t.Parallel()
	b, l := newLines(t)
	b.relay()
	head := b.numbered()
	base := b.serveHere()
	listener := b.listen(base, b.auditor(), fmt.Sprint(head))
	expect := func(state string) {
		t.Helper()
		b.announce("giver", state)
		require.Equal(t, "participant giver "+state, listener.next())
	}
	expect("1")
	expect("2")
	l.redis.cut()
	expect("3")
	expect("4")
	l.redis.mend()
	require.Eventually(t, func() bool { return b.cache.Streams(string(b.city)).Clear(t.Context()) == nil },
		patience, 20*time.Millisecond, "it comes back empty")
	for i := range 5 {
		expect(fmt.Sprint(5 + i))
	}
	l.database.cut()
	l.database.mend()
	expect("last")
}

func TestAForgedIDIsRefusedWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	stop := b.relay()
	head := b.numbered()
	follow := func(id string) answer {
		return b.do(call{method: http.MethodGet, path: "/api/v1/events", key: b.auditor(), header: map[string]string{"Last-Event-ID": id}})
	}
	for _, forged := range []string{"abc", "-1", "1e3", "007", "1 OR 1=1", "99999999999999999999999", "+1", "1-0"} {
		p := follow(forged).problem(http.StatusBadRequest, "invalid-request")
		require.Equal(t, "Last-Event-ID", p.Errors[0].Field)
		require.Contains(t, p.Errors[0].Detail, fmt.Sprintf("a whole number from 0 to %d", head))
	}
	p := follow(fmt.Sprint(head+1)).problem(http.StatusBadRequest, "invalid-request")
	require.Contains(t, p.Detail, fmt.Sprintf("want at most %d", head))
	p = b.get(b.auditor(), "/api/v1/events?after=x").problem(http.StatusBadRequest, "invalid-request")
	require.Equal(t, "after", p.Errors[0].Field)
	stop()
	later := time.Now().Add(time.Hour)
	_, err := b.store.DropEvents(t.Context(), later, later, 2)
	require.NoError(t, err)
	p = follow("1").problem(http.StatusGone, "events-gone")
	require.Contains(t, p.Detail, "after 2")
}

func TestAStreamEndsWithItsKeyAndWithTheProcess(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	base, metrics, stop := b.servedWith(2*time.Minute, func(c *api.Config) { c.Heartbeat = 50 * time.Millisecond })
	_, revoked := followAs(b, base+"/api/v1/events", b.approver2())
	alive, stopped := followAs(b, base+"/api/v1/events", b.auditor())
	require.Eventually(t, func() bool { return listenersOf(fetch(t, metrics+"/metrics")) == "2" }, patience, 20*time.Millisecond)
	keys, err := b.store.ListKeys(t.Context(), b.city)
	require.NoError(t, err)
	for _, key := range keys {
		if key.Actor == "bob" {
			require.NoError(t, b.store.RevokeKey(t.Context(), b.city, key.ID))
		}
	}
	require.Contains(t, <-revoked, "event: cut\ndata: {\"reason\":\"key\"")
	<-alive
	began := time.Now()
	require.NoError(t, stop())
	require.Less(t, time.Since(began), time.Minute, "the stop does not wait for its grace time")
	text := <-stopped
	require.Contains(t, text, ": alive")
	require.Contains(t, text, "\"reason\":\"stopping\"")
}

// A city whose name is another's beginning is another city.
func TestEventsOfAnotherCityAreNotHeard(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.relay()
	head := b.numbered()
	listener := b.listen(b.serveHere(), b.auditor(), fmt.Sprint(head))
	_, err := b.store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload) VALUES ($1, 'participant', '{"id": "giver", "state": "x"}')`,
		string(b.city)+"-2")
	require.NoError(t, err)
	b.announce("giver", "ours")
	require.Equal(t, "participant giver ours", listener.next())
}
