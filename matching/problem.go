package matching

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
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
	_, err := p.survey()
	return err
}

// survey is Validate, and reports whether the problem fits into 32 bits.
func (p *Problem) survey() (narrow bool, err error) {
	if err := p.validateShape(); err != nil {
		return false, err
	}
	if err := validateMagnitudes("NeedQuantity", p.NeedQuantity); err != nil {
		return false, err
	}
	if err := validateMagnitudes("ResourceQuantity", p.ResourceQuantity); err != nil {
		return false, err
	}
	if err := validateMagnitudes("Charges", p.Charges); err != nil {
		return false, err
	}
	largest, byNeed, err := p.surveyEdges()
	if err != nil {
		return false, err
	}
	return p.surveySums(largest, byNeed)
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

// surveyEdges checks all edges and returns the largest value and what it would be worth to serve every need at its best
// value: no allocation is worth more.
func (p *Problem) surveyEdges() (largest int64, byNeed sum128, err error) {
	const chunk = 1 << 14 // needs
	type survey struct {
		largest int64
		byNeed  sum128
		wrong   int // the first edge that is, -1 if none
	}
	surveys := make([]survey, (len(p.NeedQuantity)+chunk-1)/chunk)
	inParallel(len(surveys), func(c int) {
		s := &surveys[c]
		s.wrong = -1
		for i := c * chunk; i < min((c+1)*chunk, len(p.NeedQuantity)); i++ {
			best := int64(0)
			for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
				e := &p.Edges[k]
				if uint(e.Resource) >= uint(len(p.ResourceQuantity)) || e.Value > MaxMagnitude || e.Value < -MaxMagnitude {
					s.wrong = int(k)
					return
				}
				best = max(best, e.Value)
			}
			s.byNeed.addProduct(p.NeedQuantity[i], best)
			s.largest = max(s.largest, best)
		}
	})
	for c := range surveys {
		s := &surveys[c]
		if s.wrong >= 0 {
			return 0, byNeed, p.edgeError(s.wrong)
		}
		largest = max(largest, s.largest)
		byNeed.add(s.byNeed)
	}
	return largest, byNeed, nil
}

func (p *Problem) edgeError(k int) error {
	e := p.Edges[k]
	if uint(e.Resource) >= uint(len(p.ResourceQuantity)) {
		return &InputError{"Edges.Resource", k, int64(e.Resource), fmt.Sprintf("0..%d", len(p.ResourceQuantity)-1)}
	}
	return &InputError{"Edges.Value", k, e.Value, "-2^40..2^40"}
}

// surveySums refuses a problem in which a potential, a total quantity or the objective could leave 62 bits. A
// potential is an alternating sum of values along a tree path, so it stays below nodes x largest value.
func (p *Problem) surveySums(largest int64, byNeed sum128) (narrow bool, err error) {
	var wanted, offered, potential sum128
	for _, q := range p.NeedQuantity {
		wanted.addProduct(q, 1)
	}
	for _, q := range p.ResourceQuantity {
		offered.addProduct(q, 1)
	}
	potential.addProduct(int64(len(p.NeedQuantity)+len(p.ResourceQuantity)+2), largest+1)
	switch {
	case wanted.exceeds(maxSum):
		return false, &OverflowError{"the sum of need quantities"}
	case offered.exceeds(maxSum):
		return false, &OverflowError{"the sum of resource quantities"}
	case potential.exceeds(maxSum):
		return false, &OverflowError{"a price (largest value x number of needs and resources)"}
	case byNeed.exceeds(maxSum):
		if byResource := p.byResource(); byResource.exceeds(maxSum) {
			return false, &OverflowError{"the total value (quantity x value)"}
		}
	}
	return fitsNarrow(int64(wanted.lo), int64(offered.lo), largest), nil
}

// byResource is what it would be worth to use every resource at its best value: no allocation is worth more.
func (p *Problem) byResource() sum128 {
	best := make([]int64, len(p.ResourceQuantity))
	for _, e := range p.Edges {
		best[e.Resource] = max(best[e.Resource], e.Value)
	}
	var sum sum128
	for r, v := range best {
		sum.addProduct(p.ResourceQuantity[r], v)
	}
	return sum
}

// inParallel calls do for 0..n-1, on all cores if that is worth it.
func inParallel(n int, do func(k int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				do(k)
			}
		})
	}
	wg.Wait()
}
