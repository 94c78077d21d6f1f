package explain

import (
	"context"
	"fmt"
	"strconv"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/live"
)

// Case is a solved problem and the words to talk about it.
type Case struct {
	Problem  *matching.Problem
	Solution *matching.Solution

	Need     func(index int32) string // the name of a need
	Resource func(index int32) string
	Money    func(minor int64) string // nil: the plain number of minor units
	Currency string                   // of the minor units; empty: not known

	Tier []int   // by need: its place in a strict order of service; nil: value alone decides
	Lots []int64 // least quantity of each pair, parallel to the edges; nil: any

	Weights []int64           // by need, in millionths, that its values were multiplied by; nil: values are as they are
	Plain   *matching.Problem // the problem before that

	Floors []Floor // whose bonuses are in the values; nil: those of the index's snapshot

	Index *candidates.Index // of the snapshot that the problem was made from; nil: filters and score parts are not known
}

// Explainer answers questions about one case. It is not safe for concurrent use.
type Explainer struct {
	Case
	worth      []int64 // by edge: of a unit, its charge spread
	ofNeed     map[int32][]use
	ofResource map[int32][]use
	approved   map[int32][]candidates.Fixed // by need
	gap        map[int32]int64              // by need: how much of the gap lies in its component
	live       *live.Live
}

// use is a pair that carries something.
type use struct {
	edge, need, resource int32
	quantity             int64
}

// New prepares a case for questions.
func New(c Case) *Explainer {
	if c.Money == nil {
		c.Money = func(minor int64) string { return strconv.FormatInt(minor, 10) }
	}
	if c.Floors == nil && c.Index != nil {
		c.Floors = floorsOf(c.Index, c.Problem, c.Solution)
	}
	e := &Explainer{Case: c, ofNeed: map[int32][]use{}, ofResource: map[int32][]use{}, gap: map[int32]int64{}, approved: map[int32][]candidates.Fixed{}}
	if c.Index != nil {
		for _, f := range c.Index.Approved() {
			e.approved[f.Need] = append(e.approved[f.Need], f)
		}
	}
	linear := c.Problem.Amortised()
	e.worth = make([]int64, len(linear.Edges))
	for k := range linear.Edges {
		e.worth[k] = linear.Edges[k].Value
	}
	for _, f := range c.Solution.Flow {
		u := use{f.Edge, f.Need, c.Problem.Edges[f.Edge].Resource, f.Quantity}
		e.ofNeed[u.need] = append(e.ofNeed[u.need], u)
		e.ofResource[u.resource] = append(e.ofResource[u.resource], u)
	}
	e.shareGap()
	return e
}

// shareGap finds each component's part of the gap. Without charges there is none.
func (e *Explainer) shareGap() {
	if e.Solution.Gap() == 0 {
		return
	}
	for _, needs := range matching.Components(e.Problem) {
		gap := int64(0)
		seen := map[int32]bool{}
		for _, i := range needs {
			gap += e.Problem.NeedQuantity[i] * e.Solution.NeedPrice[i]
			for _, edge := range e.Problem.Row(int(i)) {
				if r := edge.Resource; !seen[r] {
					seen[r] = true
					gap += e.Problem.ResourceQuantity[r] * e.Solution.ResourcePrice[r]
				}
			}
			for _, u := range e.ofNeed[i] {
				gap -= e.net(u)
			}
		}
		for _, i := range needs {
			e.gap[i] = gap
		}
	}
}

// net is what a used pair brings.
func (e *Explainer) net(u use) int64 {
	return u.quantity*e.Problem.Edges[u.edge].Value - e.charge(u.edge)
}

func (e *Explainer) charge(edge int32) int64 {
	if e.Problem.Charges == nil {
		return 0
	}
	return e.Problem.Charges[edge]
}

// edge finds the best edge of a pair.
func (e *Explainer) edge(need, resource int32) (int32, bool) {
	found := int32(-1)
	start := e.Problem.RowStart[need]
	for k, edge := range e.Problem.Row(int(need)) {
		if at := start + int32(k); edge.Resource == resource && (found < 0 || e.worth[at] > e.worth[found]) {
			found = at
		}
	}
	return found, found >= 0
}

// reduced is what forcing one unit onto an edge loses at least against the bound.
func (e *Explainer) reduced(need, edge int32) int64 {
	return e.Solution.NeedPrice[need] + e.Solution.ResourcePrice[e.Problem.Edges[edge].Resource] - e.worth[edge]
}

// rank is the place of an edge among its need's candidates by worth, from 1, and the next best other candidate.
func (e *Explainer) rank(need, edge int32) (rank, of int, runnerUp int32) {
	runnerUp = -1
	rank = 1
	for k := e.Problem.RowStart[need]; k < e.Problem.RowStart[need+1]; k++ {
		if e.worth[k] <= 0 {
			continue
		}
		of++
		if k == edge || e.Problem.Edges[k].Resource == e.Problem.Edges[edge].Resource {
			continue
		}
		if e.worth[k] > e.worth[edge] || e.worth[k] == e.worth[edge] && k < edge {
			rank++
		}
		if e.carried(need, k) == 0 && (runnerUp < 0 || e.worth[k] > e.worth[runnerUp]) {
			runnerUp = k
		}
	}
	return rank, of, runnerUp
}

func (e *Explainer) carried(need, edge int32) int64 {
	for _, u := range e.ofNeed[need] {
		if u.edge == edge {
			return u.quantity
		}
	}
	return 0
}

func (e *Explainer) checkNeed(need int32) error {
	if need < 0 || int(need) >= len(e.Problem.NeedQuantity) {
		return fmt.Errorf("explain: need %d: want 0..%d", need, len(e.Problem.NeedQuantity)-1)
	}
	return nil
}

func (e *Explainer) checkResource(resource int32) error {
	if resource < 0 || int(resource) >= len(e.Problem.ResourceQuantity) {
		return fmt.Errorf("explain: resource %d: want 0..%d", resource, len(e.Problem.ResourceQuantity)-1)
	}
	return nil
}

// optimum is the live optimum, made at the first question that needs it.
func (e *Explainer) optimum(ctx context.Context) (*live.Live, error) {
	if e.live == nil {
		l, err := live.New(ctx, e.Problem, e.Solution)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		l.KeepLots(e.Lots)
		e.live = l
	}
	return e.live, nil
}
