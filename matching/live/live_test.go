package live_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
	"github.com/city-resource-graph/crg/matching/live"
)

// rows is a problem that is easy to change, to solve anew what a question supposes.
type rows struct {
	needs, resources []int64
	edges            map[[2]int32][2]int64 // need, resource: value, charge
	charged          bool
}

func rowsOf(p *matching.Problem) *rows {
	r := &rows{
		needs: append([]int64(nil), p.NeedQuantity...), resources: append([]int64(nil), p.ResourceQuantity...),
		edges: map[[2]int32][2]int64{}, charged: p.Charges != nil,
	}
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			pair := [2]int64{p.Edges[k].Value, 0}
			if r.charged {
				pair[1] = p.Charges[k]
			}
			if have, twice := r.edges[[2]int32{int32(i), p.Edges[k].Resource}]; !twice || have[0] < pair[0] {
				r.edges[[2]int32{int32(i), p.Edges[k].Resource}] = pair
			}
		}
	}
	return r
}

func (r *rows) problem() *matching.Problem {
	p := &matching.Problem{NeedQuantity: r.needs, ResourceQuantity: r.resources, RowStart: []int32{0}}
	for i := range r.needs {
		for k := range r.resources {
			if pair, found := r.edges[[2]int32{int32(i), int32(k)}]; found {
				p.Edges = append(p.Edges, matching.Edge{Resource: int32(k), Value: pair[0]})
				if r.charged {
					p.Charges = append(p.Charges, pair[1])
				}
			}
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	return p
}

func bound(t *testing.T, p *matching.Problem) int64 {
	t.Helper()
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	require.NoError(t, err)
	return s.Bound
}

func newLive(t *testing.T, p *matching.Problem) *live.Live {
	t.Helper()
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	require.NoError(t, err)
	l, err := live.New(context.Background(), p, s)
	require.NoError(t, err)
	require.Equal(t, s.Bound, l.Value())
	return l
}

func problems() map[string]*matching.Problem {
	list := map[string]*matching.Problem{
		"small":   instances.Random(4, 3, 3, 5, 20, 1),
		"ties":    instances.Random(30, 30, 6, 4, 1, 2),
		"narrow":  instances.Random(40, 10, 5, 9, 50, 3),
		"wide":    instances.Random(10, 40, 8, 9, 50, 4),
		"charged": instances.Random(25, 25, 6, 20, 60, 5),
		"unit":    instances.Dense(12, 12, 1, 30, 6),
	}
	r := rand.New(rand.NewPCG(9, 9))
	charged := list["charged"]
	charged.Charges = make([]int64, len(charged.Edges))
	for k := range charged.Charges {
		charged.Charges[k] = r.Int64N(200)
	}
	return list
}

// Whatever is supposed, the answer is the optimum of the changed problem, and the next answer is not affected.
func TestAnswersAreExact(t *testing.T) {
	t.Parallel()
	for name, p := range problems() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, p)
			r := rand.New(rand.NewPCG(1, 1))
			for range 150 {
				changed := rowsOf(p)
				var changes []live.Change
				expected := int64(0)
				for range 1 + r.IntN(3) {
					changes = append(changes, changed.random(r))
				}
				outcome, err := l.Ask(changes...)
				require.NoError(t, err)
				expected += bound(t, changed.problem())
				require.Equal(t, expected, outcome.After, "%+v", changes)
				require.Equal(t, l.Value(), outcome.Before)
			}
		})
	}
}

// random supposes something and changes the rows likewise.
func (r *rows) random(source *rand.Rand) live.Change {
	need, resource := int32(source.IntN(len(r.needs))), int32(source.IntN(len(r.resources)))
	charge := int64(0)
	if r.charged {
		charge = source.Int64N(100)
	}
	switch source.IntN(6) {
	case 0:
		r.needs[need] = source.Int64N(12)
		return live.NeedQuantity(need, r.needs[need])
	case 1:
		r.resources[resource] = source.Int64N(12)
		return live.ResourceQuantity(resource, r.resources[resource])
	case 2:
		delete(r.edges, [2]int32{need, resource})
		return live.Forbid(need, resource)
	case 3:
		value := source.Int64N(60)
		r.edges[[2]int32{need, resource}] = [2]int64{value, charge}
		return live.Pair(need, resource, value, charge)
	case 4:
		r.needs = append(r.needs, source.Int64N(10))
		var edges []live.Edge
		for k := range r.resources {
			if source.IntN(3) == 0 {
				e := live.Edge{Other: int32(k), Value: source.Int64N(60), Charge: charge}
				edges = append(edges, e)
				r.edges[[2]int32{int32(len(r.needs) - 1), e.Other}] = [2]int64{e.Value, e.Charge}
			}
		}
		return live.AddNeed(r.needs[len(r.needs)-1], edges...)
	default:
		r.resources = append(r.resources, source.Int64N(10))
		var edges []live.Edge
		for k := range r.needs {
			if source.IntN(3) == 0 {
				e := live.Edge{Other: int32(k), Value: source.Int64N(60), Charge: charge}
				edges = append(edges, e)
				r.edges[[2]int32{e.Other, int32(len(r.resources) - 1)}] = [2]int64{e.Value, e.Charge}
			}
		}
		return live.AddResource(r.resources[len(r.resources)-1], edges...)
	}
}

