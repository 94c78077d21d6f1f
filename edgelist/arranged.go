package edgelist

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Arranged brings a problem and its solution into the canonical order of an Instance, whatever the order of their ids. The
// problem has one edge per pair.
func Arranged(needs, resources []string, p *matching.Problem, s *matching.Solution) (*Instance, *matching.Solution) {
	needOrder, _ := canonical(needs)
	resourceOrder, resourceAt := canonical(resources)
	in := &Instance{
		Needs: pick(needs, needOrder), Resources: pick(resources, resourceOrder),
		Problem: &matching.Problem{
			NeedQuantity: pick(p.NeedQuantity, needOrder), ResourceQuantity: pick(p.ResourceQuantity, resourceOrder),
			RowStart: make([]int32, 1, len(needs)+1), Edges: make([]matching.Edge, 0, len(p.Edges)),
		},
	}
	if p.Charges != nil {
		in.Problem.Charges = make([]int64, 0, len(p.Charges))
	}
	edgeAt := make([]int32, len(p.Edges))
	for _, i := range needOrder {
		row := make([]int32, 0, p.RowStart[i+1]-p.RowStart[i])
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			row = append(row, k)
		}
		slices.SortFunc(row, func(a, b int32) int {
			return cmp.Compare(resourceAt[p.Edges[a].Resource], resourceAt[p.Edges[b].Resource])
		})
		for _, k := range row {
			edgeAt[k] = int32(len(in.Problem.Edges))
			in.Problem.Edges = append(in.Problem.Edges, matching.Edge{Resource: resourceAt[p.Edges[k].Resource], Value: p.Edges[k].Value})
			if p.Charges != nil {
				in.Problem.Charges = append(in.Problem.Charges, p.Charges[k])
			}
		}
		in.Problem.RowStart = append(in.Problem.RowStart, int32(len(in.Problem.Edges)))
	}
	return in, arrangedSolution(s, needOrder, resourceOrder, edgeAt)
}

func arrangedSolution(s *matching.Solution, needOrder, resourceOrder, edgeAt []int32) *matching.Solution {
	needAt := make([]int32, len(needOrder))
	for to, from := range needOrder {
		needAt[from] = int32(to)
	}
	out := *s
	out.Basis = nil // in the old order, and nobody's here
	out.NeedPrice, out.ResourcePrice = pick(s.NeedPrice, needOrder), pick(s.ResourcePrice, resourceOrder)
	out.Flow = make([]matching.EdgeFlow, len(s.Flow))
	for k, f := range s.Flow {
		out.Flow[k] = matching.EdgeFlow{Edge: edgeAt[f.Edge], Need: needAt[f.Need], Quantity: f.Quantity}
	}
	slices.SortFunc(out.Flow, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	return &out
}

// canonical gives the order of some ids, and the place of each in it.
func canonical(ids []string) (order, at []int32) {
	order, at = make([]int32, len(ids)), make([]int32, len(ids))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareIDs(ids[a], ids[b]) })
	for to, from := range order {
		at[from] = int32(to)
	}
	return order, at
}

func pick[T any](list []T, order []int32) []T {
	out := make([]T, len(order))
	for to, from := range order {
		out[to] = list[from]
	}
	return out
}
