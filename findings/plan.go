package findings

import (
	"cmp"
	"maps"
	"slices"

	"github.com/city-resource-graph/crg/matching/live"
)

// plan is a run's allocation that can be changed for a question and is put back after it.
type plan struct {
	solved     *Solved
	favour     *favour
	need       []int32 // by edge
	worth      []int64 // by edge: of a unit, its charge spread
	ofResource [][]int32

	flow                []int64 // by edge
	needLeft, stockLeft []int64
	touched             map[int32]int64 // edges that the question changed, with what they carried before
}

func newPlan(s *Solved) *plan {
	p := &s.Graph.Problem
	c := &plan{
		solved: s, favour: newFavour(s), need: make([]int32, len(p.Edges)), worth: make([]int64, len(p.Edges)), flow: make([]int64, len(p.Edges)),
		ofResource: make([][]int32, len(p.ResourceQuantity)), needLeft: slices.Clone(p.NeedQuantity),
		stockLeft: slices.Clone(p.ResourceQuantity), touched: map[int32]int64{},
	}
	for k, edge := range p.Amortised().Edges {
		c.worth[k] = edge.Value
	}
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			c.need[k] = int32(i) //nolint:gosec // a problem has fewer than 2^31 needs
			c.ofResource[p.Edges[k].Resource] = append(c.ofResource[p.Edges[k].Resource], k)
		}
	}
	for _, f := range s.Solution.Flow {
		c.add(f.Edge, f.Quantity)
	}
	clear(c.touched)
	return c
}

func (c *plan) ofNeed(need int32) []int32 {
	start, end := c.solved.Graph.RowStart[need], c.solved.Graph.RowStart[need+1]
	edges := make([]int32, 0, end-start)
	for k := start; k < end; k++ {
		edges = append(edges, k)
	}
	return edges
}

func (c *plan) add(edge int32, quantity int64) {
	if _, known := c.touched[edge]; !known {
		c.touched[edge] = c.flow[edge]
	}
	c.flow[edge] += quantity
	c.needLeft[c.need[edge]] -= quantity
	c.stockLeft[c.solved.Graph.Edges[edge].Resource] -= quantity
}

// trial is what a question's changes are worth, and which they are.
type trial struct {
	worth   int64
	changes []change
	lacks   []FloorLack // what floors would be short of
	tiers   []int64     // by urgency, in a run in strict order: what it brings
}

type change struct {
	edge          int32
	before, after int64
}

// try makes changes, weighs them and takes them back.
func (c *plan) try(make func()) trial {
	clear(c.touched)
	make()
	t := trial{}
	for edge, before := range c.touched {
		after := c.flow[edge]
		t.worth += c.solved.net(edge, after) - c.solved.net(edge, before)
		if after != before {
			t.changes = append(t.changes, change{edge, before, after})
		}
	}
	for _, change := range t.changes {
		c.add(change.edge, change.before-change.after)
	}
	slices.SortFunc(t.changes, func(a, b change) int { return cmp.Compare(a.edge, b.edge) })
	c.favour.weigh(&t, c.need)
	return t
}

// refuse empties an edge.
func (c *plan) refuse(edge int32) { c.add(edge, -c.flow[edge]) }

// settle finds whoever lost something to a choice something else, but never on the chosen edge.
func (c *plan) settle(chosen int32) {
	for _, edge := range slices.Sorted(maps.Keys(c.touched)) {
		c.fill(c.ofNeed(c.need[edge]), chosen)
		c.fill(c.ofResource[c.solved.Graph.Edges[edge].Resource], chosen)
	}
}

// force makes an edge carry a quantity at least: others give way, the one who loses least first.
func (c *plan) force(edge int32, quantity int64) {
	missing := quantity - c.flow[edge]
	if missing <= 0 {
		return
	}
	need, resource := c.need[edge], c.solved.Graph.Edges[edge].Resource
	c.free(c.ofNeed(need), edge, missing-c.needLeft[need])
	c.free(c.ofResource[resource], edge, missing-c.stockLeft[resource])
	c.add(edge, missing)
}

// free takes a quantity from the edges, the least urgent and then those of the least worth first. A pair that would fall below its lot gives all.
func (c *plan) free(edges []int32, except int32, quantity int64) {
	used := slices.DeleteFunc(slices.Clone(edges), func(k int32) bool { return k == except || c.flow[k] == 0 })
	slices.SortFunc(used, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.tier(b), c.tier(a)), cmp.Compare(c.worth[a], c.worth[b]), cmp.Compare(a, b))
	})
	for _, k := range used {
		if quantity <= 0 {
			break
		}
		part := min(quantity, c.flow[k])
		if rest := c.flow[k] - part; rest > 0 && rest < c.lot(k) {
			part = c.flow[k]
		}
		c.add(k, -part)
		quantity -= part
	}
}

// fill gives what is left of both ends to the edges, to the most urgent and then to the one that gains most first.
func (c *plan) fill(edges []int32, except int32) {
	for {
		best, most, gain := int32(-1), int64(0), int64(0)
		for _, k := range edges {
			quantity := min(c.needLeft[c.need[k]], c.stockLeft[c.solved.Graph.Edges[k].Resource])
			if k == except || quantity <= 0 || c.flow[k]+quantity < c.lot(k) {
				continue
			}
			more := c.solved.net(k, c.flow[k]+quantity) - c.solved.net(k, c.flow[k])
			if more > 0 && (best < 0 || c.tier(k) < c.tier(best) || c.tier(k) == c.tier(best) && more > gain) {
				best, most, gain = k, quantity, more
			}
		}
		if best < 0 {
			return
		}
		c.add(best, most)
	}
}

// tier is the place of an edge's need in a strict order of service, 0 where there is none.
func (c *plan) tier(edge int32) int {
	if c.solved.Graph.Tier == nil {
		return 0
	}
	return c.solved.Graph.Tier[c.need[edge]]
}

// lot is the least quantity of an edge if it is used at all.
func (c *plan) lot(edge int32) int64 {
	if c.solved.Graph.Lots == nil {
		return 0
	}
	return c.solved.Graph.Lots[edge]
}

// follow makes the moves of the relaxed problem as far as they are possible here: first what gives, then what takes.
func (c *plan) follow(moves []live.Move) {
	for _, giving := range []bool{true, false} {
		for _, move := range moves {
			edge, found := c.solved.Graph.Edge(move.Need, move.Resource)
			quantity := move.After - move.Before
			if !found || (quantity < 0) != giving {
				continue
			}
			if giving {
				quantity = max(quantity, -c.flow[edge])
			} else {
				quantity = min(quantity, c.needLeft[move.Need], c.stockLeft[move.Resource])
			}
			if after := c.flow[edge] + quantity; after > 0 && after < c.lot(edge) {
				continue
			}
			c.add(edge, quantity)
		}
	}
}
