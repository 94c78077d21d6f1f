package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/city-resource-graph/crg/matching"
)

// wholeProcess runs crg solve on CSV files, from the start of the process to its end.
func wholeProcess(ctx context.Context, o options) ([]promise, error) {
	program := filepath.Join(o.folder, "crg")
	err := runLoud(ctx, "go", "build", "-tags", "disable_grpc_modules", "-ldflags", "-s -w", // as make crg does
		"-o", program, "github.com/city-resource-graph/crg/cmd/crg")
	if err != nil {
		return nil, err
	}
	first, err := runProcess(ctx, program, city(100_000, 10)(), o, o.repeat)
	if err != nil {
		return nil, err
	}
	rows := []promise{
		timed("crg solve, whole process, city 100k", first.took, o.ortools/8, o.ortools/16),
		{what: "its peak memory", measured: first.perEdge(), unit: "B/edge", bar: 60, beyond: 40},
	}
	if !o.large {
		return rows, nil
	}
	large, err := runProcess(ctx, program, city(1_000_000, 10)(), o, 1)
	if err != nil {
		return nil, err
	}
	return append(rows,
		timed("crg solve, whole process, city 1M", large.took, 0, 0),
		promise{what: "its peak memory", measured: float64(large.peak) / 1e9, unit: "GB", bar: 4, beyond: 2},
		promise{what: "the same by edge", measured: large.perEdge(), unit: "B/edge", bar: 60, beyond: 40},
	), nil
}

// process is what a run of crg solve came to.
type process struct {
	took  sample
	peak  int64
	edges int
}

func (p process) perEdge() float64 { return float64(p.peak) / float64(p.edges) }

func runProcess(ctx context.Context, program string, p *matching.Problem, o options, repeat int) (process, error) {
	paths, err := writeTables(o.folder, p)
	if err != nil {
		return process{}, err
	}
	found := process{edges: len(p.Edges)}
	*p = matching.Problem{} // the process needs the memory
	found.took, err = rounds(repeat, func() error {
		out, err := exec.CommandContext(ctx, program, "solve", "--json", "--needs", paths[0], "--resources", paths[1],
			"--edges", paths[2], "--out", filepath.Join(o.folder, "result"), "--workers", strconv.Itoa(o.workers)).Output()
		if err != nil {
			return err
		}
		var report struct {
			Optimal bool  `json:"optimal"`
			Peak    int64 `json:"peak_rss_bytes"`
		}
		if err := json.Unmarshal(out, &report); err != nil {
			return err
		}
		if !report.Optimal {
			return errNotOptimal
		}
		found.peak = max(found.peak, report.Peak)
		return nil
	})
	return found, err
}

// writeTables writes a problem as the three CSV files.
func writeTables(folder string, p *matching.Problem) (paths [3]string, err error) {
	write := func(k int, name, header string, rows func(row func(fields ...string))) {
		if err != nil {
			return
		}
		paths[k] = filepath.Join(folder, name)
		var f *os.File
		if f, err = os.Create(paths[k]); err != nil {
			return
		}
		w := bufio.NewWriterSize(f, 1<<20)
		_, _ = w.WriteString(header + "\n")
		rows(func(fields ...string) {
			for n, field := range fields {
				if n > 0 {
					_ = w.WriteByte(',')
				}
				_, _ = w.WriteString(field)
			}
			_ = w.WriteByte('\n')
		})
		if err = w.Flush(); err == nil { // it keeps the first error
			err = f.Close()
		}
	}
	side := func(letter string, quantity []int64) func(row func(fields ...string)) {
		return func(row func(fields ...string)) {
			for k, q := range quantity {
				row(letter+strconv.Itoa(k), strconv.FormatInt(q, 10))
			}
		}
	}
	write(0, "needs.csv", "id,quantity", side("n", p.NeedQuantity))
	write(1, "resources.csv", "id,quantity", side("r", p.ResourceQuantity))
	write(2, "edges.csv", "need,resource,value", func(row func(fields ...string)) {
		for i := range p.NeedQuantity {
			for _, e := range p.Row(i) {
				row("n"+strconv.Itoa(i), "r"+strconv.Itoa(int(e.Resource)), strconv.FormatInt(e.Value, 10))
			}
		}
	})
	return paths, err
}