// Forcing a pair loses at least its reduced cost per unit, and exactly what solving with the pair fixed says.
func TestForcing(t *testing.T) {
	t.Parallel()
	p := instances.Random(40, 30, 8, 9, 50, 7)
	s, err := matching.Solve(context.Background(), p, matching.Options{})
	require.NoError(t, err)
	l, err := live.New(context.Background(), p, s)
	require.NoError(t, err)
	carried := map[int32]int64{}
	for _, f := range s.Flow {
		carried[f.Edge] = f.Quantity
	}
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			e := p.Edges[k]
			for _, quantity := range []int64{1, min(p.NeedQuantity[i], p.ResourceQuantity[e.Resource])} {
				outcome, err := l.Ask(live.Force(int32(i), e.Resource, quantity))
				require.NoError(t, err)
				fixed := rowsOf(p)
				fixed.needs[i] -= quantity
				fixed.resources[e.Resource] -= quantity
				require.Equal(t, bound(t, fixed.problem())+quantity*e.Value, outcome.After)
				reduced := s.NeedPrice[i] + s.ResourcePrice[e.Resource] - e.Value
				require.GreaterOrEqual(t, -outcome.Gain(), reduced*max(0, quantity-carried[k]))
			}
		}
	}
}

// The ends of a price interval are what one unit more is worth and what one unit less loses.
func TestIntervalsAreDerivatives(t *testing.T) {
	t.Parallel()
	for name, p := range problems() {
		if p.Charges != nil {
			continue // there a quantity changes the spread of the charges, too
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, p)
			needs, resources := l.Intervals()
			for k, q := range p.ResourceQuantity {
				more, err := l.Ask(live.ResourceQuantity(int32(k), q+1))
				require.NoError(t, err)
				require.Equal(t, more.Gain(), resources[k].Low)
				less, err := l.Ask(live.ResourceQuantity(int32(k), q-1))
				require.NoError(t, err)
				require.Equal(t, -less.Gain(), resources[k].High)
			}
			for k, q := range p.NeedQuantity {
				more, err := l.Ask(live.NeedQuantity(int32(k), q+1))
				require.NoError(t, err)
				require.Equal(t, more.Gain(), needs[k].Low)
				less, err := l.Ask(live.NeedQuantity(int32(k), q-1))
				require.NoError(t, err)
				require.Equal(t, -less.Gain(), needs[k].High)
			}
		})
	}
}

// The moves of an answer lead from the one optimum to the other.
func TestMovesTellTheDifference(t *testing.T) {
	t.Parallel()
	p := instances.Random(30, 20, 6, 9, 50, 8)
	l := newLive(t, p)
	changed := rowsOf(p)
	outcome, err := l.Ask(live.ResourceQuantity(3, 0))
	require.NoError(t, err)
	require.NotEmpty(t, outcome.Moves)
	difference := int64(0)
	for _, m := range outcome.Moves {
		difference += (m.After - m.Before) * changed.edges[[2]int32{m.Need, m.Resource}][0]
	}
	require.Equal(t, outcome.Gain(), difference)
}

func BenchmarkForce(b *testing.B) {
	ctx := context.Background()
	city := instances.City100k(10)
	city.Categories = 1
	p := instances.City(city)
	s, err := matching.Solve(ctx, p, matching.Options{})
	require.NoError(b, err)
	l, err := live.New(ctx, p, s)
	require.NoError(b, err)
	r := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		need := int32(r.IntN(len(p.NeedQuantity)))
		if row := p.Row(int(need)); len(row) > 0 {
			_, err := l.Ask(live.Force(need, row[r.IntN(len(row))].Resource, 1))
			require.NoError(b, err)
		}
	}
}

// The ends are the derivatives on small problems with ties, nothing left over, worthless edges and quantities of 0, too:
// there a first unit is worth what it says, told by solving anew.
func TestIntervalsOfDegenerateProblems(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 11))
	for range 600 {
		p := &matching.Problem{RowStart: []int32{0}}
		most := int64(1 + r.IntN(3))
		for range 1 + r.IntN(6) {
			p.ResourceQuantity = append(p.ResourceQuantity, r.Int64N(most+1))
		}
		for range 1 + r.IntN(6) {
			p.NeedQuantity = append(p.NeedQuantity, r.Int64N(most+1))
			for k := range p.ResourceQuantity {
				if r.IntN(3) > 0 {
					p.Edges = append(p.Edges, matching.Edge{Resource: int32(k), Value: r.Int64N(int64(2+r.IntN(12))) - 1})
				}
			}
			p.RowStart = append(p.RowStart, int32(len(p.Edges)))
		}
		needs, resources := newLive(t, p).Intervals()
		value := bound(t, p)
		for _, side := range []struct {
			quantity  []int64
			intervals []live.Interval
		}{{p.NeedQuantity, needs}, {p.ResourceQuantity, resources}} {
			for k, i := range side.intervals {
				side.quantity[k]++
				require.Equal(t, value+i.Low, bound(t, p))
				side.quantity[k]--
				if side.quantity[k] == 0 {
					require.Equal(t, i.Low, i.High)
					continue
				}
				side.quantity[k]--
				require.Equal(t, value-i.High, bound(t, p))
				side.quantity[k]++
			}
		}
	}
}
