package postgres_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Whatever is proposed, approved, refused, handed over and received, in any order and quantity: what a listing holds and
// has committed is what a model on paper says, never more than there is.
func TestNoSequenceOfTransitionsBreaksTheQuantities(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	cases := 0
	rapid.Check(t, func(t *rapid.T) {
		cases++
		book := newBook(t, store, fmt.Sprintf("c%d", cases))
		t.Repeat(map[string]func(*rapid.T){
			"propose": book.propose,
			"move":    book.move,
			"":        book.compare,
		})
	})
	requireSound(t, store)
}

// book is the model: what each listing should hold and have committed.
type book struct {
	store    *postgres.Store
	run      city.RunID
	listings []city.ListingID // two resources, two needs
	quantity map[city.ListingID]int64
	held     map[city.ListingID]int64
	done     map[city.ListingID]int64
	matches  []*entry
	asked    int
}

type entry struct {
	id             city.MatchID
	resource, need city.ListingID
	quantity       int64
	handed         int64 // as the giver measured
	state          city.MatchState
}

func newBook(t *rapid.T, store *postgres.Store, name string) *book {
	b := &book{
		store: store, run: city.RunID(name), quantity: map[city.ListingID]int64{}, held: map[city.ListingID]int64{}, done: map[city.ListingID]int64{},
	}
	require.NoError(t, store.CreateRun(t.Context(), postgres.Run{City: town, ID: b.run}))
	for i, make := range []func(string, int64) postgres.Listing{resource, resource, need, need} {
		quantity := rapid.Int64Range(1, 50).Draw(t, "quantity")
		l := make(fmt.Sprintf("%s.%d", name, i), quantity)
		require.NoError(t, store.InsertListing(t.Context(), l))
		b.listings = append(b.listings, l.ID)
		b.quantity[l.ID] = quantity
	}
	return b
}

func (b *book) left(id city.ListingID) int64 { return b.quantity[id] - b.held[id] - b.done[id] }

// propose records one proposal as a run of its own, since a run records once.
func (b *book) propose(t *rapid.T) {
	e := &entry{
		resource: b.listings[rapid.IntRange(0, 1).Draw(t, "resource")], need: b.listings[rapid.IntRange(2, 3).Draw(t, "need")],
		quantity: rapid.Int64Range(1, 50).Draw(t, "quantity"), state: city.MatchProposed,
	}
	b.asked++
	run := city.RunID(fmt.Sprintf("%s.%d", b.run, b.asked))
	require.NoError(t, b.store.CreateRun(t.Context(), postgres.Run{City: town, ID: run}))
	recorded, err := b.store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, e.resource, e.need, e.quantity)})
	require.NoError(t, err)
	fits := e.quantity <= b.left(e.resource) && e.quantity <= b.left(e.need)
	require.Equal(t, fits, len(recorded.Matches) == 1)
	if fits {
		e.id = recorded.Matches[0]
		_, err := b.store.ApproveByPolicy(t.Context(), town, e.id, "policy@1", city.Requirement{Rule: "one", CityApprovers: 1})
		require.NoError(t, err)
		b.matches = append(b.matches, e)
		b.held[e.resource] += e.quantity
		b.held[e.need] += e.quantity
	}
}

// move tries any transition on any match by a decision, allowed or not.
func (b *book) move(t *rapid.T) {
	if len(b.matches) == 0 {
		t.Skip("no match yet")
	}
	e := rapid.SampledFrom(b.matches).Draw(t, "match")
	kind := rapid.SampledFrom([]city.DecisionKind{
		city.DecisionApprove, city.DecisionReject, city.DecisionCancel, city.DecisionHandOver, city.DecisionConfirmReceipt, city.DecisionNoShow,
	}).Draw(t, "decision")
	to := map[city.DecisionKind]city.MatchState{
		city.DecisionApprove: city.MatchApproved, city.DecisionReject: city.MatchRejected, city.DecisionCancel: city.MatchCancelled,
		city.DecisionHandOver: city.MatchHandedOver, city.DecisionConfirmReceipt: city.MatchConfirmed, city.DecisionNoShow: city.MatchFailed,
	}[kind]
	b.asked++
	d := decision(e.id, kind)
	d.ID = city.DecisionID(fmt.Sprintf("%s.%d", b.run, b.asked))
	measured := rapid.Int64Range(1, e.quantity).Draw(t, "measured")
	if kind == city.DecisionHandOver || kind == city.DecisionConfirmReceipt {
		d.MeasuredQuantity = &measured
	}
	if err := b.store.RecordDecision(t.Context(), d); err != nil {
		require.ErrorIs(t, err, postgres.ErrConflict)
		return
	}
	taken, err := b.store.TakeDecision(t.Context(), town, d.ID, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: to})
	require.NoError(t, err)
	require.Equal(t, city.MatchTransitions().Allows(e.state, to), taken.Outcome == city.DecisionApplied)
	if taken.Outcome != city.DecisionApplied {
		return
	}
	e.state = to
	if to == city.MatchHandedOver {
		e.handed = measured
	}
	if to.Holds() {
		return
	}
	for _, side := range []city.ListingID{e.resource, e.need} {
		b.held[side] -= e.quantity
		if to == city.MatchConfirmed {
			b.done[side] += min(e.handed, measured)
		}
	}
}

func (b *book) compare(t *rapid.T) {
	listings, err := b.store.Listings(t.Context(), town, b.listings)
	require.NoError(t, err)
	for _, l := range listings {
		require.Equal(t, []int64{b.held[l.ID], b.done[l.ID]}, []int64{l.Held, l.Committed}, "held, committed of %s", l.ID)
		want := city.ListingOpen
		switch {
		case b.done[l.ID] == b.quantity[l.ID]:
			want = city.ListingClosed
		case b.left(l.ID) == 0:
			want = city.ListingHeld
		}
		require.Equal(t, want, l.State)
	}
}
