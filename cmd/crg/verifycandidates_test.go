package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// villageSnapshot has more pairs than the one that is kept of each need.
func villageSnapshot() *candidates.Snapshot {
	s := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: "village", Now: time.Date(2016, 8, 8, 9, 0, 0, 0, time.UTC), Currency: "USD",
		Plane: city.Plane{Centre: city.Point{Lon: -77, Lat: 38.9}}, Scoring: candidates.NeutralScoring(),
		UnitValues: []candidates.UnitValue{{Leaf: "food.bread", Fixed: 250, Charge: candidates.TripCharge{FixedMinor: 200, MilliMinorPerKm: 90_000}}},
	}
	r := rand.New(rand.NewPCG(7, 7))
	for k := range 80 {
		at := city.Point{Lon: -77 + r.NormFloat64()/40, Lat: 38.9 + r.NormFloat64()/50}
		l := city.Listing{ID: city.ListingID(fmt.Sprintf("l%d", k)), Leaf: "food.bread", Point: &at, LocationQuality: city.Exact}
		if k%2 == 0 {
			l.Side, l.Resource = city.ResourceSide, &city.ResourceTerms{Divisible: true, Condition: 1, CostPerUnit: r.Int64N(20)}
			s.Resources = append(s.Resources, candidates.Listing{Listing: l, Left: 2 + r.Int64N(30)})
			continue
		}
		l.Side, l.Need = city.NeedSide, &city.NeedTerms{Urgency: city.Normal, BudgetPerUnit: 100}
		s.Needs = append(s.Needs, candidates.Listing{Listing: l, Left: 2 + r.Int64N(30)})
	}
	s.Canonicalise()
	return s
}

// proofFolder writes what a run leaves: the tables of its graph and solution, and its snapshot.
func proofFolder(t *testing.T, s *candidates.Snapshot, g *candidates.Graph, solution *matching.Solution) (dir, snapshot string, tables []string) {
	t.Helper()
	dir = t.TempDir()
	var needs, resources []string
	for _, l := range s.Needs {
		needs = append(needs, string(l.ID))
	}
	for _, l := range s.Resources {
		resources = append(resources, string(l.ID))
	}
	files, err := edgelist.Tables(edgelist.Arranged(needs, resources, &g.Problem, solution))
	require.NoError(t, err)
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return dir, writeSnapshot(t, s), []string{
		"--needs", filepath.Join(dir, edgelist.NeedsFile), "--resources", filepath.Join(dir, edgelist.ResourcesFile),
		"--edges", filepath.Join(dir, edgelist.EdgesFile),
	}
}

func writeSnapshot(t *testing.T, s *candidates.Snapshot) string {
	t.Helper()
	text, err := s.Encode()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "snapshot.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

func TestVerifyRunAgainstItsSnapshot(t *testing.T) {
	t.Parallel()
	s := villageSnapshot()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	few, err := index.Generate(t.Context(), candidates.Options{PerNeed: 1})
	require.NoError(t, err)
	require.Positive(t, few.Cut)
	wide, solution, proof, err := candidates.SolveProven(t.Context(), index, few, matching.Options{})
	require.NoError(t, err)
	require.Positive(t, proof.Added)

	dir, snapshot, tables := proofFolder(t, s, wide, solution)
	out, err := runQuietly(t, newVerifyRunCommand(), append(tables, dir, "--snapshot", snapshot)...)
	require.NoError(t, err)
	require.Contains(t, out, "of all pairs of the snapshot")

	// A proof for the few pairs alone holds for its tables and not for the snapshot.
	alone, err := few.Solve(t.Context(), matching.Options{})
	require.NoError(t, err)
	short, snapshot, shortTables := proofFolder(t, s, few, alone)
	_, err = runQuietly(t, newVerifyRunCommand(), append(shortTables, short)...)
	require.NoError(t, err)
	_, err = runQuietly(t, newVerifyRunCommand(), append(shortTables, short, "--snapshot", snapshot)...)
	require.ErrorContains(t, err, "a pair outside the graph")

	for name, change := range map[string]func(s *candidates.Snapshot){
		"in the input":    func(s *candidates.Snapshot) { s.UnitValues[0].Fixed++ },
		"no listing":      func(s *candidates.Snapshot) { s.Needs[0].ID = "x"; s.Canonicalise() },
		"the input has 4": func(s *candidates.Snapshot) { s.Resources = s.Resources[1:] },
		"has":             func(s *candidates.Snapshot) { s.Needs[3].Left++ },
	} {
		other := villageSnapshot()
		change(other)
		_, err = runQuietly(t, newVerifyRunCommand(), append(tables, dir, "--snapshot", writeSnapshot(t, other))...)
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "is not the input of")
	}
}

// Of a run with floors it is checked that they are kept, and said what is left without their bonuses; an allocation that
// leaves one unkept is refused although its prices prove it.
func TestVerifyRunWithFloors(t *testing.T) {
	t.Parallel()
	s := villageSnapshot()
	for k := range s.Needs {
		s.Needs[k].Ward = fmt.Sprint(k % 4)
	}
	floor := candidates.Floor{Floor: city.Floor{Wards: []string{"3"}, Class: city.Food, Quantity: 1}, Leaves: []city.Leaf{"food.bread"}, Least: 1, Bonus: 40}
	s.Floors = []candidates.Floor{floor}
	g, err := candidates.Generate(t.Context(), s, candidates.Options{})
	require.NoError(t, err)
	solution, err := g.Solve(t.Context(), matching.Options{})
	require.NoError(t, err)
	reached := int64(0)
	for _, f := range solution.Flow {
		if s.Needs[f.Need].Ward == "3" {
			reached += f.Quantity
		}
	}
	require.Positive(t, reached)

	dir, snapshot, tables := proofFolder(t, s, g, solution)
	out, err := runQuietly(t, newVerifyRunCommand(), append(tables, dir, "--snapshot", snapshot)...)
	require.NoError(t, err)
	require.Contains(t, out, fmt.Sprintf("the floor of 1 of food for ward 3 is kept: they get %d, at a bonus of 40 a unit", reached))
	require.Contains(t, out, fmt.Sprintf("without bonuses it is worth %d, and no allocation that keeps the floors more than %d",
		solution.Value-40*reached, solution.Bound-40))

	s.Floors[0].Least = reached + 1
	_, err = runQuietly(t, newVerifyRunCommand(), append(tables, dir, "--snapshot", writeSnapshot(t, s))...)
	require.ErrorContains(t, err, fmt.Sprintf("the floor of %d of food for ward 3 is not kept: they get %d", reached+1, reached))
	s.Floors[0].Least, s.Floors[0].Bonus = 1, 41
	_, err = runQuietly(t, newVerifyRunCommand(), append(tables, dir, "--snapshot", writeSnapshot(t, s))...)
	require.ErrorContains(t, err, "is not the input of", "another bonus makes other edges")
}
