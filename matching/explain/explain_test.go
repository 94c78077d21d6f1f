package explain_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/explain"
	"github.com/city-resource-graph/crg/matching/instances"
)

func explainer(t *testing.T, p *matching.Problem) (*explain.Explainer, *matching.Solution) {
	t.Helper()
	s, err := charges.Solve(context.Background(), p, matching.Options{})
	require.NoError(t, err)
	return explain.New(explain.Case{
		Problem: p, Solution: s,
		Need:     func(i int32) string { return fmt.Sprintf("need-%d", i) },
		Resource: func(r int32) string { return fmt.Sprintf("resource-%d", r) },
	}), s
}

// Two needs want the one resource; a third has an edge that is never worth anything.
func bidders() *matching.Problem {
	return &matching.Problem{
		NeedQuantity: []int64{4, 4, 2}, ResourceQuantity: []int64{5, 3},
		RowStart: []int32{0, 2, 3, 4},
		Edges:    []matching.Edge{{Resource: 0, Value: 10}, {Resource: 1, Value: 9}, {Resource: 0, Value: 7}, {Resource: 1, Value: -1}},
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	e, _ := explainer(t, bidders())

	pair, err := e.Pair(ctx, 0, 0, true)
	require.NoError(t, err)
	require.Equal(t, explain.Matched, pair.Status)
	require.Equal(t, "need-0 gets 1 from resource-0: a unit scores 10, the best of its 2 candidates by worth; 10 in all. "+
		"One more unit of the resource would be worth 1 at most, one more unit wanted 9 at most.", pair.Sentence)

	need, err := e.Explain(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, explain.Served, need.Reason)
	require.Equal(t, "need-1 gets all 4 that it wants: 4 from resource-0.", need.Sentence)

	need, err = e.Explain(ctx, 2)
	require.NoError(t, err)
	require.Equal(t, explain.NoCandidate, need.Reason)
	require.Equal(t, "need-2 has no candidate: a unit on its 1 edge would be worth nothing.", need.Sentence)

	pair, err = e.Pair(ctx, 2, 1, true)
	require.NoError(t, err)
	require.Equal(t, "resource-1 is never used for need-2: a unit of it would be worth -1.", pair.Sentence)
	pair, err = e.Pair(ctx, 2, 0, true)
	require.NoError(t, err)
	require.Equal(t, "resource-0 is no candidate for need-2: the input has no edge between them.", pair.Sentence)

	_, err = e.Pair(ctx, 3, 0, true)
	require.ErrorContains(t, err, "need 3: want 0..2")
}

func TestOutbid(t *testing.T) {
	t.Parallel()
	p := bidders()
	p.NeedQuantity[0] = 8
	e, _ := explainer(t, p)
	need, err := e.Explain(context.Background(), 1)
	require.NoError(t, err)
	require.Equal(t, explain.Outbid, need.Reason)
	require.Equal(t, int64(3), need.Rivals[0].ShortBy)
	require.Equal(t, "need-1 gets 0 of 4 and was outbid for the rest. Closest was resource-0: a unit is worth 7 to it, but 10 to "+
		"the others, so it was 3 short; it went to need-0 (5).", need.Sentence)
	pair, err := e.Pair(context.Background(), 1, 0, true)
	require.NoError(t, err)
	require.LessOrEqual(t, pair.LossAtLeast, int64(3)) // prices are not unique: they certify 0 to 3
	require.Equal(t, int64(3), *pair.LossExact)
	require.Contains(t, pair.Sentence, "and 3 exactly. Instead, need-0 has 5 of it at 10.")
}

// Whatever is asked, figures and certificate agree, and the answer survives JSON.
func TestEveryPairIsExplained(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	linear := instances.Random(25, 20, 6, 8, 40, 1)
	charged := instances.Random(25, 20, 6, 30, 40, 2)
	charged.Charges = make([]int64, len(charged.Edges))
	for k := range charged.Charges {
		charged.Charges[k] = int64(k*37%300 + 20)
	}
	for name, p := range map[string]*matching.Problem{"linear": linear, "charged": charged} {
		e, s := explainer(t, p)
		got := make([]int64, len(p.NeedQuantity))
		for _, f := range s.Flow {
			got[f.Need] += f.Quantity
		}
		for i := range p.NeedQuantity {
			need, err := e.Explain(ctx, int32(i))
			require.NoError(t, err)
			require.Equal(t, got[i], need.Got)
			require.Equal(t, got[i] == p.NeedQuantity[i], need.Reason == explain.Served, name)
			require.NotEmpty(t, need.Sentence)
			for r := range p.ResourceQuantity {
				pair, err := e.Pair(ctx, int32(i), int32(r), true)
				require.NoError(t, err)
				require.False(t, p.Charges != nil && pair.LossExact != nil, "with charges nobody knows")
				if pair.LossExact != nil {
					require.GreaterOrEqual(t, *pair.LossExact, pair.LossAtLeast)
				}
				if pair.LossFound != nil {
					require.GreaterOrEqual(t, *pair.LossFound, pair.LossAtLeast)
					require.Contains(t, pair.Sentence, "was found")
				}
				if row := p.Row(i); pair.Worth > 0 && pair.Quantity == 0 && slices.ContainsFunc(row, func(e matching.Edge) bool { return e.Resource == int32(r) }) {
					require.Equal(t, explain.NotMatched, pair.Status)
				}
				if pair.Status == explain.Matched {
					require.Equal(t, pair.Quantity*pair.Value-pair.Charge, pair.Net)
				}
				text, err := json.Marshal(pair)
				require.NoError(t, err)
				var back explain.Pair
				require.NoError(t, json.Unmarshal(text, &back))
				require.Equal(t, *pair, back)
			}
		}
	}
}

// From a snapshot, the filter that removed the last candidate is named, and the parts of the score add up.
func TestFiltersAndParts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := kitchen()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	g, err := index.Generate(ctx, candidates.Options{})
	require.NoError(t, err)
	solution, err := charges.Solve(ctx, &g.Problem, matching.Options{})
	require.NoError(t, err)
	e := explain.New(explain.Case{
		Problem: &g.Problem, Solution: solution, Index: index,
		Need:     func(i int32) string { return string(s.Needs[i].ID) },
		Resource: func(r int32) string { return string(s.Resources[r].ID) },
		Money:    func(minor int64) string { return city.FormatMinor(minor, "USD") },
	})
	need, err := e.Explain(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, explain.NoCandidate, need.Reason)
	require.Equal(t, "far-pantry has no candidate. Of 3 resources, 1 is of another category, 2 are farther away than the need "+
		"accepts; the last to fall away is farther away than the need accepts.", need.Sentence)

	pair, err := e.Pair(ctx, 1, 0, false)
	require.NoError(t, err)
	require.Equal(t, explain.Matched, pair.Status)
	require.Equal(t, pair.Parts.Score, pair.Parts.Expected+pair.Parts.Affinity+pair.Parts.Stability)
	require.Equal(t, pair.Value, pair.Parts.Score)
	require.Equal(t, pair.Charge, pair.Parts.Charge)
	require.Contains(t, pair.Sentence, "near-pantry gets 40 from bakery: a unit scores 2.00, the best of its 2 candidates by worth; "+
		"72.50 in all after a trip of 7.50. The best one that it does not use is cellar at 1.25.")
	pair, err = e.Pair(ctx, 1, 2, false)
	require.NoError(t, err)
	require.Equal(t, "leaf", pair.Filter)
	require.Equal(t, "sofa is no candidate for near-pantry: it is of another category.", pair.Sentence)
}

