package candidates

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
	limit := c.limit(opts)
	err := inParallel(ctx, workersFor(opts.Workers, len(chunks)), len(chunks), func() func(int) {
		s := &search{c: c}
		return func(k int) {
			chunks[k].needs = order[k*chunkNeeds : min((k+1)*chunkNeeds, len(order))]
			chunks[k].fill(s, limit)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("generate candidates: %w", err)
	}
	return c.assemble(chunks)
}

// limit is how many candidates a need keeps: all while the sum of resources that the needs could look at is small.
func (c *Index) limit(opts Options) int {
	if opts.PerNeed != 0 {
		return max(opts.PerNeed, 0)
	}
	below := cmp.Or(c.snapshot.Scoring.KeepAllBelow, defaultKeepAllBelow)
	pairs := int64(0)
	for i := range c.wants {
		for _, leaf := range c.wants[i].leaves {
			pairs += int64(len(c.grids[leaf].offers))
		}
	}
	if pairs < below {
		return 0
	}
	return cmp.Or(c.snapshot.Scoring.PerNeed, defaultPerNeed)
}

// needOrder sorts the needs by category and cell, so that one need finds in the cache what its neighbour looked at.
func (c *Index) needOrder() []int32 {
	keys := make([]int64, len(c.wants))
	order := make([]int32, len(c.wants))
	for i := range c.wants {
		order[i] = int32(i)
		keys[i] = math.MaxInt64
		if w := &c.wants[i]; len(w.leaves) > 0 && w.located {
			if g := &c.grids[w.leaves[0]]; len(g.offers) > 0 {
				keys[i] = int64(w.leaves[0])<<40 | g.cell(w.at)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(keys[a], keys[b]) })
	return order
}

// chunk is the part of the graph that one worker made at one go.
type chunk struct {
	needs    []int32
	length   []int32 // of each need's row
	bound    []int64
	edges    []matching.Edge
	charges  []int64
	lots     []int64
	unserved []int32
}

func (k *chunk) fill(s *search, limit int) {
	k.length, k.bound = make([]int32, len(k.needs)), make([]int64, len(k.needs))
	k.edges, k.charges = make([]matching.Edge, 0, limit*len(k.needs)), make([]int64, 0, limit*len(k.needs))
	for n, need := range k.needs {
		w := &s.c.wants[need]
		row := s.candidatesOf(w, limit)
		k.length[n], k.bound[n] = int32(len(row)), s.best.bound()
		for _, c := range row {
			p := s.c.pairOf(w, c.resource)
			k.edges = append(k.edges, matching.Edge{Resource: c.resource, Value: p.score})
			k.charges = append(k.charges, p.charge)
			if s.c.lots {
				k.lots = append(k.lots, p.lot)
			}
		}
		if len(row) == 0 && w.left > 0 {
			k.unserved = append(k.unserved, need)
		}
	}
}

// assemble puts the chunks' rows into the order of the needs.
func (c *Index) assemble(chunks []chunk) (*Graph, error) {
	edges := 0
	g := &Graph{Fixed: c.fixed, Open: c.open, CutBound: make([]int64, len(c.wants))}
	g.NeedQuantity, g.ResourceQuantity = make([]int64, len(c.wants)), c.left
	g.RowStart = make([]int32, len(c.wants)+1)
	for k := range chunks {
		edges += len(chunks[k].edges)
		for n, need := range chunks[k].needs {
			g.RowStart[need+1] = chunks[k].length[n]
			g.CutBound[need] = chunks[k].bound[n]
			if chunks[k].bound[n] > 0 {
				g.Cut++
			}
		}
		g.Unserved = append(g.Unserved, chunks[k].unserved...)
	}
	if edges > math.MaxInt32 {
		return nil, fmt.Errorf("generate candidates: %d pairs, want at most %d: lower per_need", edges, math.MaxInt32)
	}
	slices.Sort(g.Unserved)
	for i := range c.wants {
		g.NeedQuantity[i] = c.wants[i].left
		g.RowStart[i+1] += g.RowStart[i]
	}
	g.Edges, g.Charges = make([]matching.Edge, edges), make([]int64, edges)
	if c.lots {
		g.Lots = make([]int64, edges)
	}
	for k := range chunks {
		at := int32(0)
		for n, need := range chunks[k].needs {
			end := at + chunks[k].length[n]
			copy(g.Edges[g.RowStart[need]:], chunks[k].edges[at:end])
			copy(g.Charges[g.RowStart[need]:], chunks[k].charges[at:end])
			if c.lots {
				copy(g.Lots[g.RowStart[need]:], chunks[k].lots[at:end])
			}
			at = end
		}
	}
	return g, nil
}

func workersFor(wanted, jobs int) int {
	if wanted <= 0 {
		wanted = runtime.GOMAXPROCS(0)
	}
	return max(1, min(wanted, jobs))
}

// inParallel runs job 0..jobs-1, each once; every worker makes its own function first. It stops early when ctx ends.
func inParallel(ctx context.Context, workers, jobs int, newWorker func() func(job int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			run := newWorker()
			for ctx.Err() == nil {
				job := int(next.Add(1) - 1)
				if job >= jobs {
					return
				}
				run(job)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
