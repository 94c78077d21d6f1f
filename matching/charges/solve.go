package charges

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/city-resource-graph/crg/matching"
)

// Solve is matching.Solve with a better allocation where trips cost something. Bound and prices are the same; without
// charges so is all the rest. Where the context ends first, the allocation is the best one found so far.
func Solve(ctx context.Context, p *matching.Problem, o matching.Options) (*matching.Solution, error) {
	return SolveLots(ctx, p, nil, o)
}

// SolveLots is Solve where some pairs carry a least quantity or nothing. Lots is parallel to the edges, each at least 1
// and no more than its pair can carry; nil stands for 1 everywhere. The bound is the one without lots.
func SolveLots(ctx context.Context, p *matching.Problem, lots []int64, o matching.Options) (*matching.Solution, error) {
	s, err := matching.Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return s, Improve(ctx, p, lots, s, o.Workers)
}

// Terms are what an allocation keeps to besides the problem, and where the search for it may begin besides the linear
// optimum.
type Terms struct {
	Lots []int64 // least quantity of each pair if it is used at all, parallel to the edges; nil: any

	// Known is an allocation that is worth beginning at, such as what is promised already: the result is worth no less,
	// as far as it fits into the problem and keeps the lots.
	Known []matching.EdgeFlow
}

// SolveTerms is Solve with terms.
func SolveTerms(ctx context.Context, p *matching.Problem, terms Terms, o matching.Options) (*matching.Solution, error) {
	s, err := matching.Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return s, ImproveTerms(ctx, p, terms, s, o.Workers)
}

// Quick is Solve without its last stage, ruin and recreate: for questions that compare many allocations.
func Quick(ctx context.Context, p *matching.Problem, o matching.Options) (*matching.Solution, error) {
	s, err := matching.Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return s, improve(ctx, p, Terms{}, s, o.Workers, true)
}

// Improve searches for a better allocation than that of a solution of matching.Solve, and for one that keeps the lots,
// in place. Bound, prices and basis stay as they are.
func Improve(ctx context.Context, p *matching.Problem, lots []int64, s *matching.Solution, workers int) error {
	return ImproveTerms(ctx, p, Terms{Lots: lots}, s, workers)
}

// ImproveTerms is Improve with terms.
func ImproveTerms(ctx context.Context, p *matching.Problem, terms Terms, s *matching.Solution, workers int) error {
	return improve(ctx, p, terms, s, workers, false)
}

func improve(ctx context.Context, p *matching.Problem, terms Terms, s *matching.Solution, workers int, quick bool) error {
	if terms.Lots != nil && len(terms.Lots) != len(p.Edges) {
		return fmt.Errorf("charges: len(Lots) is %d, want %d, the number of edges", len(terms.Lots), len(p.Edges))
	}
	if terms.Lots == nil && (p.Charges == nil || s.Optimal || s.Stopped) {
		return nil
	}
	if p.Charges == nil {
		free := *p
		free.Charges = make([]int64, len(p.Edges))
		p = &free
	}
	components := newComponents(p, s, quick)
	for _, c := range components {
		c.lots = lotsOf(p, terms.Lots, c.part)
	}
	known := flowsOf(p, terms.Known, components)
	for k, c := range components {
		c.known = known[k]
	}
	starts := flowsOf(p, s.Flow, components)
	if err := searchAll(ctx, components, starts, workers); err != nil {
		return fmt.Errorf("search with trip charges: %w", err)
	}
	collect(p, s, components)
	s.Stopped = s.Stopped || ctx.Err() != nil
	return nil
}

// lotsOf takes a part's lots out of those of the whole problem.
func lotsOf(p *matching.Problem, lots []int64, part *matching.Part) []int64 {
	if lots == nil {
		return nil
	}
	own := make([]int64, 0, len(part.Edges))
	for _, i := range part.Needs {
		own = append(own, lots[p.RowStart[i]:p.RowStart[i+1]]...)
	}
	return own
}

// newComponents takes the problem apart. The components come largest first.
func newComponents(p *matching.Problem, s *matching.Solution, quick bool) []*component {
	var components []*component
	for _, needs := range matching.Components(p) {
		c := &component{part: matching.NewPart(p, needs), quick: quick}
		c.basis = c.part.Basis(s.Basis)
		for k, i := range c.part.Needs {
			c.needPrice = append(c.needPrice, s.NeedPrice[i])
			c.bound += s.NeedPrice[i] * c.part.NeedQuantity[k]
		}
		for k, r := range c.part.Resources {
			c.resourcePrice = append(c.resourcePrice, s.ResourcePrice[r])
			c.bound += s.ResourcePrice[r] * c.part.ResourceQuantity[k]
		}
		components = append(components, c)
	}
	return components
}

// flowsOf gives each component its share of an allocation.
func flowsOf(p *matching.Problem, flows []matching.EdgeFlow, components []*component) [][]step {
	type seat struct{ component, need int32 }
	seats := make([]seat, len(p.NeedQuantity))
	for i := range seats {
		seats[i].component = -1
	}
	for c := range components {
		for k, i := range components[c].part.Needs {
			seats[i] = seat{int32(c), int32(k)}
		}
	}
	starts := make([][]step, len(components))
	for _, f := range flows {
		at := seats[f.Need]
		if at.component < 0 {
			continue // none of its edges can be used
		}
		k := f.Edge - p.RowStart[f.Need] + components[at.component].part.RowStart[at.need]
		starts[at.component] = append(starts[at.component], step{k, f.Quantity})
	}
	return starts
}

func searchAll(ctx context.Context, components []*component, starts [][]step, workers int) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, len(components))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(workers, len(components)) {
		group.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(components)); k = next.Add(1) - 1 {
				errs[k] = components[k].search(ctx, starts[k])
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func collect(p *matching.Problem, s *matching.Solution, components []*component) {
	s.Flow, s.Value = s.Flow[:0], 0
	for _, c := range components {
		s.Value += c.value
		for _, f := range c.best {
			need := c.graph.pairs[f.pair].need
			s.Flow = append(s.Flow, matching.EdgeFlow{
				Edge: c.part.WholeEdge(p, need, f.pair), Need: c.part.Needs[need], Quantity: f.delta,
			})
		}
	}
	slices.SortFunc(s.Flow, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	s.Optimal = s.Value == s.Bound
}
