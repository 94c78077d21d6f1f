package live_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/instances"
	"github.com/city-resource-graph/crg/matching/live"
)

// charged is a problem with trip charges that falls into several components, its run's allocation, and both live.
func charged(t *testing.T) (*matching.Problem, *matching.Solution, *live.Live) {
	t.Helper()
	p := instances.Random(30, 24, 3, 20, 60, 5)
	r := rand.New(rand.NewPCG(9, 9))
	for range p.Edges {
		p.Charges = append(p.Charges, r.Int64N(300))
	}
	s, err := charges.Solve(context.Background(), p, matching.Options{})
	require.NoError(t, err)
	l, err := live.New(context.Background(), p, s)
	require.NoError(t, err)
	return p, s, l
}

// What is achieved lies within the bound, comes close to what solving the changed problem anew achieves, and asking
// leaves the live optimum, the problem and the solution as they were.
func TestPaidAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, s, l := charged(t)
	problem, flows, basis := rowsOf(p), append([]matching.EdgeFlow(nil), s.Flow...), *s.Basis
	nothing, err := l.AskPaid(ctx)
	require.NoError(t, err)
	require.Equal(t, s.Value, nothing.AchievedBefore)
	require.Equal(t, s.Value, nothing.AchievedAfter)
	r := rand.New(rand.NewPCG(3, 3))
	short := int64(0)
	for range 60 {
		changed := rowsOf(p)
		var changes []live.Change
		for range 1 + r.IntN(3) {
			changes = append(changes, changed.random(r))
		}
		paid, err := l.AskPaid(ctx, changes...)
		require.NoError(t, err)
		anew, err := charges.Solve(ctx, changed.problem(), matching.Options{})
		require.NoError(t, err)
		require.Equal(t, anew.Bound, paid.After)
		require.LessOrEqual(t, paid.AchievedAfter, paid.After)
		require.LessOrEqual(t, paid.AchievedBefore, paid.Before)
		require.GreaterOrEqual(t, paid.AchievedBefore, s.Value)
		short += max(0, anew.Value-paid.AchievedAfter)
	}
	require.Less(t, float64(short), 0.002*60*float64(s.Value))
	require.Equal(t, problem, rowsOf(p))
	require.Equal(t, flows, s.Flow)
	require.True(t, reflect.DeepEqual(basis, *s.Basis))
	again, err := l.AskPaid(ctx)
	require.NoError(t, err)
	require.Equal(t, nothing, again)
}

// A forced pair pays its whole trip, and what is achieved with it is one unit of it at least.
func TestPaidForce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, s, l := charged(t)
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			e := p.Edges[k]
			paid, err := l.AskPaid(ctx, live.Force(int32(i), e.Resource, 1))
			require.NoError(t, err)
			require.LessOrEqual(t, paid.AchievedAfter, paid.After)
			require.LessOrEqual(t, paid.AchievedAfter, s.Bound, "the forced allocation is one of the problem's own")
		}
	}
}

// Lots are kept in what is achieved; the bound is the one without them.
func TestPaidKeepsLots(t *testing.T) {
	t.Parallel()
	p := &matching.Problem{
		NeedQuantity: []int64{10}, ResourceQuantity: []int64{6, 10}, RowStart: []int32{0, 2},
		Edges: []matching.Edge{{Resource: 0, Value: 9}, {Resource: 1, Value: 5}}, Charges: []int64{0, 0},
	}
	s, err := charges.SolveLots(context.Background(), p, []int64{1, 10}, matching.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 54, s.Value)
	require.EqualValues(t, 74, s.Bound)
	l, err := live.New(context.Background(), p, s)
	require.NoError(t, err)
	l.KeepLots([]int64{1, 10})
	paid, err := l.AskPaid(context.Background(), live.ResourceQuantity(0, 5))
	require.NoError(t, err)
	require.EqualValues(t, 54, paid.AchievedBefore)
	require.EqualValues(t, 50, paid.AchievedAfter, "ten of the second one, or five of the first")
	require.EqualValues(t, 70, paid.After)
}
