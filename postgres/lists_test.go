package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// everyPage reads a list to its end in pages of two and answers the items in order.
func everyPage[T any](t *testing.T, list func(postgres.Page) ([]T, string, error)) []T {
	t.Helper()
	var all []T
	page := postgres.Page{Limit: 2}
	for {
		items, next, err := list(page)
		require.NoError(t, err)
		require.LessOrEqual(t, len(items), 2)
		all = append(all, items...)
		if page.After = next; next == "" {
			return all
		}
	}
}

func TestPagesOfMatchesGoInTheirOrderAndFilter(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 1000), need("n", 1000))
	startRun(t, store, "run-0")
	var want []city.MatchID
	for _, id := range []city.RunID{"run-0", run} {
		var proposals []postgres.Proposal
		for i := 1; i <= 11; i++ { // two digits: numbers are compared as numbers
			proposals = append(proposals, proposal(i, "r", "n", 2))
			want = append(want, city.MatchID{Run: id, Leaf: produce, N: i})
		}
		_, err := store.RecordProposals(t.Context(), town, id, proposals)
		require.NoError(t, err)
	}
	require.NoError(t, store.CloseMatch(t.Context(), town, want[3], city.MatchRejected, "too_far"))
	ids := func(f postgres.MatchFilter) []city.MatchID {
		var got []city.MatchID
		for _, m := range everyPage(t, func(p postgres.Page) ([]postgres.Match, string, error) {
			return store.ListMatches(t.Context(), town, f, p)
		}) {
			got = append(got, m.ID)
		}
		return got
	}
	require.Equal(t, want, ids(postgres.MatchFilter{}))
	require.Equal(t, want[11:], ids(postgres.MatchFilter{Run: run}))
	require.Equal(t, want[3:4], ids(postgres.MatchFilter{State: city.MatchRejected}))
	require.Equal(t, want, ids(postgres.MatchFilter{Leaf: produce, Ward: "2", Giver: "giver", Receiver: "receiver"}))
	require.Equal(t, want[11:], ids(postgres.MatchFilter{Participant: "receiver", Run: run}))
	require.Empty(t, ids(postgres.MatchFilter{Participant: "nobody"}))

	_, _, err := store.ListMatches(t.Context(), town, postgres.MatchFilter{}, postgres.Page{After: "x"})
	require.ErrorIs(t, err, postgres.ErrInvalid)
	_, err = store.Match(t.Context(), town, city.MatchID{Run: run, Leaf: produce, N: 99})
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func TestTheWorkListShowsWhatWaitsForThisApprover(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100), need("n", 100))
	recorded, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{
		proposal(1, "r", "n", 10), proposal(2, "r", "n", 10), proposal(3, "r", "n", 10), proposal(4, "r", "n", 10),
	})
	require.NoError(t, err)
	for i, approvers := range []int{2, 1, 0} { // the fourth was not asked about yet
		_, err := store.ApproveByPolicy(t.Context(), town, recorded.Matches[i], "p@1",
			city.Requirement{Rule: "r", Sides: []city.Party{city.Giver}, CityApprovers: approvers})
		require.NoError(t, err)
	}
	decided := decision(recorded.Matches[0], city.DecisionApprove)
	require.NoError(t, store.RecordDecision(t.Context(), decided))
	waits := func(actor string, own city.ParticipantID) int {
		return len(everyPage(t, func(p postgres.Page) ([]postgres.Match, string, error) {
			return store.WorkList(t.Context(), town, actor, own, p)
		}))
	}
	require.Equal(t, 1, waits("ann", ""), "ann has spoken on the first")
	require.Equal(t, 2, waits("bob", ""))
	require.Zero(t, waits("bob", "receiver"), "not on what bob's own organisation receives")
}