func kitchen() *candidates.Snapshot {
	home := city.Point{Lon: -77.03, Lat: 38.9}
	resource := func(id string, leaf city.Leaf, left int64) candidates.Listing {
		return candidates.Listing{Left: left, Listing: city.Listing{
			ID: city.ListingID(id), Side: city.ResourceSide, Leaf: leaf, Point: &home, LocationQuality: city.Exact,
			Resource: &city.ResourceTerms{Divisible: true, Condition: 1},
		}}
	}
	need := func(id string, at city.Point, left int64) candidates.Listing {
		return candidates.Listing{Left: left, Listing: city.Listing{
			ID: city.ListingID(id), Side: city.NeedSide, Leaf: "food.bread", Point: &at, LocationQuality: city.Exact,
			Need: &city.NeedTerms{MaxDistanceMetres: 2000, Urgency: city.Normal},
		}}
	}
	charge := candidates.TripCharge{FixedMinor: 750}
	s := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, Now: time.Date(2016, 8, 8, 9, 0, 0, 0, time.UTC), Currency: "USD",
		Plane: city.Plane{Centre: home}, Scoring: candidates.NeutralScoring(),
		UnitValues: []candidates.UnitValue{{Leaf: "food.bread", Fixed: 200, Charge: charge}, {Leaf: "goods.sofa", Fixed: 900, Charge: charge}},
		Resources: []candidates.Listing{
			resource("bakery", "food.bread", 40), resource("cellar", "food.bread", 10), resource("sofa", "goods.sofa", 1),
		},
		Needs: []candidates.Listing{need("near-pantry", home, 40), need("far-pantry", city.Point{Lon: -77.5, Lat: 38.9}, 5)},
	}
	s.Canonicalise()
	return s
}
