package matching

import (
	"fmt"
	"math"
	"math/bits"
)

// MaxMagnitude is the largest quantity, value or charge that a problem may hold: 2^40, about 1.1e12 minor units.
const MaxMagnitude = int64(1) << 40

// maxSum bounds every sum that the solver forms (total quantities, potentials along a tree path, the objective), so
// that the sum of two of them still fits into 64 bits.
const maxSum = uint64(1) << 62

// Edge says that one unit of a resource is worth Value to the need in whose row the edge stands.
type Edge struct {
	Resource int32
	Value    int64 // minor units per unit of quantity; an edge with Value <= 0 is legal and never used
}

// Problem is a transportation problem with optional participation. The edges of need i are
// Edges[RowStart[i]:RowStart[i+1]], in any order; a pair may occur more than once, then the larger value counts.
type Problem struct {
	NeedQuantity     []int64 // units wanted, 0..MaxMagnitude
	ResourceQuantity []int64 // units offered, 0..MaxMagnitude
	RowStart         []int32 // len(NeedQuantity)+1, ascending from 0 to len(Edges)
	Edges            []Edge

	// Charges, if not nil, is parallel to Edges: what a used pair costs once, whatever its quantity (0..MaxMagnitude).
	Charges []int64
}

// Row returns the edges of one need.
func (p *Problem) Row(need int) []Edge {
	return p.Edges[p.RowStart[need]:p.RowStart[need+1]]
}

// InputError names the field of a Problem that cannot be accepted.
type InputError struct {
	Field string // "NeedQuantity", "Edges", ...
	Index int    // position within the field, -1 if the field as a whole is wrong
	Value int64
	Want  string // what would be right
}

func (e *InputError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("%s is %d, want %s", e.Field, e.Value, e.Want)
	}
	return fmt.Sprintf("%s[%d] is %d, want %s", e.Field, e.Index, e.Value, e.Want)
}

// OverflowError says which sum of a Problem does not fit into the 62 bits that the solver computes with.
type OverflowError struct {
	Sum string
}

func (e *OverflowError) Error() string {
	return fmt.Sprintf("%s may exceed 2^62: scale values or quantities down", e.Sum)
}

// Validate checks everything that Solve relies on; its errors are *InputError and *OverflowError.
func (p *Problem) Validate() error {
	if err := p.validateShape(); err != nil {
		return err
	}
	if err := validateMagnitudes("NeedQuantity", p.NeedQuantity); err != nil {
		return err
	}
	if err := validateMagnitudes("ResourceQuantity", p.ResourceQuantity); err != nil {
		return err
	}
	if err := validateMagnitudes("Charges", p.Charges); err != nil {
		return err
	}
	resources := len(p.ResourceQuantity)
	for k := range p.Edges {
		e := &p.Edges[k]
		if uint(e.Resource) >= uint(resources) {
			return &InputError{"Edges.Resource", k, int64(e.Resource), fmt.Sprintf("0..%d", resources-1)}
		}
		if e.Value > MaxMagnitude || e.Value < -MaxMagnitude {
			return &InputError{"Edges.Value", k, e.Value, "-2^40..2^40"}
		}
	}
	return p.validateSums()
}

func (p *Problem) validateShape() error {
	needs, edges := len(p.NeedQuantity), len(p.Edges)
	if edges > math.MaxInt32 {
		return &InputError{"len(Edges)", -1, int64(edges), "at most 2^31-1"}
	}
	if nodes := needs + len(p.ResourceQuantity); nodes >= math.MaxInt32 {
		return &InputError{"needs and resources", -1, int64(nodes), "less than 2^31-1 together"}
	}
	if len(p.RowStart) != needs+1 {
		return &InputError{"len(RowStart)", -1, int64(len(p.RowStart)), fmt.Sprintf("%d, one more than needs", needs+1)}
	}
	if p.RowStart[0] != 0 {
		return &InputError{"RowStart", 0, int64(p.RowStart[0]), "0"}
	}
	for i := range needs {
		if p.RowStart[i+1] < p.RowStart[i] {
			return &InputError{"RowStart", i + 1, int64(p.RowStart[i+1]), "ascending"}
		}
	}
	if int(p.RowStart[needs]) != edges {
		return &InputError{"RowStart", needs, int64(p.RowStart[needs]), fmt.Sprintf("%d, the number of edges", edges)}
	}
	if p.Charges != nil && len(p.Charges) != edges {
		return &InputError{"len(Charges)", -1, int64(len(p.Charges)), fmt.Sprintf("%d, the number of edges", edges)}
	}
	return nil
}

func validateMagnitudes(field string, values []int64) error {
	for i, v := range values {
		if v < 0 || v > MaxMagnitude {
			return &InputError{field, i, v, "0..2^40"}
		}
	}
	return nil
}

// validateSums refuses a problem in which a potential, a total quantity or the objective could leave 62 bits. A
// potential is an alternating sum of values along a tree path, so it stays below nodes x largest value.
func (p *Problem) validateSums() error {
	largest := int64(0)
	var byNeed sum128 // every need served at its best value: no allocation is worth more
	best := make([]int64, len(p.ResourceQuantity))
	for i := range p.NeedQuantity {
		rowBest := int64(0)
		for _, e := range p.Row(i) {
			rowBest = max(rowBest, e.Value)
			best[e.Resource] = max(best[e.Resource], e.Value)
		}
		byNeed.addProduct(p.NeedQuantity[i], rowBest)
		largest = max(largest, rowBest)
	}
	var byResource, wanted, offered, potential sum128
	for r, v := range best {
		byResource.addProduct(p.ResourceQuantity[r], v)
		offered.addProduct(p.ResourceQuantity[r], 1)
	}
	for _, q := range p.NeedQuantity {
		wanted.addProduct(q, 1)
	}
	potential.addProduct(int64(len(p.NeedQuantity)+len(p.ResourceQuantity)+2), largest+1)
	switch {
	case wanted.exceeds(maxSum):
		return &OverflowError{"the sum of need quantities"}
	case offered.exceeds(maxSum):
		return &OverflowError{"the sum of resource quantities"}
	case potential.exceeds(maxSum):
		return &OverflowError{"a price (largest value x number of needs and resources)"}
	case byNeed.exceeds(maxSum) && byResource.exceeds(maxSum):
		return &OverflowError{"the total value (quantity x value)"}
	}
	return nil
}

// sum128 adds products of non-negative numbers without overflow.
type sum128 struct{ hi, lo uint64 }

func (s *sum128) addProduct(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi, _ = bits.Add64(s.hi, hi, carry)
}

func (s *sum128) exceeds(limit uint64) bool { return s.hi != 0 || s.lo > limit }

func (s *sum128) less(t sum128) bool { return s.hi < t.hi || s.hi == t.hi && s.lo < t.lo }
