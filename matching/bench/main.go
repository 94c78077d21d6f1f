// Command bench measures the matching engine, and prints the tables of docs/performance.md: first against OR-Tools and
// LEMON, on the same instances in one run, then the rest of what is promised.
//
// Ours is the wall time of everything between a loaded problem and a checked certificate. The others' is the CPU time
// of their solve call alone, component by component, with the input already split: what they would need for reading,
// splitting and checking is left out in their favour. All take turns in rounds. The best round of each counts; how much
// longer the longest took, and the ratio of the medians, say how far to trust it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"text/tabwriter"
)

// options are what the command line says.
type options struct {
	only    *regexp.Regexp
	python  string
	plot    string
	repeat  int
	workers int
	large   bool
	rivals  bool
	folder  string  // for instances and programs
	ortools float64 // milliseconds that OR-Tools took for the first city, 0 if it was not measured
}

func main() {
	only := flag.String("only", ".", "regular expression of the rows to measure")
	var o options
	flag.IntVar(&o.repeat, "repeat", 3, "measure in this many rounds and take the best")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "parallel workers of our engine")
	flag.StringVar(&o.python, "python", "", "a Python with ortools 9.15; empty: make an environment in the user's cache")
	flag.StringVar(&o.plot, "plot", "", "write the picture of the growth to this SVG file")
	flag.BoolVar(&o.large, "large", true, "also the city of 1,000,000 x 1,000,000 (needs 6 GB)")
	flag.BoolVar(&o.rivals, "rivals", true, "also OR-Tools and LEMON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.folder, err = os.MkdirTemp("", "crg-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(o.folder) }()
	fmt.Fprintf(os.Stdout, "%s/%s, %d cores, %d workers, %s, best of %d rounds\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.workers, runtime.Version(), o.repeat)
	failed := compare(ctx, &o)
	return errors.Join(failed, promises(ctx, o))
}

// compare prints the table against the others.
func compare(ctx context.Context, o *options) error {
	var chosen []family
	for _, f := range families(o.large) {
		if o.only.MatchString(f.name) {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	rivals, err := prepareRivals(ctx, *o)
	if err != nil {
		return err
	}
	table := newTable("instance\tedges\tours s\tspread\tof it check s\tOR-Tools s\tspread\tits assignment s\tLEMON simplex s\tscaling s\t" +
		"to OR-Tools\tof medians\tto the fastest\tbar\t\t")
	var growth []point
	var failed error
	for _, f := range chosen {
		row, err := measure(ctx, f, rivals, *o)
		if err != nil { // the others' figures are worth having all the same
			failed = errors.Join(failed, fmt.Errorf("%s: %w", f.name, err))
			continue
		}
		if f.name == firstCity {
			o.ortools = 1000 * row.rivals[0].best()
		}
		if f.grows {
			growth = append(growth, point{edges: row.edges, seconds: row.ours.best()})
		}
		if f.shown {
			fmt.Fprintln(table, row)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return errors.Join(failed, printGrowth(growth, o.plot))
}

// promises prints the table of what has a bar of its own.
func promises(ctx context.Context, o options) error {
	table := newTable("what\tmeasured\tmedian\tbar\t\tbeyond\t\t")
	for _, p := range []struct {
		name    string
		measure func(ctx context.Context, o options) ([]promise, error)
	}{
		{"crg solve", wholeProcess},
		{"candidates", generation},
		{"warm start", warmStart},
		{"what-if", whatIf},
		{"certificate", certificateCheck},
	} {
		if !o.only.MatchString(p.name) {
			continue
		}
		rows, err := p.measure(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, row := range rows {
			fmt.Fprintln(table, row)
		}
	}
	return table.Flush()
}

// promise is one row of the second table. A figure without bars is only told.
type promise struct {
	what        string
	measured    float64
	unit        string
	bar, beyond float64 // the most that it may be
	median      float64 // where the figure is the best of several rounds
}

func (p promise) String() string {
	text := fmt.Sprintf("%s\t%.4g %s\t", p.what, p.measured, p.unit)
	if p.median > 0 {
		text += fmt.Sprintf("%.4g %s", p.median, p.unit)
	}
	if p.bar == 0 {
		return text + "\t\t\t\t\t"
	}
	return text + fmt.Sprintf("\t%.4g\t%s\t%.4g\t%s\t",
		p.bar, yesNo(p.measured <= p.bar), p.beyond, yesNo(p.measured <= p.beyond))
}

// timed is a promise in milliseconds about what was measured in rounds.
func timed(what string, took sample, bar, beyond float64) promise {
	return promise{what: what, measured: 1000 * took.best(), unit: "ms", bar: bar, beyond: beyond, median: 1000 * took.median()}
}

func newTable(header string) *tabwriter.Writer {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(table, header)
	return table
}
