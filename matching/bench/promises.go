package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
	"github.com/city-resource-graph/crg/matching/live"
)

// rounds measures something several times. Before each, garbage of the last one is collected.
func rounds(repeat int, do func() error) (took sample, err error) {
	for range max(repeat, 1) {
		runtime.GC()
		started := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(started).Seconds())
	}
	return took, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

var errNotOptimal = errors.New("not solved to optimality")

// solveAndCheck solves and requires a proven optimum.
func solveAndCheck(ctx context.Context, p *matching.Problem, o matching.Options) (*matching.Solution, error) {
	s, err := matching.Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	if err := matching.Verify(p, s); err != nil {
		return nil, err
	}
	if !s.Optimal {
		return nil, errNotOptimal
	}
	return s, nil
}

// warmStart lets 0.2 % of the needs arrive, 0.2 % leave and the edges of 0.2 % change their value by up to 10 %.
func warmStart(ctx context.Context, o options) ([]promise, error) {
	p := city(100_000, 10)()
	r := rand.New(rand.NewPCG(2, 2))
	changed := r.Perm(len(p.NeedQuantity))[:len(p.NeedQuantity)*6/1000]
	third := len(changed) / 3
	arrive, leave, reprice := changed[:third], changed[third:2*third], changed[2*third:]
	quantity := slices.Clone(p.NeedQuantity)
	for _, i := range arrive {
		p.NeedQuantity[i] = 0
	}
	before, err := solveAndCheck(ctx, p, matching.Options{Workers: o.workers})
	if err != nil {
		return nil, err
	}
	copy(p.NeedQuantity, quantity)
	for _, i := range leave {
		p.NeedQuantity[i] = 0
	}
	for _, i := range reprice {
		row := p.Row(i)
		for k := range row {
			row[k].Value += row[k].Value * (r.Int64N(21) - 10) / 100
		}
	}
	cold, err := solveAndCheck(ctx, p, matching.Options{Workers: o.workers})
	if err != nil {
		return nil, err
	}
	took, err := rounds(o.repeat, func() error {
		warm, err := solveAndCheck(ctx, p, matching.Options{Workers: o.workers, Warm: before.Basis})
		if err == nil && warm.Value != cold.Value {
			err = fmt.Errorf("warm %d, cold %d", warm.Value, cold.Value)
		}
		return err
	})
	return []promise{timed("warm start, city 100k, 0.2 % of needs arrive, leave, change", took, 100, 30)}, err
}

// whatIf asks what it would cost to force a unit onto edges that are not used, in the largest component.
func whatIf(ctx context.Context, o options) ([]promise, error) {
	whole := city(100_000, 10)()
	p := &matching.NewPart(whole, matching.Components(whole)[0]).Problem
	s, err := solveAndCheck(ctx, p, matching.Options{Workers: o.workers})
	if err != nil {
		return nil, err
	}
	l, err := live.New(ctx, p, s)
	if err != nil {
		return nil, err
	}
	used := make(map[int32]bool, len(s.Flow))
	for _, f := range s.Flow {
		used[f.Edge] = true
	}
	r := rand.New(rand.NewPCG(3, 3))
	var took []time.Duration
	for len(took) < 500 {
		need := int32(r.IntN(len(p.NeedQuantity)))
		if row := p.RowStart[need+1] - p.RowStart[need]; row > 0 {
			edge := p.RowStart[need] + r.Int32N(row)
			if used[edge] {
				continue
			}
			started := time.Now()
			if _, err := l.Ask(live.Force(need, p.Edges[edge].Resource, 1)); err != nil {
				return nil, err
			}
			took = append(took, time.Since(started))
		}
	}
	slices.Sort(took)
	return []promise{
		{what: "what-if, one edge forced, largest component, p50", measured: milliseconds(took[len(took)/2]), unit: "ms", bar: 5, beyond: 1},
		{what: "the same, p99", measured: milliseconds(took[len(took)*99/100]), unit: "ms"},
	}, nil
}

// certificateCheck checks the certificate of the first city again.
func certificateCheck(ctx context.Context, o options) ([]promise, error) {
	p := instances.City(instances.City100k(10))
	s, err := solveAndCheck(ctx, p, matching.Options{Workers: o.workers})
	if err != nil {
		return nil, err
	}
	took, err := rounds(5*o.repeat, func() error { return matching.Verify(p, s) })
	return []promise{timed("certificate check, city 100k", took, 15, 8)}, err
}

// generation runs the benchmark of the candidates' package.
func generation(ctx context.Context, o options) ([]promise, error) {
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkGenerate$", "-benchtime", "1x",
		"-count", strconv.Itoa(o.repeat), "github.com/city-resource-graph/crg/matching/candidates")
	out, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	var took sample
	edges := ""
	for _, found := range regexp.MustCompile(`(\d+) ns/op\s+(\d+) edges`).FindAllSubmatch(out, -1) {
		if ns, err := strconv.ParseFloat(string(found[1]), 64); err == nil {
			took, edges = append(took, ns/1e9), string(found[2])
		}
	}
	if len(took) == 0 {
		return nil, fmt.Errorf("no result in %q", out)
	}
	return []promise{timed("candidates, "+edges+" edges", took, 300, 150)}, nil
}
