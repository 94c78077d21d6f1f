package fairness

import (
	"math/bits"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// reserve is a problem that keeps floors by quantities in place of bonuses: an ordinary transportation problem, so that
// engine, certificate and search serve it as any other.
//
// A group that wants D units and is to get L may go without D - L of them. A stand-in with that quantity, worth nothing,
// serves these; and all D have to be served, by somebody or by the stand-in. That they are is seen to by a bonus on each
// edge of the group, the stand-in's too: where everything is served it adds the same to every allocation, and so decides
// nothing else. What the floor does not ask for is then worth no more than it is.
//
// The stand-in of a group inside a larger one draws on the larger one's. It is a need as well, which wants its whole
// quantity: from itself what is not used, from the larger stand-in what is.
//
// This is exact where floors are nested or disjoint and a need's edges count all or none. Other floors cross: then what
// an allocation gives to each part is split up first (see restricted).
type reserve struct {
	whole  *matching.Problem
	rows   []row
	groups []group // smaller ones before those that they are inside of
	exact  bool

	matching.Problem         // its needs are the rows, then the groups inside others; its resources the whole's, then the stand-ins
	edge             []int32 // of the whole by edge, -1 for that of a stand-in
	home             []int32 // by need: the group whose stand-in serves it, -1: none
}

// row is a need, or the part of one whose edges count for the same floors.
type row struct {
	need     int32
	quantity int64
	sign     uint64  // floors that its edges count for
	edges    []int32 // nil: all of the need's
}

// group is the needs that one floor is for.
type group struct {
	floor  int    // that asks for it, where the reserve is exact
	sign   uint64 // of its rows: the floor, or all floors that they count for
	least  int64
	slack  int64 // units that it may go without
	parent int   // -1: none
}

// MostFloors is how many floors a sign has room for.
const MostFloors = 64

// newReserve makes the problem of floors that all ask for something. Exact says whether its allocations are those that
// keep them; if not, it has no groups.
func newReserve(p *matching.Problem, floors []Floor) *reserve {
	v := &reserve{whole: p, exact: true}
	for i := range p.NeedQuantity {
		rows := rowsOf(p, floors, int32(i))
		v.exact = v.exact && len(rows) <= 1
		v.rows = append(v.rows, rows...)
	}
	for k := range floors {
		v.groups = append(v.groups, group{floor: k, sign: 1 << k, least: floors[k].Least, parent: -1})
	}
	if !v.exact || !v.nest() {
		return &reserve{whole: p, rows: v.rows}
	}
	v.build()
	return v
}

// rowsOf splits what a need could use by the floors that it counts for.
func rowsOf(p *matching.Problem, floors []Floor, i int32) []row {
	if p.NeedQuantity[i] == 0 {
		return nil
	}
	var rows []row
	for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
		r := p.Edges[k].Resource
		if p.ResourceQuantity[r] == 0 {
			continue
		}
		sign := uint64(0)
		for f := range floors {
			if floors[f].CountsPair(i, r) {
				sign |= 1 << f
			}
		}
		at := slices.IndexFunc(rows, func(r row) bool { return r.sign == sign })
		if at < 0 {
			at, rows = len(rows), append(rows, row{need: i, quantity: p.NeedQuantity[i], sign: sign})
		}
		rows[at].edges = append(rows[at].edges, k)
	}
	return rows
}

