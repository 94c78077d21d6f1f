package matching

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// Version identifies the rules by which results come about. It changes when the same input may give another allocation
// or other prices, which then are equally good.
const Version = "11"

// Solve finds an allocation of greatest total value and prices that prove it.
//
// It fails only on a problem that Validate refuses. If the context ends first, the solution is the best allocation
// found so far with a bound that holds, and Stopped is true.
//
// With trip charges the problem is NP-hard: the bound is that of the relaxation in which each charge is spread over
// the largest quantity that its pair can carry, and the allocation is the relaxation's without the pairs that do not
// pay for their trip.
func Solve(ctx context.Context, p *Problem, o Options) (*Solution, error) {
	narrow, err := p.survey()
	if err != nil {
		return nil, fmt.Errorf("check matching problem: %w", err)
	}
	tune := tuning{smallestAuction: smallestAuction, narrow: narrow}
	if p.Charges == nil {
		return solveLinear(ctx, p, o, tune), nil
	}
	s := solveLinear(ctx, p.Amortised(), o, tune)
	dropUnpaid(p, s)
	return s, nil
}

func solveLinear(ctx context.Context, p *Problem, o Options, tune tuning) *Solution {
	s := &Solution{
		NeedPrice:     make([]int64, len(p.NeedQuantity)),
		ResourcePrice: make([]int64, len(p.ResourceQuantity)),
		Basis:         NewBasis(p),
	}
	tasks := newTasks(ctx, p, o, s, tune)
	s.Components = len(tasks)
	progress := newReporter(o.Progress, len(tasks))
	progress.report(StageComponents, 0)
	runTasks(ctx, tasks, o, progress)
	for i := range tasks {
		t := &tasks[i]
		s.Bound += t.bound
		s.Stopped = s.Stopped || !t.finished
		s.Counters.add(t.counters)
	}
	s.Flow, s.Value = gatherFlows(p, tasks)
	s.Optimal = s.Value == s.Bound
	priceIdle(p, s)
	s.Basis.ResourcePrice = slices.Clone(s.ResourcePrice)
	progress.report(StageDone, 0)
	return s
}

func newTasks(ctx context.Context, p *Problem, o Options, s *Solution, tune tuning) []task {
	split := splitComponents(p)
	local := make([]int32, len(p.ResourceQuantity))
	for r, q := range p.ResourceQuantity {
		local[r] = none
		if q == 0 {
			local[r] = closed
		}
	}
	warm := newWarmth(p, o.Warm, split)
	tasks := make([]task, len(split.needs))
	for k := range tasks {
		tasks[k] = task{
			problem: p, needs: split.needs[k], near: split.near, local: local, number: int32(k), warm: warm, tuning: tune,
			needPrice: s.NeedPrice, resourcePrice: s.ResourcePrice, basis: s.Basis,
		}
	}
	if warm != nil && tune.narrow {
		loadInOrder(ctx, p, tasks, warm)
	}
	return tasks
}

// runTasks solves the components, the largest first, so that none of the workers is left with a large one at the end.
func runTasks(ctx context.Context, tasks []task, o Options, progress *reporter) {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	all := newCrew(workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			var memory workspace
			all.work(len(tasks), func(k int) {
				tasks[k].crew = all
				tasks[k].solve(&memory, &meter{ctx: ctx, maxPivots: o.MaxPivots})
				progress.report(StageSolve, 1)
			})
		})
	}
	wg.Wait()
}

// priceIdle prices what takes no part because its own quantity is 0. Such prices cost the bound nothing, but the
// certificate covers every edge.
func priceIdle(p *Problem, s *Solution) {
	if slices.Contains(p.ResourceQuantity, 0) {
		for i, q := range p.NeedQuantity {
			for _, e := range p.Row(i) {
				if q > 0 && p.ResourceQuantity[e.Resource] == 0 {
					s.ResourcePrice[e.Resource] = max(s.ResourcePrice[e.Resource], e.Value-s.NeedPrice[i])
				}
			}
		}
	}
	for i, q := range p.NeedQuantity {
		if q > 0 {
			continue
		}
		for _, e := range p.Row(i) {
			s.NeedPrice[i] = max(s.NeedPrice[i], e.Value-s.ResourcePrice[e.Resource])
		}
	}
}

// reporter passes progress on, one call at a time.
type reporter struct {
	mu    sync.Mutex
	to    func(Progress)
	state Progress
}

func newReporter(to func(Progress), components int) *reporter {
	return &reporter{to: to, state: Progress{Components: components}}
}

func (r *reporter) report(stage Stage, solved int) {
	if r.to == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Stage = stage
	r.state.Solved += solved
	r.to(r.state)
}
