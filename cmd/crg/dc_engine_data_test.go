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

	table := dcTable(s, g, naive, found)
	golden := filepath.Join("testdata", "dc_engine.golden")
	if *updateGolden {
		require.NoError(t, os.WriteFile(golden, []byte(table), 0o644))
	}
	expected, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(expected), table)
}

func dcTable(s *candidates.Snapshot, g *candidates.Graph, naive, found *matching.Solution) string {
	var b strings.Builder
	solved := findings.New(s, g, found, nil)
	fmt.Fprintf(&b, "%-22s %15s %15s %15s  why\n", "leaf (here/derived)", "edges", "proposals", "quantity")
	for _, leaf := range solved.ByLeaf() {
		d := derived[leaf.Leaf]
		pair := func(here, there int64) string { return fmt.Sprintf("%d/%d", here, there) }
		fmt.Fprintf(&b, "%-22s %15s %15s %15s  %s\n", leaf.Leaf, pair(leaf.Edges, d.edges), pair(leaf.Proposals, d.proposals),
			pair(leaf.Allocated, d.quantity), d.why)
	}
	money := func(minor int64) string { return city.FormatMinor(minor, s.Currency) }
	percent := func(part, whole int64) float64 { return 100 * float64(part) / float64(whole) }
	fmt.Fprintf(&b, "\nedges %d (derived 90432), proposals %d (908)\n", g.Candidates(), len(found.Flow))
	fmt.Fprintf(&b, "bound %s (41708.00 at 2016 prices), achieved %s\n", money(found.Bound), money(found.Value))
	fmt.Fprintf(&b, "gap %.2f %%; dropping unpaid trips leaves %.2f %% (2.3 %%)\n", percent(found.Gap(), found.Bound), percent(naive.Gap(), naive.Bound))
	fmt.Fprintf(&b, "greedy %s, %.1f %% of achieved (97.0 %%); first come %s, %.1f %% (93.5 %%)\n", money(solved.Greedy()),
		percent(solved.Greedy(), found.Value), money(solved.FirstCome()), percent(solved.FirstCome(), found.Value))
	return b.String()
}
