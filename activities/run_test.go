package activities_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

func TestRunStepsRepeatedGiveTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(12, 9)
	f := w.families()
	ref := activities.RunRef{City: town, Run: "r1"}
	first := f.solve(t, ref)
	w.now = w.now.Add(time.Minute)
	require.Equal(t, first, f.solve(t, ref), "a repeated attempt finds the first one's work")
	require.Positive(t, first.Proposals)
	require.Equal(t, first.Proof.Gap, first.Proof.Bound-first.Proof.Achieved)

	for range 2 {
		recorded, err := f.runs.RecordProposals(t.Context(), first)
		require.NoError(t, err)
		require.Equal(t, activities.Recorded{Recorded: first.Proposals}, recorded)
	}
	var achieved int64
	matches, _, err := w.store.RunMatches(t.Context(), town, "r1", postgres.Page{Limit: 500})
	require.NoError(t, err)
	for _, m := range matches {
		achieved += m.ExpectedMinor
		require.Positive(t, m.ExpectedMinor)
	}
	require.Equal(t, first.Proof.Achieved, achieved, "what is recorded is what was proven")
	run, err := w.store.Run(t.Context(), town, "r1")
	require.NoError(t, err)
	require.Equal(t, first.Proof.Bound, *run.BoundMinor)
	require.Contains(t, run.Seconds, "verify")
}

// certificate reads a run's certificate, as anybody may who checks it.
func (f *families) certificate(t *testing.T, proof activities.Proof) activities.RunCertificate {
	t.Helper()
	content, err := f.objects.Get(t.Context(), proof.Certificate)
	require.NoError(t, err)
	zip, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	text, err := io.ReadAll(zip)
	require.NoError(t, err)
	var c activities.RunCertificate
	require.NoError(t, json.Unmarshal(text, &c))
	return c
}

func TestCertificateCarriesThePrices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(5, 4)
	f := w.families()
	proven := f.solve(t, activities.RunRef{City: town, Run: "r1"})
	c := f.certificate(t, proven.Proof)
	require.Len(t, c.ResourcePrices, 5)
	require.Len(t, c.NeedPrices, 4)
	var bound int64
	for side, prices := range map[city.Side][]activities.Price{city.ResourceSide: c.ResourcePrices, city.NeedSide: c.NeedPrices} {
		for _, price := range prices {
			l, err := w.store.Listing(t.Context(), town, price.Listing)
			require.NoError(t, err)
			require.Equal(t, side, l.Side)
			bound += price.Minor * l.Quantity.Amount
		}
	}
	require.Equal(t, c.Bound, bound, "the bound is quantity x price over both sides")

	dir := filepath.Join(f.folder, c.Tables)
	in, err := edgelist.Read(edgelist.Files{
		Needs: filepath.Join(dir, edgelist.NeedsFile), Resources: filepath.Join(dir, edgelist.ResourcesFile),
		Edges: filepath.Join(dir, edgelist.EdgesFile),
	}, 0)
	require.NoError(t, err)
	again, err := edgelist.Verify(dir, in)
	require.NoError(t, err, "crg verify-run repeats the proof from what was kept")
	require.Equal(t, c.Value, again.Value)
	require.Equal(t, c.Bound, again.Bound)
}

func TestDamagedShardIsFoundOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(5, 4)
	f := w.families()
	snapshot, err := f.runs.FreezeSnapshot(t.Context(), activities.RunRef{City: town, Run: "r1"})
	require.NoError(t, err)
	snapshot.Blob.SHA256 = "00" + snapshot.Blob.SHA256[2:]
	_, err = f.engine.PlanShards(t.Context(), snapshot)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, activities.TypeDamaged, failure.Type())
	require.True(t, failure.NonRetryable())
}

func TestTwoRunsOverTheSameStockHoldNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(8, 6)
	f := w.families()
	first := f.solve(t, activities.RunRef{City: town, Run: "r1"})
	second := f.solve(t, activities.RunRef{City: town, Run: "r2"})
	recorded, err := f.runs.RecordProposals(t.Context(), first)
	require.NoError(t, err)
	require.Zero(t, recorded.Skipped)
	recorded, err = f.runs.RecordProposals(t.Context(), second)
	require.NoError(t, err)
	require.Zero(t, recorded.Recorded, "both want the same pairs")
	require.Equal(t, second.Proposals, recorded.Skipped)
	findings, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

func TestStartMatchesOnceEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(8, 6)
	f := w.families()
	ref := activities.RunRef{City: town, Run: "r1"}
	proven := f.solve(t, ref)
	_, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	f.starter.failAt = 2
	_, err = f.starts.StartMatches(t.Context(), ref)
	require.Error(t, err)
	f.starter.failAt = 0
	started, err := f.starts.StartMatches(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, proven.Proposals, started.Started)
	require.Len(t, f.starter.started, int(proven.Proposals))

	withdrawn, err := f.starts.WithdrawProposals(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, proven.Proposals, withdrawn.Started)
	counts, err := w.store.MatchCounts(t.Context(), town, "r1")
	require.NoError(t, err)
	require.Equal(t, proven.Proposals, counts.Cancelled)
}

func TestRunOverNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.families()
	ref := activities.RunRef{City: town, Run: "r1"}
	proven := f.solve(t, ref)
	require.Zero(t, proven.Proposals)
	require.True(t, proven.Proof.Optimal)
	recorded, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	require.Zero(t, recorded)
	started, err := f.starts.StartMatches(t.Context(), ref)
	require.NoError(t, err)
	require.Zero(t, started)
	frozen, err := f.values.FreezeValuation(t.Context(), activities.ValuationRef{City: town, Scope: activities.ScopeRun, ID: "r1", Moment: activities.ExAnte})
	require.NoError(t, err)
	computed, err := f.values.ComputeValuation(t.Context(), frozen)
	require.NoError(t, err)
	require.Zero(t, computed.Totals.NSVMinor)
	_, err = f.values.AppendValuation(t.Context(), computed)
	require.NoError(t, err)
}

func TestFinishRunThatNeverBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.families()
	state, err := f.runs.FinishRun(t.Context(), activities.FinishRunInput{
		RunRef: activities.RunRef{City: town, Run: "none"}, State: activities.RunFailed, Reason: "no such city",
	})
	require.NoError(t, err)
	require.Equal(t, activities.RunFailed, state)
}

// Where only the best of each need are candidates, the certificate holds the bounds on the others, and the proof holds for
// every pair of the snapshot all the same; a price that is too low is found out.
func TestProofHoldsForWhatWasCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scoring(func(s *candidates.Scoring) { s.PerNeed, s.KeepAllBelow = 2, 1 })
	w.stock(20, 15)
	f := w.families()
	proven := f.solve(t, activities.RunRef{City: town, Run: "r1"})
	c := f.certificate(t, proven.Proof)
	require.NotEmpty(t, c.CutBounds)
	row, err := w.store.Run(t.Context(), town, "r1")
	require.NoError(t, err)
	files, err := activities.ReadRunFiles(t.Context(), f.objects, row)
	require.NoError(t, err)
	index, err := candidates.NewIndex(files.Snapshot)
	require.NoError(t, err)
	s := &matching.Solution{}
	for i := range files.Snapshot.Needs {
		s.NeedPrice = append(s.NeedPrice, c.NeedPrices[i].Minor)
	}
	for r := range files.Snapshot.Resources {
		s.ResourcePrice = append(s.ResourcePrice, c.ResourcePrices[r].Minor)
	}
	require.NoError(t, index.CheckCut(t.Context(), s))
	for _, bound := range c.CutBounds {
		k := slices.IndexFunc(c.NeedPrices, func(p activities.Price) bool { return p.Listing == bound.Listing })
		require.GreaterOrEqual(t, c.NeedPrices[k].Minor, int64(0))
	}
	clear(s.NeedPrice)
	clear(s.ResourcePrice)
	var violation *candidates.Violation
	require.ErrorAs(t, index.CheckCut(t.Context(), s), &violation)
}

// An indivisible need gets all from one resource or nothing, least lots are kept, the bound is the one without them, so
// that the gap is told, and the proof is repeated from the files.
func TestIndivisibleNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listing(city.ResourceSide, "large", 100, 0)
	w.listing(city.ResourceSide, "small", 30, 100)
	w.need("whole", 80, 50, city.NeedTerms{Indivisible: true})
	w.need("lots", 60, 60, city.NeedTerms{MinimumLot: 25})
	w.need("too-much", 120, 70, city.NeedTerms{Indivisible: true})
	f := w.families()
	proven, _ := f.complete(t, activities.RunRef{City: town, Run: "r1"})
	got := map[city.ListingID][]int64{}
	for _, m := range w.proposed("r1") {
		got[m.Need] = append(got[m.Need], m.Quantity)
	}
	require.Empty(t, got["too-much.food"], "no resource has as much")
	for _, quantity := range got["whole.food"] {
		require.EqualValues(t, 80, quantity)
	}
	for _, quantity := range got["lots.food"] {
		require.GreaterOrEqual(t, quantity, int64(25))
	}
	require.Equal(t, proven.Proof.Gap == 0, proven.Proof.Optimal)
	require.Positive(t, proven.Proof.Gap, "100 + 30 are wanted, but 80 + 25 + 25 does not fit: that is told")
	w.repeatsProof(f, proven)
}

// repeatsProof checks the run's tables as crg verify-run does.
func (w *world) repeatsProof(f *families, proven activities.Proven) {
	w.t.Helper()
	c := f.certificate(w.t, proven.Proof)
	dir := filepath.Join(f.folder, c.Tables)
	in, err := edgelist.Read(edgelist.Files{
		Needs: filepath.Join(dir, edgelist.NeedsFile), Resources: filepath.Join(dir, edgelist.ResourcesFile),
		Edges: filepath.Join(dir, edgelist.EdgesFile),
	}, 0)
	require.NoError(w.t, err)
	again, err := edgelist.Verify(dir, in)
	require.NoError(w.t, err)
	require.Equal(w.t, c.Value, again.Value)
}
