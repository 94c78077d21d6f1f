package candidates

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/matching"
)

// Options tune Generate. None of them changes what is proven, only how much is kept.
type Options struct {
	PerNeed int // candidates kept per need; 0: as the scoring configuration says; negative: all
	Workers int // goroutines; 0: GOMAXPROCS. The graph is the same for every number
}

// Defaults of the scoring configuration.
const (
	defaultPerNeed      = 64
	defaultKeepAllBelow = 20_000_000
)

// chunkNeeds is how many needs a worker takes at once.
const chunkNeeds = 512

// Generate finds the candidates of every need of a snapshot.
func Generate(ctx context.Context, snapshot *Snapshot, opts Options) (*Graph, error) {
	c, err := NewIndex(snapshot)
	if err != nil {
		return nil, fmt.Errorf("generate candidates: %w", err)
	}
	return c.Generate(ctx, opts)
}

// Generate finds the candidates of every need.
func (c *Index) Generate(ctx context.Context, opts Options) (*Graph, error) {
	order := c.needOrder()
	chunks := make([]chunk, (len(order)+chunkNeeds-1)/chunkNeeds)
	limit, workers := c.limit(opts), workersFor(opts.Workers, len(chunks))
	err := inParallel(ctx, workers, len(chunks), func() func(int) {
		s := &search{c: c}
		return func(k int) {
			chunks[k].needs = order[k*chunkNeeds : min((k+1)*chunkNeeds, len(order))]
			chunks[k].find(s, limit)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("generate candidates: %w", err)
	}
	return c.assemble(ctx, chunks, workers)
}

// limit is how many candidates a need keeps: all while the sum of resources that the needs could look at is small.
func (c *Index) limit(opts Options) int {
	if opts.PerNeed != 0 {
		return max(opts.PerNeed, 0)
	}
	below := cmp.Or(c.snapshot.Scoring.KeepAllBelow, defaultKeepAllBelow)
	if c.Pairs(func(int32) bool { return true }) < below {
		return 0
	}
	return c.snapshot.Scoring.Kept()
}

// Kept is how many candidates a need keeps where not all are kept.
func (s *Scoring) Kept() int { return cmp.Or(s.PerNeed, defaultPerNeed) }

// Pairs is how many resources some needs could look at, together.
func (c *Index) Pairs(of func(need int32) bool) int64 {
	pairs := int64(0)
	for i := range c.wants {
		for _, leaf := range c.wants[i].leaves {
			if of(int32(i)) {
				pairs += int64(len(c.grids[leaf].offers))
			}
		}
	}
	return pairs
}

// needOrder sorts the needs by category and cell, by counting, so that one need finds in the cache what its neighbour
// looked at. Needs that have nowhere to look come last.
func (c *Index) needOrder() []int32 {
	first := make([]int64, len(c.grids)+1) // of the cells of each leaf's first layer
	for k := range c.grids {
		first[k+1] = first[k]
		if layers := c.grids[k].layers; len(layers) > 0 {
			first[k+1] += layers[0].nx * layers[0].ny
		}
	}
	nowhere := first[len(c.grids)]
	cells, next := make([]int32, len(c.wants)), make([]int32, nowhere+2)
	for i := range c.wants {
		cell, w := nowhere, &c.wants[i]
		if len(w.leaves) > 0 && w.located && len(c.grids[w.leaves[0]].layers) > 0 {
			cell = first[w.leaves[0]] + c.grids[w.leaves[0]].layers[0].cell(w.at)
		}
		cells[i] = int32(cell)
		next[cell+1]++
	}
	for cell := range nowhere {
		next[cell+1] += next[cell]
	}
	order := make([]int32, len(c.wants))
	for i, cell := range cells {
		order[next[cell]] = int32(i)
		next[cell]++
	}
	return order
}

// chunk is the needs that a worker takes at once, and the pairs that it found for them.
type chunk struct {
	needs  []int32
	pairs  []shortPair // of all rows, one after the other
	length []int32     // of each need's row
	bound  []int64
	wide   bool // some pair does not fit into a short one
}

// shortPair is a pair as it waits for its place in the graph: many of them do, so that they are kept small.
type shortPair struct{ resource, score, charge int32 }

func (k *chunk) find(s *search, limit int) {
	k.length, k.bound = make([]int32, len(k.needs)), make([]int64, len(k.needs))
	k.pairs = make([]shortPair, 0, limit*len(k.needs))
	for n := range k.needs {
		at := n % len(s.ahead)
		if at == 0 {
			s.fetch(k.needs[n:])
		}
		row := s.candidatesOf(&s.ahead[at], limit)
		k.length[n], k.bound[n] = int32(len(row)), s.best.bound()
		for _, p := range row {
			k.wide = k.wide || int64(int32(p.score)) != p.score || int64(int32(p.charge)) != p.charge
			k.pairs = append(k.pairs, shortPair{p.resource, int32(p.score), int32(p.charge)})
		}
	}
}

// assemble makes the graph of what the chunks found. Only now are the rows' lengths known, so that each edge is
// written where it stays.
func (c *Index) assemble(ctx context.Context, chunks []chunk, workers int) (*Graph, error) {
	g := &Graph{Fixed: c.fixed, Open: c.open, CutBound: make([]int64, len(c.wants))}
	g.NeedQuantity, g.ResourceQuantity = make([]int64, len(c.wants)), c.left
	g.RowStart = make([]int32, len(c.wants)+1)
	edges := 0
	for k := range chunks {
		edges += len(chunks[k].pairs)
		for n, need := range chunks[k].needs {
			g.RowStart[need+1] = chunks[k].length[n]
			g.CutBound[need] = chunks[k].bound[n]
			if chunks[k].bound[n] > 0 {
				g.Cut++
			}
		}
	}
	if edges > math.MaxInt32 {
		return nil, fmt.Errorf("generate candidates: %d pairs, want at most %d: lower per_need", edges, math.MaxInt32)
	}
	for i := range c.wants {
		if g.NeedQuantity[i] = c.wants[i].left; g.NeedQuantity[i] > 0 && g.RowStart[i+1] == 0 {
			g.Unserved = append(g.Unserved, int32(i))
		}
		g.RowStart[i+1] += g.RowStart[i]
	}
	g.Edges, g.Charges = make([]matching.Edge, edges), make([]int64, edges)
	if c.lots {
		g.Lots = make([]int64, edges)
	}
	g.Tier = c.snapshot.tiers()
	err := inParallel(ctx, workers, len(chunks), func() func(int) {
		return func(k int) { chunks[k].write(c, g) }
	})
	if err != nil {
		return nil, fmt.Errorf("generate candidates: %w", err)
	}
	return g, nil
}

// write moves the chunk's rows to where they stay.
func (k *chunk) write(c *Index, g *Graph) {
	pairs := k.pairs
	for n, need := range k.needs {
		w, first := &c.wants[need], g.RowStart[need]
		row := pairs[:k.length[n]]
		pairs = pairs[len(row):]
		edges, charges := g.Edges[first:][:len(row)], g.Charges[first:][:len(row)]
		for e, p := range row {
			edges[e], charges[e] = matching.Edge{Resource: p.resource, Value: int64(p.score)}, int64(p.charge)
		}
		if !k.wide && !c.lots {
			continue
		}
		for e, p := range row {
			whole := c.pairOf(w, p.resource)
			edges[e].Value, charges[e] = whole.score, whole.charge
			if c.lots {
				g.Lots[int(first)+e] = whole.lot
			}
		}
	}
}
