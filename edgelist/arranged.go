package edgelist

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Arranged brings a problem and its solution into the canonical order of an Instance, whatever the order of their ids. The
// problem has one edge per pair.
func Arranged(needs, resources []string, p *matching.Problem, s *matching.Solution) (*Instance, *matching.Solution) {
	needOrder, resourceOrder := canonical(needs), canonical(resources)
	problem, solution := Reordered(p, s, needOrder, resourceOrder)
	return &Instance{Needs: pick(needs, needOrder), Resources: pick(resources, resourceOrder), Problem: problem}, solution
}

// Reordered is a problem and its solution with the needs and resources in another order: each order names, for every place,
// what comes to stand there. Rows are ascending by resource. The basis, which is in the old order, is left out.
func Reordered(p *matching.Problem, s *matching.Solution, needOrder, resourceOrder []int32) (*matching.Problem, *matching.Solution) {
	resourceAt := inverse(resourceOrder)
	q := &matching.Problem{
		NeedQuantity: pick(p.NeedQuantity, needOrder), ResourceQuantity: pick(p.ResourceQuantity, resourceOrder),
		RowStart: make([]int32, 1, len(needOrder)+1), Edges: make([]matching.Edge, 0, len(p.Edges)),
	}
	if p.Charges != nil {
		q.Charges = make([]int64, 0, len(p.Charges))
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
			edgeAt[k] = int32(len(q.Edges))
			q.Edges = append(q.Edges, matching.Edge{Resource: resourceAt[p.Edges[k].Resource], Value: p.Edges[k].Value})
			if p.Charges != nil {
				q.Charges = append(q.Charges, p.Charges[k])
			}
		}
		q.RowStart = append(q.RowStart, int32(len(q.Edges)))
	}
	return q, reorderedSolution(s, needOrder, resourceOrder, edgeAt)
}

func reorderedSolution(s *matching.Solution, needOrder, resourceOrder, edgeAt []int32) *matching.Solution {
	needAt := inverse(needOrder)
	out := *s
	out.Basis = nil
	out.NeedPrice, out.ResourcePrice = pick(s.NeedPrice, needOrder), pick(s.ResourcePrice, resourceOrder)
	out.Flow = make([]matching.EdgeFlow, len(s.Flow))
	for k, f := range s.Flow {
		out.Flow[k] = matching.EdgeFlow{Edge: edgeAt[f.Edge], Need: needAt[f.Need], Quantity: f.Quantity}
	}
	slices.SortFunc(out.Flow, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	return &out
}

// canonical gives the order of some ids.
func canonical(ids []string) []int32 {
	order := make([]int32, len(ids))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareIDs(ids[a], ids[b]) })
	return order
}

// inverse gives the place of each in an order.
func inverse(order []int32) []int32 {
	at := make([]int32, len(order))
	for to, from := range order {
		at[from] = int32(to)
	}
	return at
}

func pick[T any](list []T, order []int32) []T {
	out := make([]T, len(order))
	for to, from := range order {
		out[to] = list[from]
	}
	return out
}
