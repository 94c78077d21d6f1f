package charges_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
)

// exact finds the optimum by branch and bound over which pairs are used. A pair is open (its charge is paid and its lot set aside), closed, or
// free (its charge is spread); the linear optimum then bounds everything below the node.
type exact struct {
	t     *testing.T
	p     *matching.Problem
	lots  []int64
	state []pairState
	best  int64
}

type pairState uint8

const (
	free pairState = iota
	open
	closed
)

func optimum(t *testing.T, p *matching.Problem, lots []int64) int64 {
	t.Helper()
	e := &exact{t: t, p: p, lots: lots, state: make([]pairState, len(p.Edges))}
	e.branch()
	return e.best
}

func (e *exact) branch() {
	linear, paid, spread := e.linear()
	if linear == nil {
		return
	}
	s, err := matching.Solve(context.Background(), linear, matching.Options{Workers: 1})
	require.NoError(e.t, err)
	if s.Bound-paid <= e.best {
		return
	}
	value, next, most := s.Value-paid, int32(-1), int64(0)
	for _, f := range s.Flow {
		if e.state[f.Edge] == free {
			unpaid := e.p.Charges[f.Edge] - spread[f.Edge]*f.Quantity
			value -= unpaid
			if e.lots != nil && f.Quantity < e.lots[f.Edge] {
				value, unpaid = math.MinInt64/2, math.MaxInt64/2
			}
			if unpaid > most {
				next, most = f.Edge, unpaid
			}
		}
	}
	e.best = max(e.best, value)
	if next < 0 {
		return
	}
	for _, choice := range []pairState{open, closed} {
		e.state[next] = choice
		e.branch()
	}
	e.state[next] = free
}

func (e *exact) linear() (linear *matching.Problem, paid int64, spread []int64) {
	q := *e.p
	q.NeedQuantity, q.ResourceQuantity = slices.Clone(q.NeedQuantity), slices.Clone(q.ResourceQuantity)
	q.Charges, q.Edges, spread = nil, append([]matching.Edge(nil), e.p.Edges...), make([]int64, len(e.p.Edges))
	for i, wanted := range e.p.NeedQuantity {
		for k := e.p.RowStart[i]; k < e.p.RowStart[i+1]; k++ {
			switch e.state[k] {
			case open:
				paid += e.p.Charges[k]
				if e.lots != nil { // its lot is set aside for it
					q.NeedQuantity[i] -= e.lots[k]
					q.ResourceQuantity[q.Edges[k].Resource] -= e.lots[k]
					paid -= e.lots[k] * q.Edges[k].Value
				}
			case closed:
				q.Edges[k].Value = 0
			case free:
				spread[k] = e.p.Charges[k] / min(wanted, e.p.ResourceQuantity[q.Edges[k].Resource])
				q.Edges[k].Value -= spread[k]
			}
		}
	}
	if slices.Min(q.NeedQuantity) < 0 || slices.Min(q.ResourceQuantity) < 0 {
		return nil, 0, nil
	}
	return &q, paid, spread
}
