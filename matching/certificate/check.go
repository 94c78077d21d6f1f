// Package certificate checks, from nothing but the input and a claimed result, that an allocation is feasible, that it
// is worth what it claims to be worth, and that no allocation can be worth more than the claimed bound.
//
// The argument is linear programming duality and needs no trust in whoever found the result. Let every need and every
// resource have a price >= 0, such that each edge is worth at most the sum of its two prices. An allocation that gives
// quantity x to edges then is worth
//
//	sum of value*x  <=  sum of (need price + resource price)*x  <=  sum of quantity*price over both sides,
//
// because no need and no resource is used beyond its quantity. The last sum is the bound. Where the value equals it,
// the allocation is optimal.
//
// A trip charge is paid once per used pair. Spread over the largest quantity that the pair can carry, and rounded
// down, it lowers the value of an edge without making any allocation look worth less than it is; so the same argument
// holds with these lowered values.
//
// The package shares no code with the solver and imports nothing of it. All arithmetic is on integers; sums have 128
// bits.
package certificate

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Edge is any struct that says which resource an edge leads to and what one unit on it is worth.
type Edge interface {
	~struct {
		Resource int32
		Value    int64
	}
}

// edge is the form in which the checker reads an Edge.
type edge struct {
	Resource int32
	Value    int64
}

// Instance is the input. The edges of need i are Edges[RowStart[i]:RowStart[i+1]].
type Instance[E Edge] struct {
	NeedQuantity     []int64
	ResourceQuantity []int64
	RowStart         []int32
	Edges            []E
	Charges          []int64 // nil, or parallel to Edges
}

// Flow is the quantity that the claimed allocation gives to one edge.
type Flow struct {
	Edge     int32
	Quantity int64
}

// Claim is the result that is to be checked.
type Claim struct {
	Flows         []Flow // strictly ascending by Edge
	NeedPrice     []int64
	ResourcePrice []int64
	Value         int64
	Bound         int64
	Optimal       bool
}

// Check returns nil if everything that is claimed holds, else a *Violation: the first one in the order shape, prices,
// flows, quantities, edges, sums. It takes one pass over the edges.
func Check[E Edge](in *Instance[E], c *Claim) error {
	if v := checkShape(in, c); v != nil {
		return v
	}
	if v := checkPrices(c); v != nil {
		return v
	}
	var worth signed
	var ofFlows, ofEdges *Violation
	var flows sync.WaitGroup
	flows.Go(func() { worth, ofFlows = checkFlows(in, c) }) // waits for memory most of its time
	ofEdges = checkEdges(in, c)
	flows.Wait()
	if ofFlows != nil {
		return ofFlows
	}
	if ofEdges != nil {
		return ofEdges
	}
	if v := checkSums(in, c, worth); v != nil {
		return v
	}
	return nil
}

func checkShape[E Edge](in *Instance[E], c *Claim) *Violation {
	needs, resources := len(in.NeedQuantity), len(in.ResourceQuantity)
	shape := func(what string, got, want int) *Violation {
		return &Violation{Rule: RuleShape, What: what, Index: -1, Got: int64(got), Limit: int64(want)}
	}
	switch {
	case len(in.RowStart) != needs+1:
		return shape("row starts", len(in.RowStart), needs+1)
	case in.RowStart[0] != 0 || int(in.RowStart[needs]) != len(in.Edges):
		return shape("edges in rows", int(in.RowStart[needs]-in.RowStart[0]), len(in.Edges))
	case in.Charges != nil && len(in.Charges) != len(in.Edges):
		return shape("charges", len(in.Charges), len(in.Edges))
	case len(c.NeedPrice) != needs:
		return shape("need prices", len(c.NeedPrice), needs)
	case len(c.ResourcePrice) != resources:
		return shape("resource prices", len(c.ResourcePrice), resources)
	}
	for i := range needs {
		if in.RowStart[i+1] < in.RowStart[i] {
			return shape("row starts", int(in.RowStart[i+1]), int(in.RowStart[i]))
		}
	}
	for k, charge := range in.Charges {
		if charge < 0 {
			return &Violation{Rule: RulePrice, What: "charge", Index: k, Got: charge}
		}
	}
	return nil
}

func checkPrices(c *Claim) *Violation {
	for i, price := range c.NeedPrice {
		if price < 0 {
			return &Violation{Rule: RulePrice, What: "need", Index: i, Got: price}
		}
	}
	for r, price := range c.ResourcePrice {
		if price < 0 {
			return &Violation{Rule: RulePrice, What: "resource", Index: r, Got: price}
		}
	}
	return nil
}