func TestPagesOfListingsAndParticipants(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for i := range 5 {
		require.NoError(t, store.InsertListing(t.Context(), resource(fmt.Sprintf("r%d", i), 10)))
		require.NoError(t, store.InsertListing(t.Context(), need(fmt.Sprintf("n%d", i), 10)))
	}
	_, err := store.TransitionListing(t.Context(), town, "r3", city.ListingWithdrawn)
	require.NoError(t, err)
	listings := func(f postgres.ListingFilter) int {
		return len(everyPage(t, func(p postgres.Page) ([]postgres.Listing, string, error) {
			return store.ListListings(t.Context(), town, f, p)
		}))
	}
	require.Equal(t, 5, listings(postgres.ListingFilter{Side: city.NeedSide, Leaf: "food.prepared-chilled", Ward: "2"}))
	require.Equal(t, 4, listings(postgres.ListingFilter{Side: city.ResourceSide, State: city.ListingOpen, Holder: "giver", Source: "test"}))
	require.Zero(t, listings(postgres.ListingFilter{Side: city.ResourceSide, Ward: "9"}))

	participants := func(f postgres.ParticipantFilter) int {
		return len(everyPage(t, func(p postgres.Page) ([]postgres.Participant, string, error) {
			return store.ListParticipants(t.Context(), town, f, p)
		}))
	}
	require.Equal(t, 2, participants(postgres.ParticipantFilter{State: city.ParticipantActive, Ward: "1", Source: "test"}))
	require.Equal(t, 1, participants(postgres.ParticipantFilter{Kind: city.Business}))
	require.Equal(t, 1, participants(postgres.ParticipantFilter{NameLike: "RECEIV"}))

	counts, err := store.ListingCounts(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, []postgres.ListingCount{
		{Side: city.NeedSide, Leaf: "food.prepared-chilled", Origin: city.Modelled, State: city.ListingOpen, Listings: 5, Quantity: 50},
		{Side: city.ResourceSide, Leaf: produce, Origin: city.Observed, State: city.ListingOpen, Listings: 4, Quantity: 40},
		{Side: city.ResourceSide, Leaf: produce, Origin: city.Observed, State: city.ListingWithdrawn, Listings: 1, Quantity: 10},
	}, counts)
	byState, err := store.ParticipantCounts(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, map[city.ParticipantState]int64{city.ParticipantActive: 2}, byState)
}

func TestListingsMoveOnlyWhereTheyMay(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	_, err := store.TransitionListing(t.Context(), town, "r", city.ListingOpen)
	require.ErrorIs(t, err, postgres.ErrConflict, "what is held opens by its match alone")
	_, err = store.TransitionListing(t.Context(), town, "r", city.ListingClosed)
	require.ErrorIs(t, err, postgres.ErrInvalid)
	_, err = store.TransitionListing(t.Context(), town, "none", city.ListingOpen)
	require.ErrorIs(t, err, postgres.ErrNotFound)
	for range 2 {
		l, err := store.TransitionListing(t.Context(), town, "r", city.ListingWithdrawn)
		require.NoError(t, err)
		require.Equal(t, city.ListingWithdrawn, l.State)
	}
	require.NoError(t, store.CloseMatch(t.Context(), town, match, city.MatchCancelled, "withdrawn"))
	requireQuantities(t, store, "r", 0, 0, city.ListingWithdrawn)
	requireQuantities(t, store, "n", 0, 0, city.ListingOpen)
	requireSound(t, store)
}

func TestRunsAndImportsListInPages(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for i := range 5 {
		startRun(t, store, city.RunID(fmt.Sprintf("run-%d", i)))
		startRun(t, store, city.RunID(fmt.Sprintf("run-%d", i))) // again is a success
		require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: fmt.Sprintf("i%d", i), Profile: "p@1"}))
	}
	var got []city.RunID
	for _, r := range everyPage(t, func(p postgres.Page) ([]postgres.Run, string, error) { return store.ListRuns(t.Context(), town, p) }) {
		got = append(got, r.ID)
	}
	require.Equal(t, []city.RunID{"run-4", "run-3", "run-2", "run-1", "run-0"}, got, "newest first")
	imports := everyPage(t, func(p postgres.Page) ([]postgres.Import, string, error) {
		return store.ListImports(t.Context(), town, p)
	})
	require.Len(t, imports, 5)
	require.Equal(t, postgres.ImportRunning, imports[4].State)
}

