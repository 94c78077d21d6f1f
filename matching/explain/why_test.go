package explain_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/explain"
	"github.com/city-resource-graph/crg/matching/instances"
)

// A loss is certified against what was achieved: the gap of a pair's own component is taken off, that of others is not.
func TestTheGapIsTakenOffWhereItLies(t *testing.T) {
	t.Parallel()
	p := &matching.Problem{
		NeedQuantity: []int64{4, 4, 2, 3, 2}, ResourceQuantity: []int64{5, 2}, RowStart: []int32{0, 1, 2, 3, 4, 5},
		Edges: []matching.Edge{{Resource: 0, Value: 100}, {Resource: 0, Value: 100}, {Resource: 0, Value: 30}, {Resource: 1, Value: 50}, {Resource: 1, Value: 20}},
		// A unit of the first two is worth 98 where four share a trip, and the fifth pays one of its own.
		Charges: []int64{10, 10, 0, 0, 0},
	}
	e, s := explainer(t, p)
	require.EqualValues(t, 10, s.Gap())
	pair, err := e.Pair(t.Context(), 2, 0, true)
	require.NoError(t, err)
	require.Equal(t, explain.NotMatched, pair.Status)
	require.EqualValues(t, 98-30-10, pair.LossAtLeast)
	require.Nil(t, pair.LossExact)
	require.EqualValues(t, 98-30, *pair.LossBound)
	require.GreaterOrEqual(t, *pair.LossFound, pair.LossAtLeast)
	pair, err = e.Pair(t.Context(), 4, 1, true)
	require.NoError(t, err)
	require.EqualValues(t, 50-20, pair.LossAtLeast)
	require.EqualValues(t, 50-20, *pair.LossFound)
}

// Candidates are ranked by worth, equal ones in the order of the input, in words that can be read aloud.
func TestRanks(t *testing.T) {
	t.Parallel()
	const count = 114
	p := &matching.Problem{NeedQuantity: []int64{count}, RowStart: []int32{0, count}}
	for k := range count {
		p.ResourceQuantity = append(p.ResourceQuantity, 1)
		p.Edges = append(p.Edges, matching.Edge{Resource: int32(k), Value: int64(1000 - k/2)}) // two of each worth
	}
	p.NeedQuantity[0]-- // one is left over: the last of the two that are worth least, or the other one
	e, _ := explainer(t, p)
	for k, place := range map[int32]string{
		0: "the best", 1: "the 2nd", 2: "the 3rd", 3: "the 4th", 10: "the 11th", 11: "the 12th", 12: "the 13th", 20: "the 21st", 21: "the 22nd",
		22: "the 23rd", 100: "the 101st", 110: "the 111th", 111: "the 112th",
	} {
		pair, err := e.Pair(t.Context(), 0, k, false)
		require.NoError(t, err)
		require.Equal(t, int(k)+1, pair.Rank)
		require.Equal(t, count, pair.Of)
		require.Contains(t, pair.Sentence, place+" of its 114 candidates by worth")
		require.EqualValues(t, 1000-(count-1)/2, pair.RunnerUp.Worth)
	}
}

