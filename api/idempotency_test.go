package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func newNeed() wire.NewNeed {
	return wire.NewNeed{Leaf: string(produce), Quantity: 12, Need: wire.NeedTerms{Urgency: 1}}
}

func TestTenIdenticalPostsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	for name, c := range map[string]call{
		"a need":     {path: "/api/v1/needs", key: b.receiver(), body: newNeed()},
		"a decision": {path: decisions(match), key: b.approver(), body: approve()},
	} {
		c.method, c.once = http.MethodPost, uuid.NewString()
		answers := atOnce(b, 10, c)
		replayed := 0
		for _, a := range answers {
			require.Equal(t, answers[0].status, a.status, "%s: %s", name, a.body)
			require.Equal(t, string(answers[0].body), string(a.body), name)
			require.Equal(t, answers[0].header.Get("Location"), a.header.Get("Location"), name)
			if a.header.Get("Idempotency-Replayed") == "true" {
				replayed++
			}
		}
		require.Less(t, answers[0].status, 300, "%s: %s", name, answers[0].body)
		require.Equal(t, 9, replayed, name)
	}
	needs, _, err := b.store.ListListings(t.Context(), b.city, postgres.ListingFilter{Side: city.NeedSide, Holder: "receiver"}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, needs, 2, "the fixture's and the one")
	require.Equal(t, 1, b.signals(match, "approve"))
	audit, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "match"}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, audit, 1)
}

func atOnce(b *bed, n int, c call) []answer {
	answers := make([]answer, n)
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			<-begin
			answers[i] = b.send(c)
		})
	}
	close(begin)
	group.Wait()
	return answers
}

func TestTheSameKeyWithAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	first := call{method: http.MethodPost, path: "/api/v1/needs", key: b.receiver(), once: uuid.NewString(), body: newNeed()}
	want[wire.Listing](b.do(first), http.StatusCreated)

	other := first
	body := newNeed()
	body.Quantity = 13
	other.body = body
	b.do(other).problem(http.StatusUnprocessableEntity, "idempotency-key-reused")

	elsewhere := first
	elsewhere.path = "/api/v1/resources"
	elsewhere.body = wire.NewResource{Leaf: string(produce), Quantity: 12}
	b.do(elsewhere).problem(http.StatusUnprocessableEntity, "idempotency-key-reused")

	reordered := first
	reordered.body = `{ "need": {"urgency": 1}, "quantity": 12, "leaf": "food.produce" }`
	require.Equal(t, "true", b.do(reordered).header.Get("Idempotency-Replayed"), "spaces and order make no other request")

	somebody := first
	somebody.key = b.stranger()
	require.Empty(t, b.do(somebody).header.Get("Idempotency-Replayed"), "keys are each caller's own")
}

func TestAnAnswerOutlivesRedis(t *testing.T) {
	t.Parallel()
	redis := newLine(t, hostOf(t, environment(t, "REDIS_URL")))
	b := newBedOver(t, wires{redis: redis.address()})
	c := call{method: http.MethodPost, path: "/api/v1/needs", key: b.receiver(), once: uuid.NewString(), body: newNeed()}
	created := want[wire.Listing](b.do(c), http.StatusCreated)
	redis.cut()
	again := b.do(c)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, created.ID, want[wire.Listing](again, http.StatusCreated).ID)
}

func TestARepeatRepairsADecisionWhoseSignalFailed(t *testing.T) {
	t.Parallel()
	temporal := newLine(t, environment(t, "TEMPORAL_ADDRESS"))
	b := newBedOver(t, wires{temporal: temporal.address()})
	match := b.match(oneApprover())
	c := call{method: http.MethodPost, path: decisions(match), key: b.approver(), once: uuid.NewString(), body: approve()}

	temporal.cut()
	failed := b.do(c)
	failed.problem(http.StatusServiceUnavailable, "dependency-away")
	require.NotEmpty(t, failed.header.Get("Retry-After"))
	recorded, err := b.store.Decisions(t.Context(), b.city, match)
	require.NoError(t, err)
	require.Len(t, recorded, 1, "the decision is recorded, the workflow does not know of it")

	temporal.mend()
	var answered answer
	require.Eventually(t, func() bool { answered = b.send(c); return answered.status == http.StatusAccepted }, patience, 50*time.Millisecond)
	repaired := want[wire.Decision](answered, http.StatusAccepted)
	require.Equal(t, string(recorded[0].ID), repaired.ID)
	require.Equal(t, 1, b.signals(match, "approve"))
	recorded, err = b.store.Decisions(t.Context(), b.city, match)
	require.NoError(t, err)
	require.Len(t, recorded, 1)
}

func TestAPostWithoutAKeyIsRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.do(call{method: http.MethodPost, path: "/api/v1/needs", key: b.receiver(), once: "none", body: newNeed()}).
		problem(http.StatusBadRequest, "invalid-request")
	require.Equal(t, "Idempotency-Key", p.Errors[0].Field)
}
