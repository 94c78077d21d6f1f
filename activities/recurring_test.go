package activities_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// complete runs a run from its snapshot to its end.
func (f *families) complete(t *testing.T, ref activities.RunRef) (activities.Proven, activities.Recorded) {
	t.Helper()
	proven := f.solve(t, ref)
	recorded, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	_, err = f.starts.StartMatches(t.Context(), ref)
	require.NoError(t, err)
	_, err = f.starts.StopSuperseded(t.Context(), ref)
	require.NoError(t, err)
	_, err = f.runs.FinishRun(t.Context(), activities.FinishRunInput{RunRef: ref, State: activities.RunCompleted})
	require.NoError(t, err)
	return proven, recorded
}

func run(id city.RunID) activities.RunRef { return activities.RunRef{City: town, Run: id} }

func (w *world) proposed(id city.RunID) []postgres.Match {
	w.t.Helper()
	matches, _, err := w.store.ListMatches(w.t.Context(), town, postgres.MatchFilter{Run: id, State: city.MatchProposed}, postgres.Page{Limit: 500})
	require.NoError(w.t, err)
	return matches
}

// The second run begins where the first one ended, has nothing to search for, and leaves every proposal as it is.
func TestSecondRunBeginsWarmAndKeepsWhatIsProposed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(30, 24)
	f := w.families()
	first, _ := f.complete(t, run("r1"))
	require.False(t, first.Recurrence.Warm)
	require.Positive(t, first.Recurrence.Pivots)
	require.Zero(t, first.Recurrence.Open)

	second, recorded := f.complete(t, run("r2"))
	r := second.Recurrence
	require.True(t, r.Warm)
	require.Equal(t, city.RunID("r1"), r.From)
	require.Empty(t, r.Problem)
	require.Less(t, r.Pivots, first.Recurrence.Pivots)
	require.Equal(t, first.Proposals, r.Open)
	require.Equal(t, first.Proposals, r.Kept)
	require.Zero(t, r.Changed+r.Dropped+r.Added)
	require.Zero(t, recorded.Recorded+recorded.Skipped+recorded.Superseded)
	require.Equal(t, first.Proof.Achieved, second.Proof.Achieved-r.BonusMinor, "the bonus is worth nothing to anybody")
	require.Len(t, w.proposed("r1"), int(first.Proposals))
	row, err := w.store.Run(t.Context(), town, "r2")
	require.NoError(t, err)
	require.Equal(t, r, row.Recurrence)
	require.NotEmpty(t, row.Basis)
	_, err = activities.ReadRunFiles(t.Context(), f.objects, row)
	require.NoError(t, err)
}

// A better partner comes: the run replaces the proposal at once, its hold goes, its workflow ends, nobody is offered an
// alternative for it, and the pair may come again.
func TestBetterPartnerReplacesAnOpenProposal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	need := w.listing(city.NeedSide, "pantry", 20, 0)
	far := w.listing(city.ResourceSide, "far", 20, 9_000)
	f := w.families()
	f.complete(t, run("r1"))
	before := w.proposed("r1")
	require.Len(t, before, 1)
	w.listing(city.ResourceSide, "near", 20, 10)
	f.starter.open = true

	second, recorded := f.complete(t, run("r2"))
	require.Equal(t, activities.Recorded{Recorded: 1, Superseded: 1}, recorded)
	require.EqualValues(t, 1, second.Recurrence.Dropped)
	require.EqualValues(t, 1, second.Recurrence.Added)
	require.Equal(t, 1, f.starter.cancelled, "the workflow of what was replaced")
	held, _ := w.held(far)
	require.Zero(t, held)
	held, _ = w.held(need)
	require.EqualValues(t, 20, held)
	m, err := w.store.Match(t.Context(), town, before[0].ID)
	require.NoError(t, err)
	require.Equal(t, city.MatchCancelled, m.State)
	require.Equal(t, city.RunID("r2"), m.SupersededBy)
	require.Contains(t, m.StateReason, "run r2")
	offer, err := f.alternative.OfferAlternative(t.Context(), activities.MatchRef{City: town, Match: m.ID})
	require.NoError(t, err)
	require.Nil(t, offer.Match)
	pairs, err := w.store.ForbiddenPairs(t.Context(), town)
	require.NoError(t, err)
	require.Empty(t, pairs, "nobody refused it")
	again, err := f.runs.RecordProposals(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, recorded, again, "a repeated attempt finds the first one's work")
	findings, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// What one person has agreed to is pinned whatever is better, and what a person refused does not come again.
func TestAgreedMatchesArePinnedAndRefusedPairsForbidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listing(city.NeedSide, "pantry-a", 100, 0)
	w.listing(city.ResourceSide, "store-a", 100, 9_000)
	f := w.families()
	f.complete(t, run("r1"))
	agreed := w.proposed("r1")[0]
	w.decide(activities.MatchRef{City: town, Match: agreed.ID}, city.DecisionApprove, city.CityHall, "anna", 0)
	w.listing(city.ResourceSide, "better", 100, 10)
	w.listing(city.NeedSide, "pantry-b", 50, 8_000)

	second, recorded := f.complete(t, run("r2"))
	require.EqualValues(t, 1, second.Recurrence.Fixed)
	require.Zero(t, second.Recurrence.Open)
	require.Zero(t, recorded.Superseded)
	require.EqualValues(t, 1, recorded.Recorded, "the better one serves the other need")
	refused := w.proposed("r2")[0]
	require.NoError(t, w.store.CloseMatch(t.Context(), town, refused.ID, city.MatchRejected, "not_needed"))

	third, recorded := f.complete(t, run("r3"))
	require.EqualValues(t, 1, third.Recurrence.Forbidden)
	require.EqualValues(t, 1, third.Recurrence.Fixed)
	require.Zero(t, recorded.Recorded)
}