// checkFlows checks that each flow is positive and on an edge of its own, and that no quantity is exceeded. It returns
// what the flows are worth, net of charges.
func checkFlows[E Edge](in *Instance[E], c *Claim) (worth signed, v *Violation) {
	needLeft := append([]int64(nil), in.NeedQuantity...)
	resourceLeft := append([]int64(nil), in.ResourceQuantity...)
	need, last := 0, int32(-1)
	for k, f := range c.Flows {
		if f.Edge <= last || int(f.Edge) >= len(in.Edges) {
			return worth, &Violation{Rule: RuleFlowEdge, What: "flow", Index: k, Got: int64(f.Edge), Limit: int64(last)}
		}
		last = f.Edge
		if f.Quantity <= 0 {
			return worth, &Violation{Rule: RuleFlowQuantity, What: "flow", Index: k, Got: f.Quantity}
		}
		for in.RowStart[need+1] <= f.Edge {
			need++
		}
		e := edge(in.Edges[f.Edge])
		if int(uint32(e.Resource)) >= len(resourceLeft) {
			return worth, unknownResource(f.Edge, e.Resource, len(resourceLeft))
		}
		if needLeft[need] -= f.Quantity; needLeft[need] < 0 {
			return worth, exceeded("need", need, in.NeedQuantity[need], needLeft[need])
		}
		if resourceLeft[e.Resource] -= f.Quantity; resourceLeft[e.Resource] < 0 {
			return worth, exceeded("resource", int(e.Resource), in.ResourceQuantity[e.Resource], resourceLeft[e.Resource])
		}
		worth.addProduct(f.Quantity, e.Value)
		if in.Charges != nil {
			worth.addProduct(-1, in.Charges[f.Edge])
		}
	}
	return worth, nil
}

func exceeded(side string, index int, quantity, left int64) *Violation {
	return &Violation{Rule: RuleQuantity, What: side, Index: index, Got: quantity - left, Limit: quantity}
}

func unknownResource(index, resource int32, resources int) *Violation {
	return &Violation{
		Rule: RuleShape, What: "as the resource of an edge", Index: int(index), Got: int64(resource),
		Limit: int64(resources - 1),
	}
}

// checkEdges checks that no edge is worth more than its two prices, blocks of needs in parallel; of several violations
// it returns the first.
func checkEdges[E Edge](in *Instance[E], c *Claim) *Violation {
	const block = 1 << 12 // needs
	found := make([]*Violation, (len(c.NeedPrice)+block-1)/block)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(found)) {
		wg.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(found); k = int(next.Add(1)) - 1 {
				found[k] = checkRows(in, c, k*block, min((k+1)*block, len(c.NeedPrice)))
			}
		})
	}
	wg.Wait()
	for _, v := range found {
		if v != nil {
			return v
		}
	}
	return nil
}

// checkRows is checkEdges for the needs from..to-1.
func checkRows[E Edge](in *Instance[E], c *Claim, from, to int) *Violation {
	resourcePrice := c.ResourcePrice
	for i := from; i < to; i++ {
		needPrice := c.NeedPrice[i]
		row := in.Edges[in.RowStart[i]:in.RowStart[i+1]]
		for k := range row {
			e := edge(row[k])
			if int(uint32(e.Resource)) >= len(resourcePrice) {
				return unknownResource(in.RowStart[i]+int32(k), e.Resource, len(resourcePrice))
			}
			value := e.Value
			if in.Charges != nil && value > 0 {
				value -= amortised(in.Charges[in.RowStart[i]+int32(k)], in.NeedQuantity[i], in.ResourceQuantity[e.Resource])
			}
			// Subtraction cannot overflow where the value is positive, and otherwise nothing can be wrong.
			if value > 0 && value-needPrice > resourcePrice[e.Resource] {
				return &Violation{
					Rule: RuleEdge, What: "edge", Index: int(in.RowStart[i]) + k, Need: i, Resource: int(e.Resource),
					Got: value, NeedPrice: needPrice, ResourcePrice: resourcePrice[e.Resource],
				}
			}
		}
	}
	return nil
}

// amortised spreads a charge over the largest quantity of its pair, rounded down.
func amortised(charge, needQuantity, resourceQuantity int64) int64 {
	if most := min(needQuantity, resourceQuantity); most > 0 {
		return charge / most
	}
	return 0
}

func checkSums[E Edge](in *Instance[E], c *Claim, worth signed) *Violation {
	var bound signed
	for i, price := range c.NeedPrice {
		bound.addProduct(in.NeedQuantity[i], price)
	}
	for r, price := range c.ResourcePrice {
		bound.addProduct(in.ResourceQuantity[r], price)
	}
	switch {
	case !worth.equals(c.Value):
		return &Violation{Rule: RuleSum, What: "value", Index: -1, Got: c.Value, Limit: worth.clamp()}
	case !bound.equals(c.Bound):
		return &Violation{Rule: RuleSum, What: "bound", Index: -1, Got: c.Bound, Limit: bound.clamp()}
	case c.Optimal != (c.Value == c.Bound):
		return &Violation{Rule: RuleOptimal, What: "gap", Index: -1, Got: c.Bound - c.Value}
	}
	return nil
}
