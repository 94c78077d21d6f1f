package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// solveFlags are what crg solve is told.
type solveFlags struct {
	files    edgelist.Files
	out      string
	workers  int
	deadline time.Duration
	warmFrom string
	json     bool
	favour   solveFairness
}

// solveReport is what crg solve prints with --json.
type solveReport struct {
	Value      int64        `json:"value"`
	Bound      int64        `json:"bound"`
	Gap        int64        `json:"gap"`
	Optimal    bool         `json:"optimal"`
	Needs      int          `json:"needs"`
	Resources  int          `json:"resources"`
	Edges      int          `json:"edges"`
	Components int          `json:"components"`
	Seconds    solveSeconds `json:"seconds"`
	PeakRSS    int64        `json:"peak_rss_bytes"`

	Unweighted *edgelist.Unweighted `json:"unweighted,omitempty"`
	Floors     []edgelist.Floor     `json:"floors,omitempty"`
	Tiers      []edgelist.Tier      `json:"tiers,omitempty"`
}

// solveSeconds is the wall time of each step.
type solveSeconds struct {
	Read       float64 `json:"read"`
	Components float64 `json:"components"`
	Solve      float64 `json:"solve"`
	Verify     float64 `json:"verify"`
	Write      float64 `json:"write"`
}

func newSolveCommand() *cobra.Command {
	var f solveFlags
	command := &cobra.Command{
		Use:   "solve --needs FILE --resources FILE --edges FILE --out DIR",
		Short: "Find the allocation of greatest value in plain CSV files, and prove it",
		Long: `Finds the allocation of greatest total value and prices that prove it.

Input, each with its header line, quantities and values whole numbers up to 2^40:
  needs      id,quantity[,ward][,tier][,weight]   see --floor, --tiers, --weights
  resources  id,quantity
  edges      need,resource,value[,charge]   value per unit; charge once per used pair

Output, in the folder DIR, which appears whole or not at all:
  allocation.csv    need,resource,quantity
  prices.csv        side,id,price
  certificate.json  value, bound, gap, optimal, SHA-256 of the input, versions
  proofs.csv        proof,side,id,price: what --tiers and --weights claim besides the bound; prices of 0 are left out
  basis.bin         where a later solve can start from (--warm-from)
  inputs.json       where the input lies, for crg explain

Anyone can repeat the proof with crg verify-run, or by hand: every edge is worth at most the sum of its two prices, and
the sum of quantity x price over both sides is the bound. Exit code 2: the input is wrong, nothing was written.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.favour.check(f.deadline); err != nil {
				return err
			}
			return runSolve(cmd.Context(), f, cmd.OutOrStdout())
		},
	}
	addFileFlags(command, &f.files)
	f.favour.addFlags(command)
	flags := command.Flags()
	flags.StringVar(&f.out, "out", "", "result folder: new, empty, or an earlier result to replace")
	flags.IntVar(&f.workers, "workers", 0, "number of parallel workers, 0 for one per core; the result is the same")
	flags.DurationVar(&f.deadline, "deadline", 0, "stop after this time with the best allocation so far and its gap, e.g. 2s")
	flags.StringVar(&f.warmFrom, "warm-from", "", "result folder of an earlier solve of similar input, to start from")
	flags.BoolVar(&f.json, "json", false, "print the summary as one JSON object")
	requireFlags(command, "out")
	return command
}

// addFileFlags adds the flags that name the three input tables.
func addFileFlags(command *cobra.Command, files *edgelist.Files) {
	flags := command.Flags()
	flags.StringVar(&files.Needs, "needs", "", "CSV file of needs: id,quantity[,ward][,tier][,weight]")
	flags.StringVar(&files.Resources, "resources", "", "CSV file of resources: id,quantity")
	flags.StringVar(&files.Edges, "edges", "", "CSV file of edges: need,resource,value[,charge]")
	requireFlags(command, "needs", "resources", "edges")
}

// requireFlags makes a missing flag a mistake in usage.
func requireFlags(command *cobra.Command, names ...string) {
	before := command.PreRunE
	command.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range names {
			if cmd.Flag(name).Value.String() == "" {
				return usagef("--%s is missing: see crg %s --help", name, cmd.Name())
			}
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q: see crg %s --help", args[0], cmd.Name())
	}
	return nil
}

// mostWorkers is more than any machine has cores; each worker takes memory of its own.
const mostWorkers = 1024

func runSolve(ctx context.Context, f solveFlags, out io.Writer) error {
	started := time.Now()
	if f.workers < 0 || f.deadline < 0 {
		return usagef("--workers and --deadline must not be negative")
	}
	if f.workers > mostWorkers {
		return usagef("--workers is %d: want at most %d, or 0 for one per core", f.workers, mostWorkers)
	}
	// One run, then the process ends: collecting garbage would only compete with the solver for the two cores. It is done
	// twice, where little is in use and much was.
	debug.SetGCPercent(-1)
	forgetOwnPages() // they would be a third of all memory
	folder, err := edgelist.Prepare(f.out)
	if err != nil {
		return usage(err)
	}
	defer folder.Discard()
	in, err := edgelist.Read(f.files, f.workers)
	if err != nil {
		return usage(err)
	}
	if in, err = f.weigh(in); err != nil {
		return err
	}
	runtime.GC()     // what reading left behind is memory for the solver
	forgetOwnPages() // the collector has looked into the types of all packages
	options := matching.Options{Workers: f.workers}
	if f.warmFrom != "" {
		if options.Warm, err = edgelist.ReadBasis(f.warmFrom, in); err != nil {
			return usage(err)
		}
	}
	watch := stopwatch{last: started}
	report := solveReport{Needs: len(in.Needs), Resources: len(in.Resources), Edges: len(in.Problem.Edges)}
	report.Seconds.Read = watch.lap()
	digest := make(chan string, 1)
	go func() { digest <- in.Digest() }()
	solution, favoured, err := f.solve(ctx, in, options, started, &watch, &report)
	if err != nil {
		return err
	}
	report.Seconds.Verify = watch.lap()
	runtime.GC() // and what the solver left behind, for writing
	err = folder.Commit(&edgelist.Result{Instance: in, Solution: solution, Digest: <-digest, Warm: options.Warm != nil, Favoured: favoured, Files: f.files})
	if err != nil {
		return err
	}
	report.Seconds.Write = watch.lap()
	report.PeakRSS = peakRSS()
	if err := report.print(out, f.json); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New("interrupted: what was written is the best allocation found until then")
	}
	return nil
}

// solve finds the allocation, until the deadline if there is one, and fills in the report. What it returns is verified.
func (f *solveFlags) solve(ctx context.Context, in *edgelist.Instance, o matching.Options, started time.Time, watch *stopwatch,
	report *solveReport,
) (s *matching.Solution, favoured edgelist.Favoured, err error) {
	if f.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, started.Add(f.deadline))
		defer cancel()
	}
	if f.favour.asked() {
		s, favoured, err = f.solveFavoured(ctx, in, o)
	} else {
		own := o
		own.Progress = func(progress matching.Progress) {
			if progress.Stage == matching.StageComponents {
				report.Seconds.Components = watch.lap()
			}
		}
		s, err = charges.Solve(ctx, in.Problem, own)
	}
	if err == nil && in.Unweighted != nil {
		o.Warm = s.Basis
		err = solveUnweighted(ctx, in, s.Flow, o, &favoured)
	}
	if err != nil {
		return nil, favoured, usageOfNumbers(err)
	}
	report.solved(s, watch)
	report.Unweighted, report.Floors, report.Tiers = favoured.Unweighted, favoured.Floors, favoured.Tiers
	if f.favour.asked() {
		return s, favoured, nil
	}
	if err := matching.Verify(in.Problem, s); err != nil {
		return nil, favoured, fmt.Errorf("the engine's own result does not hold: %w", err)
	}
	return s, favoured, nil
}

func (r *solveReport) solved(s *matching.Solution, watch *stopwatch) {
	r.Seconds.Solve = watch.lap()
	r.Value, r.Bound, r.Gap, r.Optimal = s.Value, s.Bound, s.Gap(), s.Optimal
	r.Components = s.Components
}

func (r *solveReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	proof := "proven optimal"
	if !r.Optimal {
		proof = fmt.Sprintf("at most %d short of the optimum", r.Gap)
	}
	_, err := fmt.Fprintf(out, "value %d, %s\n%d needs, %d resources, %d edges, %d components\n"+
		"%.3f s: read %.3f, components %.3f, solve %.3f, verify %.3f, write %.3f; peak memory %d MB\n",
		r.Value, proof, r.Needs, r.Resources, r.Edges, r.Components,
		r.Seconds.Read+r.Seconds.Components+r.Seconds.Solve+r.Seconds.Verify+r.Seconds.Write,
		r.Seconds.Read, r.Seconds.Components, r.Seconds.Solve, r.Seconds.Verify, r.Seconds.Write, r.PeakRSS>>20)
	tellFavoured(out, r.Unweighted, r.Floors, r.Tiers)
	return err
}

// stopwatch measures one step after the other.
type stopwatch struct{ last time.Time }

func (w *stopwatch) lap() float64 {
	now := time.Now()
	seconds := now.Sub(w.last).Seconds()
	w.last = now
	return seconds
}