// Why a need went without although something is left: the trip, the lot, or what is still wanted is too little.
func TestWhatIsLeftAndDoesNotHelp(t *testing.T) {
	t.Parallel()
	trip := &matching.Problem{
		NeedQuantity: []int64{8, 4}, ResourceQuantity: []int64{9}, RowStart: []int32{0, 1, 2},
		Edges: []matching.Edge{{Resource: 0, Value: 10}, {Resource: 0, Value: 10}}, Charges: []int64{30, 30},
	}
	e, _ := explainer(t, trip)
	need, err := e.Explain(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, explain.TripUnpaid, need.Reason)
	require.EqualValues(t, 1, need.Rivals[0].Left)
	require.EqualValues(t, 30, need.Rivals[0].Trip)
	require.Equal(t, "need-1 gets 0 of 4: 1 of resource-0 are left, but would not pay for a trip of 30.", need.Sentence)

	for name, c := range map[string]struct {
		wanted, offered, lot int64
		says                 string
	}{
		"less than a lot is left": {9, 4, 5, "need-0 gets 6 of 9: 4 of resource-1 are left, less than the lot of 5 that one match of the two takes at least."},
		"less than a lot is wanted": {10, 10, 10, "need-0 gets 6 of 10: 10 of resource-1 are left, but a match of the two takes " +
			"a lot of 10 at least, more than is still wanted."},
	} {
		p := &matching.Problem{
			NeedQuantity: []int64{c.wanted}, ResourceQuantity: []int64{6, c.offered}, RowStart: []int32{0, 2},
			Edges: []matching.Edge{{Resource: 0, Value: 9}, {Resource: 1, Value: 5}},
		}
		lots := []int64{1, c.lot}
		s, err := charges.SolveLots(t.Context(), p, lots, matching.Options{})
		require.NoError(t, err)
		e := explain.New(explain.Case{
			Problem: p, Solution: s, Lots: lots,
			Need: func(i int32) string { return fmt.Sprintf("need-%d", i) }, Resource: func(r int32) string { return fmt.Sprintf("resource-%d", r) },
		})
		need, err := e.Explain(t.Context(), 0)
		require.NoError(t, err)
		require.Equal(t, explain.TripUnpaid, need.Reason, name)
		require.Equal(t, c.lot, need.Rivals[0].Lot)
		require.Equal(t, c.says, need.Sentence)
	}
}

// What has nothing to give or wants nothing is no candidate, and each kind of useless edge is told apart.
func TestUselessEdges(t *testing.T) {
	t.Parallel()
	p := &matching.Problem{
		NeedQuantity: []int64{3, 3, 3, 0, 2}, ResourceQuantity: []int64{0, 4}, RowStart: []int32{0, 0, 1, 3, 4, 5},
		Edges:   []matching.Edge{{Resource: 0, Value: 8}, {Resource: 1, Value: 0}, {Resource: 1, Value: -2}, {Resource: 1, Value: 5}, {Resource: 1, Value: 4}},
		Charges: []int64{0, 0, 0, 0, 20},
	}
	e, _ := explainer(t, p)
	for need, says := range []string{
		"need-0 has no candidate: the input has no edge for it.",
		"need-1 has no candidate: what it could have has nothing to give.",
		"need-2 has no candidate: a unit on its 2 edges would be worth nothing.",
		"need-3 wants nothing any more.",
		"need-4 has no candidate: no trip on its 1 edge could pay.",
	} {
		answer, err := e.Explain(t.Context(), int32(need))
		require.NoError(t, err)
		require.Equal(t, says, answer.Sentence)
	}
	for says, pair := range map[string][2]int32{
		"resource-0 is no candidate for need-1: it has nothing left.":                {1, 0},
		"resource-1 is no candidate for need-3, which wants nothing any more.":       {3, 1},
		"resource-1 is no candidate for need-4: it would not pay for its trip.":      {4, 1},
		"resource-1 is never used for need-2: a unit of it would be worth 0.":        {2, 1},
		"resource-0 is no candidate for need-0: the input has no edge between them.": {0, 0},
	} {
		answer, err := e.Pair(t.Context(), pair[0], pair[1], true)
		require.NoError(t, err)
		require.Equal(t, explain.NotCandidate, answer.Status)
		require.Equal(t, says, answer.Sentence)
		require.Nil(t, answer.LossExact)
	}
	_, err := e.Pair(t.Context(), 0, 2, true)
	require.ErrorContains(t, err, "explain: resource 2: want 0..1")
	_, err = e.Pair(t.Context(), 0, -1, true)
	require.ErrorContains(t, err, "explain: resource -1: want 0..1")
}

