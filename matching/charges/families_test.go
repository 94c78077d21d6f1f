package charges_test

import (
	"math"
	"math/rand/v2"

	"github.com/city-resource-graph/crg/matching"
)

// family makes problems in which needs and resources lie in a square and a trip costs a fixed part and its distance.
type family struct {
	name             string
	needs, resources int
	wanted, offered  func(*rand.Rand) int64
	value, spread    int64 // minor units per unit: value..value+spread-1 by need
	fixed, perKm     float64
	kilometres       float64
	sparseness       int // each pair exists with a chance of one in so many
}

func between(low, high int64) func(*rand.Rand) int64 {
	return func(r *rand.Rand) int64 { return low + r.Int64N(high-low+1) }
}

func oneOf(quantities ...int64) func(*rand.Rand) int64 {
	return func(r *rand.Rand) int64 { return quantities[r.IntN(len(quantities))] }
}

// families are shaped like the real food listings (many small lots into few large needs, and the other way round), like
// the textbook problem, and with charges so high that the bound is far away.
func families() []family {
	return []family{
		{"food", 30, 120, oneOf(27, 60, 135, 400, 830), oneOf(8, 10, 10, 10, 10, 60, 250), 260, 60, 750, 113, 12, 1},
		{"short", 40, 60, oneOf(27, 60, 400), oneOf(10, 10, 60, 250), 230, 1, 750, 113, 12, 1},
		{"small", 12, 12, between(1, 10), between(1, 10), 400, 600, 700, 113, 15, 1},
		{"even", 14, 14, between(5, 60), between(5, 60), 200, 100, 1500, 200, 10, 1},
		{"sparse", 60, 60, between(1, 60), between(1, 60), 200, 100, 1200, 200, 10, 10},
		{"textbook", 10, 10, between(5, 25), between(5, 25), 100, 20, 400, 100, 10, 1},
	}
}

func (f family) problem(seed uint64) *matching.Problem {
	r := rand.New(rand.NewPCG(seed, 5))
	x, y := make([]float64, f.resources), make([]float64, f.resources)
	p := &matching.Problem{RowStart: []int32{0}, Charges: []int64{}}
	for k := range x {
		x[k], y[k] = r.Float64()*f.kilometres, r.Float64()*f.kilometres
		p.ResourceQuantity = append(p.ResourceQuantity, f.offered(r))
	}
	for range f.needs {
		atX, atY := r.Float64()*f.kilometres, r.Float64()*f.kilometres
		wanted, value := f.wanted(r), f.value+r.Int64N(f.spread)
		p.NeedQuantity = append(p.NeedQuantity, wanted)
		for k := range x {
			charge := int64(f.fixed + f.perKm*math.Hypot(atX-x[k], atY-y[k]))
			if r.IntN(f.sparseness) == 0 && value*min(wanted, p.ResourceQuantity[k]) > charge {
				p.Edges = append(p.Edges, matching.Edge{Resource: int32(k), Value: value})
				p.Charges = append(p.Charges, charge)
			}
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	return p
}
