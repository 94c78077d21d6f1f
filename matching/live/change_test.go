package live_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
	"github.com/city-resource-graph/crg/matching/live"
)

// forced takes quantities out of changed rows and returns what they are worth; false where they cannot be forced.
func (r *rows) forced(pairs map[[2]int32]int64) (worth int64, possible bool) {
	for pair, quantity := range pairs {
		edge, found := r.edges[pair]
		if !found || edge[0] <= 0 {
			return 0, false
		}
		worth += edge[0] * quantity
		r.needs[pair[0]] -= quantity
		r.resources[pair[1]] -= quantity
	}
	return worth, slices.Min(r.needs) >= 0 && slices.Min(r.resources) >= 0
}

// Long sequences in which all kinds of changes meet, forces among them, are answered exactly or refused because they
// contradict each other, and nothing of any answer stays.
func TestMixedSequencesAreExact(t *testing.T) {
	t.Parallel()
	for name, p := range problems() {
		if p.Charges != nil {
			continue // what is forced keeps the spread of the quantities before
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, p)
			needs, resources := l.Intervals()
			r := rand.New(rand.NewPCG(2, 2))
			answered := 0
			for range 120 {
				changed, forced := rowsOf(p), map[[2]int32]int64{}
				var changes []live.Change
				for range 1 + r.IntN(12) {
					if r.IntN(4) > 0 {
						changes = append(changes, changed.random(r))
						continue
					}
					pairs := slices.Collect(maps.Keys(changed.edges))
					slices.SortFunc(pairs, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
					if len(pairs) == 0 {
						continue
					}
					pair, quantity := pairs[r.IntN(len(pairs))], r.Int64N(3)
					changes = append(changes, live.Force(pair[0], pair[1], quantity))
					forced[pair] = max(forced[pair], quantity)
				}
				outcome, err := l.Ask(changes...)
				worth, possible := changed.forced(forced)
				if !possible {
					continue // Ask may allow a worthless edge of the problem; where quantities are short it must not
				}
				require.NoError(t, err)
				require.Equal(t, bound(t, changed.problem())+worth, outcome.After, "%+v", changes)
				answered++
			}
			require.Greater(t, answered, 20)
			needsAfter, resourcesAfter := l.Intervals()
			require.Equal(t, needs, needsAfter)
			require.Equal(t, resources, resourcesAfter)
		})
	}
}

// chairs is two needs for 4 and 3 and two resources of 5 and 2.
func chairs() *matching.Problem {
	return &matching.Problem{
		NeedQuantity: []int64{4, 3}, ResourceQuantity: []int64{5, 2}, RowStart: []int32{0, 2, 3},
		Edges: []matching.Edge{{Resource: 0, Value: 10}, {Resource: 1, Value: 4}, {Resource: 0, Value: 7}},
	}
}

// A pair that is forced is forced in the problem that all changes make, wherever it stands among them.
func TestForceHoldsForAllChangesTogether(t *testing.T) {
	t.Parallel()
	l := newLive(t, chairs())
	for name, c := range map[string]struct {
		changes []live.Change
		after   int64
	}{
		"a quantity after it":   {[]live.Change{live.Force(1, 0, 2), live.NeedQuantity(1, 2)}, 2*7 + 3*10 + 4},
		"a value after it":      {[]live.Change{live.Force(1, 0, 3), live.Pair(1, 0, 1, 0)}, 3*1 + 2*10 + 2*4},
		"twice, the most":       {[]live.Change{live.Force(0, 0, 4), live.Force(0, 0, 3)}, 4*10 + 7},
		"beside a worse one":    {[]live.Change{live.Force(0, 1, 2), live.ResourceQuantity(0, 4)}, 2*4 + 2*10 + 2*7},
		"of nothing":            {[]live.Change{live.Force(1, 0, 0)}, 3*7 + 2*10 + 2*4},
		"with another one gone": {[]live.Change{live.Forbid(0, 0), live.Force(1, 0, 3)}, 3*7 + 2*4},
		"on a pair that is new": {[]live.Change{live.Pair(1, 1, 2, 0), live.Force(1, 1, 1)}, 2 + 4*10 + 7 + 2},
	} {
		outcome, err := l.Ask(c.changes...)
		require.NoError(t, err, name)
		require.Equal(t, c.after, outcome.After, name)
	}
}

