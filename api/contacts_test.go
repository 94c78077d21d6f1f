package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices/webhook"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

func webhooks(t testing.TB) *webhook.Sender {
	t.Helper()
	client, err := outbound.New(outbound.Policy{Hosts: []string{"*"}})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &webhook.Sender{Client: client, Refused: outbound.ErrRefused, Own: []string{"crg.example"}, Now: time.Now}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	mail := wire.NewContact{Channel: "email", Address: "giver@example.org", QuietFrom: "21:00", QuietUntil: "07:00"}
	own := want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", mail), http.StatusCreated)
	require.Equal(t, "giver@example.org", own.Address)
	require.Equal(t, "giver", own.Participant)
	require.Equal(t, []wire.TimeOfDay{"21:00", "07:00"}, []wire.TimeOfDay{own.QuietFrom, own.QuietUntil})
	require.Equal(t, own.ID, want[wire.ContactPage](b.get(b.giver(), "/api/v1/contacts"), http.StatusOK).Items[0].ID)
	require.Empty(t, want[wire.ContactPage](b.get(b.receiver(), "/api/v1/contacts"), http.StatusOK).Items)
	seen := want[wire.ContactPage](b.get(b.operator(), "/api/v1/contacts"), http.StatusOK).Items
	require.Equal(t, "...@example.org", seen[0].Address, "an operator sees where, not who")

	hook := wire.NewContact{Channel: "webhook", Address: "https://hooks.example.org/crg", Secret: hookSecret, Participant: "receiver"}
	set := want[wire.Contact](b.post(b.operator(), "/api/v1/contacts", hook), http.StatusCreated)
	require.Equal(t, "receiver", set.Participant)
	require.Equal(t, "https://hooks.example.org/...", set.Address)
	b.post(b.giver(), "/api/v1/contacts", hook).problem(http.StatusForbidden, "forbidden")
	person := want[wire.Contact](b.post(b.approver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "ada@city.example"}), http.StatusCreated)
	require.Equal(t, "ada", person.Actor)

	for name, wrong := range map[string]wire.NewContact{
		"no address":       {Channel: "email", Address: "nobody"},
		"a name besides":   {Channel: "email", Address: "Ann <ann@example.org>"},
		"ourselves":        {Channel: "webhook", Address: "https://crg.example/api/v1/contacts", Secret: hookSecret},
		"not encrypted":    {Channel: "webhook", Address: "http://hooks.example.org/", Secret: hookSecret},
		"with a password":  {Channel: "webhook", Address: "https://a:b@hooks.example.org/", Secret: hookSecret},
		"another protocol": {Channel: "webhook", Address: "gopher://hooks.example.org/", Secret: hookSecret},
		"no URL":           {Channel: "webhook", Address: "hooks", Secret: hookSecret},
	} {
		p := b.post(b.giver(), "/api/v1/contacts", wrong).problem(http.StatusUnprocessableEntity, "refused")
		require.Equal(t, "/address", p.Errors[0].Field, name)
	}
	b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "webhook", Address: "https://hooks.example.org/"}).
		problem(http.StatusBadRequest, "invalid-request")
	b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "a@example.org", QuietFrom: "21:00"}).
		problem(http.StatusBadRequest, "invalid-request")

	remove := "/api/v1/contacts/" + own.ID + "/removal"
	b.post(b.stranger(), remove, wire.NewRemoval{}).problem(http.StatusNotFound, "not-found")
	want[wire.Contact](b.post(b.giver(), remove, wire.NewRemoval{}), http.StatusOK)
	require.Empty(t, want[wire.ContactPage](b.get(b.giver(), "/api/v1/contacts"), http.StatusOK).Items)
}

// A notice of ours that comes back over a proxy stops here.
func TestALoopIsRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.do(call{
		method: http.MethodPost, path: "/api/v1/contacts", key: b.giver(), body: wire.NewContact{Channel: "email", Address: "a@example.org"},
		header: map[string]string{webhook.HeaderID: "5f2c", webhook.HeaderHop: "1"},
	}).problem(http.StatusLoopDetected, "loop")
}

func TestNoticesAreSeenByTheirOwner(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "giver@example.org"}), http.StatusCreated)
	_, err := b.store.Announce(t.Context(), postgres.Announcement{
		City: b.city, Key: "k", Event: city.NoticeMatchWaiting, Kind: "match", Subject: "r:food.produce:1", Participants: []city.ParticipantID{"giver"},
	})
	require.NoError(t, err)
	mine := want[wire.NoticePage](b.get(b.giver(), "/api/v1/notices"), http.StatusOK).Items
	require.Len(t, mine, 1)
	require.Empty(t, want[wire.NoticePage](b.get(b.receiver(), "/api/v1/notices"), http.StatusOK).Items)
	require.Len(t, want[wire.NoticePage](b.get(b.operator(), "/api/v1/notices?match=r:food.produce:1&state=pending"), http.StatusOK).Items, 1)

	retry := "/api/v1/notices/" + mine[0].ID + "/retry"
	notice, err := b.store.Notice(t.Context(), b.city, mine[0].ID)
	require.NoError(t, err)
	attempt := postgres.Attempt{N: 1, Outcome: "failed", Detail: "550 <giver@example.org>"}
	require.NoError(t, b.store.RecordAttempt(t.Context(), notice, attempt, city.NoticeFailed, time.Now()))
	require.Empty(t, want[wire.NoticePage](b.get(b.auditor(), "/api/v1/notices"), http.StatusOK).Items[0].Reason)
	b.endLater(workflows.NoticesID(b.city))
	require.Equal(t, wire.NoticeStatePending, want[wire.Notice](b.post(b.operator(), retry, wire.NewRetry{}), http.StatusOK).State)
	require.NoError(t, b.store.SuppressNotice(t.Context(), notice, "overtaken"))
	require.Equal(t, "suppressed", b.post(b.operator(), retry, wire.NewRetry{}).problem(http.StatusConflict, "state-conflict").State)
	b.post(b.operator(), "/api/v1/notices/none/retry", wire.NewRetry{}).problem(http.StatusNotFound, "not-found")
}
