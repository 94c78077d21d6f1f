package matching

// Unmatched is the parent of a need or resource that hangs at the root of the basis tree: the pool of what stays
// unmatched.
const Unmatched int32 = -1

// Basis is the spanning tree with which a solution ended: each need and each resource hangs below a partner on the
// other side or below the pool of the unmatched. Together with the flows it holds everything that a later Solve of a
// changed problem needs, in terms of the problem's own indices, so that it can be renumbered when rows come and go.
type Basis struct {
	NeedParent     []int32 // resource index or Unmatched
	ResourceParent []int32 // need index or Unmatched
	NeedFlow       []int64 // quantity on the tree edge between the need and its parent
	ResourceFlow   []int64

	// ResourcePrice holds the prices of the solution. Without them, nil, a later Solve starts from the tree alone, which
	// takes it longer.
	ResourcePrice []int64
}

// NewBasis returns the basis in which everything is unmatched.
func NewBasis(p *Problem) *Basis {
	b := &Basis{
		NeedParent:     make([]int32, len(p.NeedQuantity)),
		ResourceParent: make([]int32, len(p.ResourceQuantity)),
		NeedFlow:       append([]int64(nil), p.NeedQuantity...),
		ResourceFlow:   append([]int64(nil), p.ResourceQuantity...),
	}
	for i := range b.NeedParent {
		b.NeedParent[i] = Unmatched
	}
	for r := range b.ResourceParent {
		b.ResourceParent[r] = Unmatched
	}
	return b
}
