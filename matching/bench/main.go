// Command bench measures the matching engine against OR-Tools and LEMON on the same instances in one run, and prints
// the speed table of docs/performance.md.
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
	"path/filepath"
	"regexp"
	"runtime"
	"text/tabwriter"
)

func main() {
	only := flag.String("only", ".", "regular expression of the families to measure")
	repeat := flag.Int("repeat", 3, "measure this many times and take the best")
	workers := flag.Int("workers", runtime.NumCPU(), "parallel workers of our engine")
	python := flag.String("python", "", "a Python with ortools 9.15; empty: make an environment in the user's cache")
	large := flag.Bool("large", false, "also the city of 1,000,000 x 1,000,000 (needs 6 GB), without rivals")
	alone := flag.Bool("alone", false, "measure only our engine")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *only, *python, *repeat, *workers, *large, *alone)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only, python string, repeat, workers int, large, alone bool) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	folder, err := os.MkdirTemp("", "crg-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var rivals []rival
	if !alone {
		if rivals, err = prepareRivals(ctx, folder, python); err != nil {
			return err
		}
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(table, "instance\tedges\tours s\tcheck s\tB/edge\tOR-Tools s\tLEMON s\tto OR-Tools\tto LEMON\t")
	for _, f := range families(large) {
		if !chosen.MatchString(f.name) {
			continue
		}
		row, err := measure(ctx, f, rivals, filepath.Join(folder, "instance"), repeat, workers)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		fmt.Fprintln(table, row)
	}
	return table.Flush()
}
