// Command bench measures the matching engine, and prints the tables of docs/performance.md: first against OR-Tools and
// LEMON, on the same instances in one run, then the rest of what is promised.
//
// Ours is the wall time of everything between a loaded problem and a checked certificate. The others' is the CPU time
// of their solve call alone, component by component, with the input already split: what they would need for reading,
// splitting and checking is left out in their favour.
package main

import (
	"context"
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
	folder  string // for instances and programs
}

func main() {
	only := flag.String("only", ".", "regular expression of the rows to measure")
	var o options
	flag.IntVar(&o.repeat, "repeat", 3, "measure ours this many times and take the best")
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
	fmt.Fprintf(os.Stdout, "%s/%s, %d cores, %d workers, %s, best of %d\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.workers, runtime.Version(), o.repeat)
	if err := compare(ctx, o); err != nil {
		return err
	}
	return promises(ctx, o)
}

// compare prints the table against the others.
func compare(ctx context.Context, o options) error {
	var chosen []family
	for _, f := range families(o.large) {
		if o.only.MatchString(f.name) {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	rivals, err := prepareRivals(ctx, o)
	if err != nil {
		return err
	}
	table := newTable("instance\tedges\tours s\tof it check s\tOR-Tools s\tLEMON s\tto OR-Tools\tto LEMON\t")
	var growth []point
	for _, f := range chosen {
		row, err := measure(ctx, f, rivals, o)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if f.grows {
			growth = append(growth, point{edges: row.edges, seconds: row.ours.Seconds()})
		}
		if f.shown {
			fmt.Fprintln(table, row)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return printGrowth(growth, o.plot)
}

// promises prints the table of what has a bar of its own.
func promises(ctx context.Context, o options) error {
	table := newTable("what\tmeasured\tbar\tbeyond\t")
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
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t\n", row.what, row.measured, row.bar, row.beyond)
		}
	}
	return table.Flush()
}

// promise is one row of the second table.
type promise struct{ what, measured, bar, beyond string }

func newTable(header string) *tabwriter.Writer {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(table, header)
	return table
}