// nest finds out what is inside what, and sorts the groups by size; false if some cross.
func (v *reserve) nest() bool {
	size := make([]int, len(v.groups))
	both := make([][]int, len(v.groups))
	for f := range v.groups {
		both[f] = make([]int, len(v.groups))
	}
	for _, r := range v.rows {
		for left := r.sign; left != 0; left &= left - 1 {
			f := bits.TrailingZeros64(left)
			size[f]++
			for other := r.sign; other != 0; other &= other - 1 {
				both[f][bits.TrailingZeros64(other)]++
			}
		}
	}
	order := make([]int, len(v.groups))
	for f := range order {
		order[f] = f
	}
	slices.SortStableFunc(order, func(a, b int) int { return size[a] - size[b] })
	sorted := make([]group, len(order))
	for at, f := range order {
		sorted[at] = v.groups[f]
		for larger, g := range order[at+1:] {
			switch both[f][g] {
			case 0:
			case size[f]:
				if sorted[at].parent < 0 {
					sorted[at].parent = at + 1 + larger
				}
			default:
				return false
			}
		}
	}
	v.groups = sorted
	return true
}

// homeOf is the smallest group that a row is in, -1 if there is none.
func (v *reserve) homeOf(r *row) int32 {
	return int32(slices.IndexFunc(v.groups, func(g group) bool { return g.sign&^r.sign == 0 }))
}

// build writes the problem down, without the bonus. A group that asks for more than it wants has a slack of 0 and is short.
func (v *reserve) build() {
	p := v.whole
	v.RowStart = []int32{0}
	v.ResourceQuantity = slices.Clone(p.ResourceQuantity)
	wanted := make([]int64, len(v.groups))
	for k := range v.rows {
		r := &v.rows[k]
		home := v.homeOf(r)
		for _, edge := range r.edges {
			v.add(edge, p.Edges[edge])
		}
		if home >= 0 {
			v.add(-1, v.standIn(home))
			for g := int(home); g >= 0; g = v.groups[g].parent {
				wanted[g] += r.quantity
			}
		}
		v.end(r.quantity, home)
	}
	for k := range v.groups {
		g := &v.groups[k]
		g.slack = max(wanted[k]-g.least, 0)
		v.ResourceQuantity = append(v.ResourceQuantity, g.slack)
	}
	for k, g := range v.groups {
		if g.parent >= 0 {
			v.add(-1, v.standIn(int32(k)))
			v.add(-1, v.standIn(int32(g.parent)))
			v.end(g.slack, int32(k))
		}
	}
}

func (v *reserve) standIn(group int32) matching.Edge {
	return matching.Edge{Resource: int32(len(v.whole.ResourceQuantity)) + group}
}

func (v *reserve) add(edge int32, e matching.Edge) {
	v.Edges, v.edge = append(v.Edges, e), append(v.edge, edge)
	if v.whole.Charges != nil {
		charge := int64(0)
		if edge >= 0 {
			charge = v.whole.Charges[edge]
		}
		v.Charges = append(v.Charges, charge)
	}
}

func (v *reserve) end(quantity int64, home int32) {
	v.RowStart = append(v.RowStart, int32(len(v.Edges)))
	v.NeedQuantity = append(v.NeedQuantity, quantity)
	v.home = append(v.home, home)
}

// with is the problem with its bonus.
func (v *reserve) with(bonus int64) *matching.Problem {
	p := v.Problem
	p.Edges = slices.Clone(p.Edges)
	for i, home := range v.home {
		for k := p.RowStart[i]; k < p.RowStart[i+1] && home >= 0; k++ {
			p.Edges[k].Value += bonus
		}
	}
	return &p
}

// units is the problem in which every unit that a group wants counts 1, and nothing else does.
func (v *reserve) units() *matching.Problem {
	p := v.Problem
	p.Charges, p.Edges = nil, slices.Clone(p.Edges)
	for i, home := range v.home {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			p.Edges[k].Value = 0
			if home >= 0 {
				p.Edges[k].Value = 1
			}
		}
	}
	return &p
}

// short is how many units that have to be served an allocation leaves unserved.
func (v *reserve) short(flows []matching.EdgeFlow) int64 {
	units := int64(0)
	for i, home := range v.home {
		if home >= 0 {
			units += v.NeedQuantity[i]
		}
	}
	for _, f := range flows {
		if v.home[f.Need] >= 0 {
			units -= f.Quantity
		}
	}
	return units
}
