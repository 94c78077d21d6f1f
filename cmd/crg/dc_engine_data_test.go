//go:build realdata

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/valuation"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// dcSnapshot freezes the real listings of Washington, DC, as a run of the demo does, with its default seed.
func dcSnapshot(t *testing.T) *candidates.Snapshot {
	t.Helper()
	ctx := context.Background()
	files, err := cities.Open("dc")
	require.NoError(t, err)
	profile, err := ingest.Open(files, city.DefaultTaxonomy())
	require.NoError(t, err)
	data, err := ingest.Load(ctx, profile, filepath.Join(os.Getenv("CRG_DATA"), "dc"))
	require.NoError(t, err)
	clock, err := city.NewClock(profile.AsOf, profile.AsOf.Add(time.Hour), 1)
	require.NoError(t, err)
	store, _, err := newPreviewStore(data, clock, 1)
	require.NoError(t, err)
	freezer := activities.Freezer{Store: store, Parameters: valuation.Default(), Now: func() time.Time { return clock.Started }}
	s, err := freezer.Freeze(ctx, activities.RunRef{City: store.row.ID, Run: "golden"}, nil)
	require.NoError(t, err)
	return s
}

// derived holds what an independent script found on the same files (floating point, another price year, no search over
// trip charges), and why the product differs.
var derived = map[string]struct {
	edges, proposals, quantity int64
	why                        string
}{
	"food.grocery-mixed":    {18_437, 237, 13_304, "the same edges but one, at the very edge of a radius; fewer trips, as charges are searched"},
	"food.prepared-chilled": {43_068, 287, 5_722, "prices of a later year: a few more small lots pay their trip; fewer, fuller trips"},
	"food.produce":          {2_127, 26, 1_320, "same edges; fewer trips"},
	"goods.furniture":       {24_334, 299, 299, "the seeded answers confirm 293 pieces, there 299"},
	"goods.waste-cart":      {2_209, 38, 38, "a used cart is worth less here: trips beyond about 9 km do not pay"},
	"vehicle.bicycle":       {257, 21, 39, "same edges; a trip has no fixed cost, fewer are used"},
}

// The engine on the real city: candidates by category agree with the derivation, the search closes more than half of
// the gap that dropping unpaid trips leaves, and more than half of the derivation's 2.3 %.
func TestEngineOnDC(t *testing.T) {
	ctx := context.Background()
	s := dcSnapshot(t)
	g, err := candidates.Generate(ctx, s, candidates.Options{})
	require.NoError(t, err)
	naive, err := matching.Solve(ctx, &g.Problem, matching.Options{})
	require.NoError(t, err)
	found, err := charges.Solve(ctx, &g.Problem, matching.Options{})
	require.NoError(t, err)
	require.NoError(t, matching.Verify(&g.Problem, found))
	require.Less(t, 2*found.Gap(), naive.Gap())
	require.Less(t, float64(found.Gap()), 0.023/2*float64(found.Bound))

	solved := findings.New(s, g, found, nil)
	requireNearDerived(t, solved)
	table := dcTable(s, g, naive, solved)
	golden := filepath.Join("testdata", "dc_engine.golden")
	if *updateGolden {
		require.NoError(t, os.WriteFile(golden, []byte(table), 0o644))
	}
	expected, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(expected), table)
}

// requireNearDerived compares what the search for paying trips comes to. Optima of the same bound are many, and the
// search starts from one of them, so that the last few trips differ between versions of the engine.
func requireNearDerived(t *testing.T, solved *findings.Solved) {
	t.Helper()
	for _, leaf := range solved.ByLeaf() {
		d := derived[leaf.Leaf]
		require.InEpsilon(t, d.quantity, leaf.Allocated, 0.025, "quantity of %s; %s", leaf.Leaf, d.why)
		require.LessOrEqual(t, leaf.Proposals, d.proposals, "a searched allocation needs no more trips for %s", leaf.Leaf)
		require.Greater(t, 10*leaf.Proposals, 6*d.proposals, "proposals of %s; %s", leaf.Leaf, d.why)
	}
}

// dcTable holds what every exact engine must come to.
func dcTable(s *candidates.Snapshot, g *candidates.Graph, naive *matching.Solution, solved *findings.Solved) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %15s  why\n", "leaf (here/derived)", "edges")
	for _, leaf := range solved.ByLeaf() {
		d := derived[leaf.Leaf]
		fmt.Fprintf(&b, "%-22s %15s  %s\n", leaf.Leaf, fmt.Sprintf("%d/%d", leaf.Edges, d.edges), d.why)
	}
	money := func(minor int64) string { return city.FormatMinor(minor, s.Currency) }
	fmt.Fprintf(&b, "\nedges %d (derived 90432), bound %s (41708.00 at 2016 prices)\n", g.Candidates(), money(naive.Bound))
	fmt.Fprintf(&b, "greedy %s (97.0 %% of achieved), first come %s (93.5 %%)\n", money(solved.Greedy()), money(solved.FirstCome()))
	return b.String()
}
