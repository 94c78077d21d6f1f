package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/notices/webhook"
	"github.com/city-resource-graph/crg/outbound"
)

const secret = "0123456789abcdef0123456789abcdef"

// target is a webhook on loopback.
type target struct {
	*httptest.Server
	received []*http.Request
	bodies   [][]byte
}

func newTarget(t *testing.T, answer http.HandlerFunc) *target {
	t.Helper()
	hook := &target{}
	hook.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hook.received, hook.bodies = append(hook.received, r), append(hook.bodies, body)
		answer(w, r)
	}))
	t.Cleanup(hook.Close)
	return hook
}

func newSender(t *testing.T, private ...netip.Prefix) *webhook.Sender {
	t.Helper()
	client, err := outbound.New(outbound.Policy{Hosts: []string{"*", "127.0.0.1"}, Private: private, PlainHTTP: true})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &webhook.Sender{Client: client, Refused: outbound.ErrRefused, Own: []string{"crg.example"}, Now: time.Now}
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

func message(address string) notices.Message {
	return notices.Message{
		ID: "5f2c", City: "testville", Event: city.NoticeMatchWaiting, Kind: "match", Subject: "r:food.produce:1",
		Address: address, Secret: secret, CreatedAt: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC),
		Text: notices.Text{Title: "Please approve", Body: "A match waits.\n"},
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestASignedRequestArrives(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, status(http.StatusNoContent))
	require.NoError(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)))
	require.Len(t, hook.received, 1)
	require.JSONEq(t, `{"id":"5f2c","city":"testville","event":"match_waiting","kind":"match","subject":"r:food.produce:1",
		"created_at":"2026-11-26T09:00:00Z","title":"Please approve","text":"A match waits.\n"}`, string(hook.bodies[0]))
	id, err := webhook.Verify(secret, hook.received[0].Header, hook.bodies[0], time.Now())
	require.NoError(t, err)
	require.Equal(t, "5f2c", id)
}

func TestVerifyRefusesWhatIsForgedOldOrReplayed(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, status(http.StatusOK))
	require.NoError(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)))
	header, body := hook.received[0].Header, hook.bodies[0]
	change := func(name, value string) http.Header {
		changed := header.Clone()
		changed.Set(name, value)
		return changed
	}
	now := time.Now()
	for name, test := range map[string]struct {
		secret string
		header http.Header
		body   []byte
		now    time.Time
		says   string
	}{
		"another secret":       {"other", header, body, now, "signature"},
		"another body":         {secret, header, append([]byte(" "), body...), now, "signature"},
		"a moved timestamp":    {secret, change(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix()+1, 10)), body, now, "signature"},
		"replayed later":       {secret, header, body, now.Add(6 * time.Minute), "off"},
		"a clock far behind":   {secret, header, body, now.Add(-6 * time.Minute), "off"},
		"without a timestamp":  {secret, change(webhook.HeaderTimestamp, ""), body, now, "missing"},
		"under another id":     {secret, change(webhook.HeaderID, "other"), body, now, "id in the header"},
		"without a signature":  {secret, change(webhook.HeaderSignature, ""), body, now, "signature"},
		"of another algorithm": {secret, change(webhook.HeaderSignature, "v0="), body, now, "signature"},
	} {
		_, err := webhook.Verify(test.secret, test.header, test.body, test.now)
		require.ErrorContains(t, err, test.says, name)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]error{
		200: nil, 202: nil, 301: notices.ErrRefused, 307: notices.ErrRefused, 400: notices.ErrRefused, 404: notices.ErrRefused,
		410: notices.ErrGone,
	} {
		hook := newTarget(t, status(code))
		require.ErrorIs(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)), want, code)
		require.Len(t, hook.received, 1, "no redirect is followed")
	}
	for _, code := range []int{408, 425, 429, 500, 502, 503} {
		err := newSender(t, loopback).Send(t.Context(), message(newTarget(t, status(code)).URL))
		require.Error(t, err)
		require.NotErrorIs(t, err, notices.ErrRefused, code)
	}
}

func TestARedirectToAnotherAddressIsNotFollowed(t *testing.T) {
	t.Parallel()
	inside := newTarget(t, status(http.StatusOK))
	hook := newTarget(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})
	require.ErrorIs(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)), notices.ErrRefused)
	require.Empty(t, inside.received)
}

func TestAReceiverMayAskForPatience(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	var later *notices.LaterError
	require.ErrorAs(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)), &later)
	require.Equal(t, 2*time.Minute, later.After)
}

func TestASlowTargetIsLeft(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	hook := newTarget(t, func(http.ResponseWriter, *http.Request) { <-over })
	t.Cleanup(func() { close(over) })
	s := newSender(t, loopback)
	s.Timeout = 100 * time.Millisecond
	begin := time.Now()
	err := s.Send(t.Context(), message(hook.URL))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, notices.ErrRefused)
	require.Less(t, time.Since(begin), 9*time.Second, "the usual limit is 10 s")
}

func TestAnEndlessAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				return
			}
		}
	})
	require.NoError(t, newSender(t, loopback).Send(t.Context(), message(hook.URL)), "whoever reads on comes to the limit of time")
}

// What only this machine or network can reach is not called, and neither are we ourselves.
func TestAddressesThatAreNotCalled(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, status(http.StatusOK))
	s := newSender(t)
	for _, address := range []string{
		hook.URL, "http://localhost:1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "https://crg.example/api/v1/matches",
		"https://CRG.example:443/", "ftp://hooks.example.org/", "https://user:word@hooks.example.org/", "nonsense", "",
	} {
		err := s.Send(t.Context(), message(address))
		require.ErrorIs(t, err, notices.ErrRefused, address)
	}
	require.Empty(t, hook.received)
}

func TestATargetThatIsAwayMayComeBack(t *testing.T) {
	t.Parallel()
	hook := newTarget(t, status(http.StatusOK))
	hook.Close()
	err := newSender(t, loopback).Send(t.Context(), message(hook.URL))
	require.Error(t, err)
	require.NotErrorIs(t, err, notices.ErrRefused)
}