// The moves of a forced pair tell it with all that it carries.
func TestMovesOfAForcedPair(t *testing.T) {
	t.Parallel()
	outcome, err := newLive(t, chairs()).Ask(live.Force(0, 0, 4))
	require.NoError(t, err)
	require.Equal(t, []live.Move{
		{Need: 0, Resource: 0, Before: 2, After: 4}, {Need: 0, Resource: 1, Before: 2, After: 0}, {Need: 1, Resource: 0, Before: 3, After: 1},
	}, outcome.Moves)
}

func TestWhatCannotBeSupposed(t *testing.T) {
	t.Parallel()
	const most = matching.MaxMagnitude
	l := newLive(t, chairs())
	edge := live.Edge{Other: 0, Value: 3}
	for says, changes := range map[string][]live.Change{
		"force 4 of need 1 and resource 0: they have 3 and 5": {live.Force(1, 0, 4)},
		"force 3 of need 0 and resource 1: they have 4 and 2": {live.Force(0, 1, 3)},
		"force need 1 and resource 1: they are no candidates": {live.Force(1, 1, 1)},
		"force need 0 and resource 0: they are no candidates": {live.Force(0, 0, 1), live.Forbid(0, 0)},
		"force need 1 and resource 0: they are no candidates": {live.Pair(1, 0, -4, 0), live.Force(1, 0, 0)},
		"need 2: want 0..1":                                     {live.NeedQuantity(2, 1)},
		"need -1: want 0..1":                                    {live.Forbid(-1, 0)},
		"resource 2: want 0..1":                                 {live.ResourceQuantity(2, 1)},
		"resource 3: want 0..1":                                 {live.Pair(0, 3, 1, 0)},
		"quantity -1: want 0..1099511627776":                    {live.NeedQuantity(0, -1)},
		"quantity 1099511627777: want 0..1099511627776":         {live.AddResource(most + 1)},
		"edge to 2: want 0..1":                                  {live.AddNeed(1, edge, live.Edge{Other: 2, Value: 1})},
		"edge to 3: want 0..2":                                  {live.AddNeed(1), live.AddResource(1, live.Edge{Other: 3})},
		"value 1099511627777: want -1099511627776":              {live.Pair(0, 0, most+1, 0)},
		"value -1099511627777: want -1099511627776":             {live.AddNeed(1, live.Edge{Value: -most - 1})},
		"charge -1: want 0..1099511627776":                      {live.Pair(0, 0, 1, -1)},
		"charge 5: want 0, the problem has no charges":          {live.AddNeed(1, live.Edge{Value: 9, Charge: 5})},
		"the total value (quantity x value) may exceed 2^62":    {live.Pair(0, 0, most, 0), live.NeedQuantity(0, most), live.ResourceQuantity(0, most)},
		"total value (quantity x value) may exceed 2^62: scale": {live.AddNeed(most, live.Edge{Other: 0, Value: 1 << 23})},
	} {
		_, err := l.Ask(changes...)
		require.ErrorContains(t, err, says)
	}
	var overflow *matching.OverflowError
	_, err := l.Ask(live.Pair(0, 0, most, 0), live.ResourceQuantity(0, most))
	require.ErrorAs(t, err, &overflow)
	outcome, err := l.Ask()
	require.NoError(t, err)
	require.Equal(t, l.Value(), outcome.After, "what was refused has changed nothing")
}

// With trips, too, a pair that a change takes away cannot be forced.
func TestPaidRefusesAForcedPairThatIsGone(t *testing.T) {
	t.Parallel()
	p := instances.Random(12, 10, 4, 20, 60, 5)
	p.Charges = make([]int64, len(p.Edges))
	l := newLive(t, p)
	pair := p.Row(0)[0].Resource
	_, err := l.AskPaid(context.Background(), live.Force(0, pair, 1), live.Forbid(0, pair))
	require.ErrorContains(t, err, "they are no candidates")
	_, err = l.AskPaid(context.Background(), live.Forbid(0, pair), live.NeedQuantity(0, 3), live.Force(0, pair, 1))
	require.ErrorContains(t, err, "they are no candidates")
}