// An approval that comes while the run computes wins: what was to replace it is skipped, and nothing is held twice.
func TestApprovalWhileTheRunComputesWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listing(city.NeedSide, "pantry", 20, 0)
	w.listing(city.ResourceSide, "far", 20, 9_000)
	f := w.families()
	f.complete(t, run("r1"))
	w.listing(city.ResourceSide, "near", 20, 10)
	proven := f.solve(t, run("r2"))
	w.decide(activities.MatchRef{City: town, Match: w.proposed("r1")[0].ID}, city.DecisionApprove, city.CityHall, "anna", 0)
	recorded, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	require.Equal(t, activities.Recorded{Skipped: 1}, recorded)
	require.Len(t, w.proposed("r1"), 1)
	findings, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// Whoever is rejected while a run computes gets no proposal of it; the run says how many were left out for that, and the
// rest goes on.
func TestRunProposesNothingToWhoWasRejectedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(8, 6)
	f := w.families()
	proven := f.solve(t, activities.RunRef{City: town, Run: "r1"})
	for _, state := range []city.ParticipantState{city.ParticipantInReview, city.ParticipantRejected} {
		_, err := w.store.TransitionParticipant(t.Context(), town, "pantry-2", state, "its data changed")
		require.NoError(t, err)
	}
	recorded, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	require.Positive(t, recorded.Inactive)
	require.Equal(t, recorded.Skipped, recorded.Inactive)
	require.Equal(t, proven.Proposals, recorded.Recorded+recorded.Skipped)
	for _, m := range w.proposed("r1") {
		require.NotEqual(t, city.ParticipantID("pantry-2"), m.Receiver)
	}
	held, _ := w.held("pantry-2.food")
	require.Zero(t, held)
	run, err := w.store.Run(t.Context(), town, "r1")
	require.NoError(t, err)
	require.Equal(t, recorded.Inactive, *run.Inactive)
	findings, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// A basis that is damaged, gone or of another city is refused; the run begins cold, says so, and finds as much.
func TestDamagedBasisIsRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, file string){
		"gone": func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.Remove(file))
		},
		"damaged": func(t *testing.T, file string) {
			t.Helper()
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			content[len(content)/2] ^= 1
			require.NoError(t, os.WriteFile(file, content, 0o600))
		},
		"cut": func(t *testing.T, file string) {
			t.Helper()
			require.NoError(t, os.Truncate(file, 40))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.stock(12, 9)
			f := w.families()
			first, _ := f.complete(t, run("r1"))
			files, err := filepath.Glob(filepath.Join(f.folder, string(town), "runs", "r1", "basis-*.bin"))
			require.NoError(t, err)
			require.Len(t, files, 1)
			damage(t, files[0])

			second, _ := f.complete(t, run("r2"))
			require.False(t, second.Recurrence.Warm)
			require.Contains(t, second.Recurrence.Problem, "the basis of run r1 was refused")
			require.Positive(t, second.Recurrence.Pivots)
			require.Equal(t, first.Proposals, second.Recurrence.Kept)
			third, _ := f.complete(t, run("r3"))
			require.True(t, third.Recurrence.Warm, "the second run left a good one")
			require.Equal(t, city.RunID("r2"), third.Recurrence.From)
		})
	}
}

// A run of another scope neither begins at that basis nor touches what lies outside.
func TestAnotherScopeIsAnotherSequence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(6, 5)
	f := w.families()
	f.complete(t, run("r1"))
	other := run("r2")
	other.Leaves = []city.Leaf{"food.produce"}
	proven, recorded := f.complete(t, other)
	require.False(t, proven.Recurrence.Warm)
	require.Zero(t, proven.Recurrence.Open)
	require.Zero(t, recorded.Superseded)
}

// Whoever is looked at again keeps what is promised and gets nothing new, until a person has decided.
func TestAHolderInReviewKeepsWhatIsPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	need := w.listing(city.NeedSide, "pantry", 20, 0)
	w.listing(city.ResourceSide, "far", 15, 9_000)
	f := w.families()
	f.complete(t, run("r1"))
	before := w.proposed("r1")
	require.Len(t, before, 1)
	_, err := w.store.TransitionParticipant(t.Context(), town, "pantry", city.ParticipantInReview, "since it was accepted its data changed (name)")
	require.NoError(t, err)
	w.listing(city.ResourceSide, "near", 20, 10)

	_, recorded := f.complete(t, run("r2"))
	require.Zero(t, recorded.Recorded+recorded.Superseded)
	require.Equal(t, before, w.proposed("r1"))
	_, err = w.store.TransitionParticipant(t.Context(), town, "pantry", city.ParticipantActive, "")
	require.NoError(t, err)
	f.complete(t, run("r3"))
	held, _ := w.held(need)
	require.EqualValues(t, 20, held, "all that it wants, now that it takes part again")
	findings, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}
