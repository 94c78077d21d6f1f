package workers_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	server "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/notices/smtp"
	"github.com/city-resource-graph/crg/notices/webhook"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// mailbox is a mail server on loopback that turns everybody away the first time, as greylisting servers do.
type mailbox struct {
	trusting bool // takes mail at once

	mu    sync.Mutex
	seen  map[string]bool
	mails []string
}

func (b *mailbox) NewSession(*server.Conn) (server.Session, error) { return &visit{box: b}, nil }

// visit is one connection to a mailbox.
type visit struct{ box *mailbox }

func (v *visit) Mail(string, *server.MailOptions) error { return nil }
func (v *visit) Reset()                                 {}
func (v *visit) Logout() error                          { return nil }

func (v *visit) Rcpt(to string, _ *server.RcptOptions) error {
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	if !v.box.trusting && !v.box.seen[to] {
		v.box.seen[to] = true
		return &server.SMTPError{Code: 450, EnhancedCode: server.EnhancedCode{4, 7, 1}, Message: "come again"}
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	v.box.mails = append(v.box.mails, string(text))
	return err
}

func (b *mailbox) open(t *testing.T) *smtp.Sender {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := server.NewServer(b)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	sender, err := smtp.New(smtp.Config{URL: "smtp://" + listener.Addr().String() + "?tls=none", From: "crg@city.example"})
	require.NoError(t, err)
	return sender
}

// hook is a webhook that checks every signature and drops what it has seen.
type hook struct {
	*httptest.Server
	mu       sync.Mutex
	ids      map[string]int
	refusals []error
}

const hookSecret = "0123456789abcdef0123456789abcdef"

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{ids: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		id, err := webhook.Verify(hookSecret, r.Header, body, time.Now())
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil {
			h.refusals = append(h.refusals, err)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.ids[id]++
	}))
	t.Cleanup(h.Close)
	return h
}

// A proposal reaches its two sides by mail and webhook, through a mail server that first says no; the workflow ends when
// nothing is left, and its history holds no address.
func TestNoticesAreDelivered(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.deliverNotices()
	w.tell()
}

// deliverNotices gives the worker of the town senders for both channels.
func (w *town) deliverNotices() {
	w.t.Helper()
	client, err := outbound.New(outbound.Policy{Hosts: []string{"*"}, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, PlainHTTP: true})
	require.NoError(w.t, err)
	w.t.Cleanup(client.Close)
	w.mailbox = &mailbox{seen: map[string]bool{}}
	w.Senders = map[city.Channel]notices.Sender{
		city.EMail:   w.mailbox.open(w.t),
		city.Webhook: &webhook.Sender{Client: client, Refused: outbound.ErrRefused, Now: time.Now},
	}
	w.Worker(w.t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
}

// tell announces a proposal and waits until everybody heard of it.
func (w *town) tell() {
	w.t.Helper()
	ctx, t := w.t.Context(), w.t
	h := newHook(t)
	require.Positive(t, w.match().Recorded)
	m := w.waiting(w.matches())
	for _, c := range []postgres.Contact{
		{ID: "giver", Participant: m.Giver, Channel: city.EMail, Address: "giver@example.org"},
		{ID: "receiver", Participant: m.Receiver, Channel: city.Webhook, Address: h.URL, Secret: hookSecret},
	} {
		c.City = w.id
		require.NoError(t, w.Store.AddContact(ctx, c))
	}
	w.decide(m, city.DecisionReject, city.CityHall, "ann", 0)
	notices := func() []postgres.Notice {
		found, _, err := w.Store.ListNotices(ctx, w.id, postgres.NoticeFilter{Kind: "match", Subject: m.ID.String()}, postgres.Page{})
		require.NoError(t, err)
		return found
	}
	require.Eventually(t, func() bool {
		found := notices()
		return len(found) == 2 && found[0].Attempts == 1 && found[1].Attempts == 1
	}, patience, 20*time.Millisecond)
	w.details(workflows.NoticesID(w.id), "1 sent**, 1 attempts without success")
	// The mail server said no for now. Nobody waits half a minute here: the next attempt is made due and the delivery woken.
	_, err := w.Store.Pool().Exec(ctx, "UPDATE notice SET due_at = now() WHERE state = 'pending'")
	require.NoError(t, err)
	require.NoError(t, w.Starter.DeliverNotices(ctx, activities.CityRef{City: w.id}))
	var total activities.Delivered
	require.NoError(t, w.Client.GetWorkflow(ctx, workflows.NoticesID(w.id), "").Get(ctx, &total))
	for _, n := range notices() {
		require.Equal(t, city.NoticeSent, n.State)
	}
	w.mailbox.mu.Lock()
	defer w.mailbox.mu.Unlock()
	require.Len(t, w.mailbox.mails, 1)
	require.Contains(t, w.mailbox.mails[0], "Not taking place")
	h.mu.Lock()
	defer h.mu.Unlock()
	require.Empty(t, h.refusals)
	require.Len(t, h.ids, 1)
	require.NotContains(t, w.histories(workflows.NoticesID(w.id)), "example.org", "no address in a payload")
}

// histories is the text of a workflow's history.
func (w *town) histories(id string) string {
	w.t.Helper()
	var text strings.Builder
	events := w.Client.GetWorkflowHistory(w.t.Context(), id, "", false, 1)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(w.t, err)
		text.WriteString(event.String())
	}
	return text.String()
}
