package candidates

import (
	"context"
	"fmt"
)

// Funnels counts, for each of the given needs, at which filter each resource fell away.
func (c *Index) Funnels(ctx context.Context, needs []int32) ([]Funnel, error) {
	funnels := make([]Funnel, len(needs))
	err := inParallel(ctx, workersFor(0, len(needs)), len(needs), func() func(int) {
		return func(k int) { funnels[k] = c.funnel(&c.wants[needs[k]]) }
	})
	if err != nil {
		return nil, fmt.Errorf("count filters: %w", err)
	}
	return funnels, nil
}

// Pair judges one pair: the first filter that it fails, or its score with all parts. The parts of a pair that fails are
// given where they can be computed.
func (c *Index) Pair(need, resource int32) (Filter, *Parts, bool) {
	w, at := &c.wants[need], c.spots[resource]
	if at.grid < 0 {
		switch {
		case !w.accepts(c.leafOf(resource)):
			return FilterLeaf, nil, false
		case c.left[resource] == 0:
			return FilterQuantity, nil, false
		}
		return FilterPlace, nil, false
	}
	g := &c.grids[at.grid]
	o := &g.offers[at.slot]
	sp := c.special.find(need, resource)
	filter, rejected := c.firstFilter(w, at.grid, o, sp)
	if w.left == 0 || !w.located {
		return filter, nil, !rejected
	}
	parts := c.parts(w, g, o, sp)
	return filter, &parts, !rejected
}

// Located says whether a need has a place; without one it has no candidate.
func (c *Index) Located(need int32) bool { return c.wants[need].located }

// Approved lists the fixed pins: quantities that are taken from both sides before anything is solved.
func (c *Index) Approved() []Fixed { return c.fixed }

func (c *Index) leafOf(resource int32) int32 {
	for k := range c.grids {
		if c.grids[k].leaf == c.snapshot.Resources[resource].Leaf {
			return int32(k)
		}
	}
	return -1
}

// funnel counts for one need at which filter each resource fell away. Only what lies within the need's reach is looked
// at one by one.
func (c *Index) funnel(w *want) Funnel {
	f := Funnel{Need: w.need}
	total := int64(len(c.snapshot.Resources))
	for _, leaf := range w.leaves {
		total -= c.grids[leaf].total
	}
	f.Rejected[FilterLeaf] = total
	for _, leaf := range w.leaves {
		g := &c.grids[leaf]
		f.Rejected[FilterQuantity] += g.spent
		f.Rejected[FilterPlace] += g.total - g.spent - int64(len(g.offers))
		if w.left == 0 || !w.located {
			at := FilterPlace
			if w.left == 0 {
				at = FilterQuantity
			}
			f.Rejected[at] += int64(len(g.offers))
			continue
		}
		t := tally{c: c, w: w, leaf: leaf, funnel: &f}
		seen := g.scanReach(w, &t)
		f.Rejected[FilterDistance] += int64(len(g.offers)) - seen
	}
	return f
}

// tally counts the offers within reach.
type tally struct {
	c      *Index
	w      *want
	leaf   int32
	funnel *Funnel
	seen   int64
}

func (t *tally) scan(from, to int32) {
	run := t.c.grids[t.leaf].offers[from:to]
	for k := range run {
		t.seen++
		o := &run[k]
		filter, rejected := t.c.firstFilter(t.w, t.leaf, o, t.c.special.find(t.w.need, o.resource))
		if rejected {
			t.funnel.Rejected[filter]++
		} else {
			t.funnel.Candidates++
		}
	}
}

// scanReach shows every offer within the need's reach, and some beyond, to t; it returns how many.
func (g *grid) scanReach(w *want, t *tally) int64 {
	for k := range g.layers {
		l := &g.layers[k]
		x, y := l.column(w.at), l.row(w.at)
		for r := l.firstRing(x, y); r <= l.lastRing(x, y) && l.gap(w.at, x, y, r) <= w.reach; r++ {
			l.scanRing(w.at, x, y, r, w.reach, t)
		}
	}
	return t.seen
}