func TestARunLearnsStepByStep(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	require.NoError(t, store.CreateRun(t.Context(), postgres.Run{City: town, ID: run, Scope: postgres.Scope{Ward: "2"}, ScoringID: "s@1"}))
	require.NoError(t, store.UpdateRun(t.Context(), town, run, postgres.RunUpdate{
		Resources: ptr(int64(7)), Snapshot: []byte(`{"key": "a"}`), Seconds: map[string]float64{"freeze": 0.5},
	}))
	require.NoError(t, store.UpdateRun(t.Context(), town, run, postgres.RunUpdate{
		BoundMinor: ptr(int64(100)), AchievedMinor: ptr(int64(90)), Optimal: ptr(false), Seconds: map[string]float64{"solve": 1.5},
	}))
	for range 2 {
		require.NoError(t, store.FinishRun(t.Context(), town, run, postgres.RunCompleted, ""))
	}
	require.ErrorIs(t, store.FinishRun(t.Context(), town, run, postgres.RunFailed, ""), postgres.ErrConflict)
	require.ErrorIs(t, store.UpdateRun(t.Context(), town, "none", postgres.RunUpdate{}), postgres.ErrNotFound)
	r, err := store.Run(t.Context(), town, run)
	require.NoError(t, err)
	require.Equal(t, postgres.Scope{Ward: "2"}, r.Scope)
	require.Equal(t, []int64{7, 100, 90, 10}, []int64{*r.Resources, *r.BoundMinor, *r.AchievedMinor, *r.GapMinor})
	require.Equal(t, map[string]float64{"freeze": 0.5, "solve": 1.5}, r.Seconds)
	require.JSONEq(t, `{"key": "a"}`, string(r.Snapshot))
	require.Equal(t, postgres.RunCompleted, r.State)
	require.NotNil(t, r.FinishedAt)
	_, err = store.Run(t.Context(), town, "none")
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func TestASnapshotHoldsWhatMayEnterARun(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	past, soon := day(1, 0).AddDate(-10, 0, 0), day(1, 0).AddDate(10, 0, 0)
	expired, later, unconfirmed, suspended := resource("expired", 1), resource("later", 1), resource("unconfirmed", 1), resource("suspended", 1)
	expired.ExpiresAt, later.ExpiresAt, unconfirmed.State, suspended.Holder = &past, &soon, city.ListingUnconfirmed, "third"
	require.NoError(t, store.InsertParticipant(t.Context(), participant("third", city.Business)))
	stock(t, store, resource("r", 10), need("n", 10), expired, later, unconfirmed, suspended)
	_, err := store.TransitionParticipant(t.Context(), town, "third", city.ParticipantSuspended, "no answer")
	require.NoError(t, err)
	snapshot := func(scope postgres.Scope) []city.ListingID {
		var ids []city.ListingID
		require.NoError(t, store.OpenListings(t.Context(), town, scope, func(l postgres.Listing) error {
			ids = append(ids, l.ID)
			return nil
		}))
		return ids
	}
	require.Equal(t, []city.ListingID{"n", "later", "r"}, snapshot(postgres.Scope{}))
	require.Equal(t, []city.ListingID{"later", "r"}, snapshot(postgres.Scope{Ward: "1"}))

	broken := errors.New("disk full")
	err = store.OpenListings(t.Context(), town, postgres.Scope{}, func(postgres.Listing) error { return broken })
	require.ErrorIs(t, err, broken)

	n, err := store.ExpireListings(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	requireQuantities(t, store, "expired", 0, 0, city.ListingExpired)
}
