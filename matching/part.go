package matching

import "slices"

// Components returns the needs of each independent part of the problem, ascending, the part with most edges first.
// Needs and resources that no usable edge joins to anything are in none of them.
func Components(p *Problem) [][]int32 { return splitComponents(p).needs }

// Part is a selection of a problem's needs with all their edges and the resources at their ends: a problem of its own
// that knows where its rows come from. A part made of whole components can be solved without the rest.
type Part struct {
	Problem
	Needs     []int32 // index in the whole problem, ascending
	Resources []int32 // index in the whole problem, ascending
}

// NewPart takes the given needs, ascending, out of a problem.
func NewPart(p *Problem, needs []int32) *Part {
	part := &Part{Needs: needs}
	edges := 0
	for _, i := range needs {
		for _, e := range p.Row(int(i)) {
			part.Resources = append(part.Resources, e.Resource)
		}
		edges += int(p.RowStart[i+1] - p.RowStart[i])
	}
	slices.Sort(part.Resources)
	part.Resources = slices.Clip(slices.Compact(part.Resources))
	local := make(map[int32]int32, len(part.Resources))
	part.ResourceQuantity = make([]int64, len(part.Resources))
	for k, r := range part.Resources {
		local[r] = int32(k)
		part.ResourceQuantity[k] = p.ResourceQuantity[r]
	}
	part.NeedQuantity = make([]int64, len(needs))
	part.RowStart = make([]int32, len(needs)+1)
	part.Edges = make([]Edge, 0, edges)
	for k, i := range needs {
		part.NeedQuantity[k] = p.NeedQuantity[i]
		for _, e := range p.Row(int(i)) {
			part.Edges = append(part.Edges, Edge{Resource: local[e.Resource], Value: e.Value})
		}
		if p.Charges != nil {
			part.Charges = append(part.Charges, p.Charges[p.RowStart[i]:p.RowStart[i+1]]...)
		}
		part.RowStart[k+1] = int32(len(part.Edges))
	}
	return part
}

// WholeEdge is the whole problem's index of the part's edge k, which stands in the row of the part's need.
func (part *Part) WholeEdge(whole *Problem, need, k int32) int32 {
	return whole.RowStart[part.Needs[need]] + k - part.RowStart[need]
}

// Basis takes what concerns the part out of a basis of the whole problem.
func (part *Part) Basis(whole *Basis) *Basis {
	if whole == nil {
		return nil
	}
	b := NewBasis(&part.Problem)
	if whole.ResourcePrice != nil {
		b.ResourcePrice = make([]int64, len(part.Resources))
		for k, r := range part.Resources {
			b.ResourcePrice[k] = whole.ResourcePrice[r]
		}
	}
	for k, i := range part.Needs {
		b.NeedFlow[k] = whole.NeedFlow[i]
		b.NeedParent[k] = localIndex(part.Resources, whole.NeedParent[i])
	}
	for k, r := range part.Resources {
		b.ResourceFlow[k] = whole.ResourceFlow[r]
		b.ResourceParent[k] = localIndex(part.Needs, whole.ResourceParent[r])
	}
	return b
}

func localIndex(indices []int32, whole int32) int32 {
	if k, found := slices.BinarySearch(indices, whole); found {
		return int32(k)
	}
	return Unmatched
}