// Which parts of a score are not the unit's own worth is said: that people know each other, that it is proposed already.
func TestPartsThatFavourAPair(t *testing.T) {
	t.Parallel()
	s := kitchen()
	bakery, pantry := place(t, s.Resources, "bakery"), place(t, s.Needs, "near-pantry")
	s.Resources[bakery].Holder, s.Needs[pantry].Holder = "baker", "pantry"
	s.Affinities = []candidates.Affinity{{Giver: "baker", Receiver: "pantry", Minor: 7}}
	s.Scoring.MaxAffinity, s.Scoring.Stability = 10, 0.1
	s.Pins = []candidates.Pin{{Resource: "bakery", Need: "near-pantry", Kind: candidates.PinProposed}}
	s.Canonicalise()
	e, near, _ := explained(t, s, false)
	pair, err := e.Pair(t.Context(), near, place(t, s.Resources, "bakery"), false)
	require.NoError(t, err)
	require.Contains(t, pair.Sentence, ". 0.07 of a unit's score is because giver and receiver know each other"+
		". "+city.FormatMinor(pair.Parts.Stability, "USD")+" of a unit's score is because the pair is proposed already")
	require.Positive(t, pair.Parts.Stability)
}

// A candidate that passes all filters and was not kept is told with the loss that prices certify for it.
func TestACandidateThatWasNotKept(t *testing.T) {
	t.Parallel()
	s := kitchen()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	g, err := index.Generate(t.Context(), candidates.Options{PerNeed: 1})
	require.NoError(t, err)
	solution, err := charges.Solve(t.Context(), &g.Problem, matching.Options{})
	require.NoError(t, err)
	near, cellar := place(t, s.Needs, "near-pantry"), place(t, s.Resources, "cellar")
	e := explain.New(explain.Case{
		Problem: &g.Problem, Solution: solution, Index: index,
		Need: func(i int32) string { return string(s.Needs[i].ID) }, Resource: func(r int32) string { return string(s.Resources[r].ID) },
	})
	pair, err := e.Pair(t.Context(), near, cellar, true)
	require.NoError(t, err)
	if solution.NeedPrice[near] < pair.Parts.Amortised {
		require.Equal(t, "cellar was not among the candidates of near-pantry that were looked at; a unit would be worth 125 there.", pair.Sentence)
	}
	solution.NeedPrice[near] = 181 // prices that prove the whole
	pair, err = e.Pair(t.Context(), near, cellar, true)
	require.NoError(t, err)
	require.Equal(t, 181-125-solution.Gap(), pair.LossAtLeast)
	require.Contains(t, pair.Sentence, "cellar was not among the best candidates of near-pantry, and its prices prove that nothing was lost by that")
	require.Contains(t, pair.Sentence, fmt.Sprintf("Forcing one unit loses %d at least.", 56-solution.Gap()))
}

// Of a search that was stopped nobody says that one more unit is worth its price at most, nor that a loss is one of this allocation.
func TestOfAStoppedSearch(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	p := instances.Random(40, 40, 6, 8, 1000, 3)
	s, err := matching.Solve(stopped, p, matching.Options{})
	require.NoError(t, err)
	require.Positive(t, s.Gap())
	e := explain.New(explain.Case{
		Problem: p, Solution: s,
		Need: func(i int32) string { return fmt.Sprintf("need-%d", i) }, Resource: func(r int32) string { return fmt.Sprintf("resource-%d", r) },
	})
	says := fmt.Sprintf(" This allocation may be %d short of the optimum: prices are those of its bound, and what forcing a unit loses exactly "+
		"is told of the optimum.", s.Gap())
	pair, err := e.Pair(t.Context(), s.Flow[0].Need, p.Edges[s.Flow[0].Edge].Resource, true)
	require.NoError(t, err)
	require.Contains(t, pair.Sentence, "At the prices that prove the bound a unit of the resource is worth ")
	require.Contains(t, pair.Sentence, says)
	need, err := e.Explain(t.Context(), s.Flow[0].Need)
	require.NoError(t, err)
	require.Contains(t, need.Sentence, says)
}
