package charges

import (
	"context"
	"math/rand/v2"

	"github.com/city-resource-graph/crg/matching"
)

// Rounds of slope scaling: at most so many, and not more than idleRounds in a row without a better allocation.
const (
	mostRounds = 12
	idleRounds = 4
)

// component is one component on its way through the search.
type component struct {
	part                     *matching.Part
	lots                     []int64 // nil: any quantity
	needPrice, resourcePrice []int64
	basis                    *matching.Basis
	bound                    int64
	quick                    bool   // leave out ruin and recreate
	known                    []step // an allocation to begin at, too, and its value
	knownValue               int64

	graph *graph
	best  []step
	value int64
}

// search improves on the start allocation, which lists edges of the part.
func (c *component) search(ctx context.Context, start []step) error {
	p := &c.part.Problem
	budget := newBudget(ctx, effortPerComponent+effortPerEdge*int64(len(p.Edges)))
	c.graph = newGraph(p, c.lots)
	a := newAllocation(c.graph, p.NeedQuantity, p.ResourceQuantity, budget)
	a.reset(start)
	c.value, c.best = a.value, a.flows()
	c.fromKnown(a)
	if c.value == c.bound {
		return nil
	}
	a.reset(start)
	c.fix(nil)
	a.improve()
	c.keep(a)
	if err := c.scaleSlopes(ctx, a); err != nil {
		return err
	}
	c.preferKnown()
	if c.value < c.bound && !c.quick {
		c.fix(nil)
		a.reset(c.best)
		random := rand.New(rand.NewPCG(1, 1)) // the same everywhere: the result must not depend on chance
		(&ruin{a: a, r: random}).search(c.bound)
		a.improve()
		c.keep(a)
	}
	return nil
}

// fromKnown improves on the known allocation, as far as it fits.
func (c *component) fromKnown(a *allocation) {
	if len(c.known) == 0 {
		return
	}
	a.fit(c.known)
	if c.value < c.bound {
		c.fix(nil)
		a.improve()
	}
	c.known, c.knownValue = a.flows(), a.value
	c.preferKnown()
}

// preferKnown takes what the known allocation led to unless something better was found: of two that are equally good,
// the one that changes less.
func (c *component) preferKnown() {
	if len(c.known) > 0 && c.knownValue >= c.value {
		c.value, c.best = c.knownValue, c.known
	}
}

func (c *component) scaleSlopes(ctx context.Context, a *allocation) error {
	s := newSlopes(&c.part.Problem, c.basis)
	for round, idle := 0, 0; round < mostRounds && idle < idleRounds && c.value < c.bound && !a.budget.spent(); round++ {
		c.fix(s)
		flows, err := s.next(ctx)
		if err != nil {
			return err
		}
		a.reset(flows)
		a.improve()
		idle++
		if a.value > c.value {
			idle = 0
		}
		c.keep(a)
	}
	return nil
}

func (c *component) keep(a *allocation) {
	if a.value > c.value {
		c.value, c.best = a.value, a.flows()
	}
}

// fix puts pairs aside that cannot be part of a better allocation than the best one known: using such a pair costs at
// least the gap. A pair that carries x units loses (its slack in the certificate) x x, and of its charge whatever its
// spread does not cover; that is linear in x, so its least is at one of the two ends: the fewest units that pay the
// charge at all, or as many as fit.
func (c *component) fix(s *slopes) {
	p, gap := &c.part.Problem, c.bound-c.value
	inBest := make(map[int32]bool, len(c.best))
	for _, f := range c.best {
		inBest[f.pair] = true
	}
	c.graph.restrict(len(p.NeedQuantity), len(p.ResourceQuantity), func(k int32) bool {
		e := &c.graph.pairs[k]
		most := min(p.NeedQuantity[e.need], p.ResourceQuantity[e.resource])
		if e.value <= 0 || most == 0 {
			return false
		}
		spread := e.charge / most
		slack := c.needPrice[e.need] + c.resourcePrice[e.resource] - (e.value - spread)
		least := min(max(e.charge/e.value+1, e.lot), most)
		keep := inBest[k] || e.charge+(slack-spread)*least < gap || e.charge+(slack-spread)*most < gap
		if !keep && s != nil {
			s.drop(k)
		}
		return keep
	})
}
