package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/city-resource-graph/crg/matching"
)

// line is one row of the table.
type line struct {
	name        string
	edges       int
	ours, check time.Duration // check is part of ours
	rivals      []float64     // CPU seconds; 0: not measured
}

func (l line) String() string {
	text := fmt.Sprintf("%s\t%d\t%.3f\t%.4f\t", l.name, l.edges, l.ours.Seconds(), l.check.Seconds())
	for _, s := range l.rivals {
		text += seconds(s) + "\t"
	}
	for _, s := range l.rivals {
		text += ratio(s, l.ours.Seconds()) + "\t"
	}
	return text
}

func seconds(s float64) string {
	if s == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", s)
}

func ratio(theirs, ours float64) string {
	if theirs == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1fx", theirs/ours)
}

// measure solves an instance with everyone and requires that all find the same value.
func measure(ctx context.Context, f family, rivals []rival, o options) (line, error) {
	p := f.problem()
	l := line{name: f.name, edges: len(p.Edges), rivals: make([]float64, 2)}
	if f.once {
		o.repeat = 1
	}
	value, err := l.measureOurs(ctx, p, o)
	if err != nil || f.alone || len(rivals) == 0 {
		return l, err
	}
	path := filepath.Join(o.folder, "instance")
	if err := export(path, p); err != nil {
		return l, err
	}
	for k, r := range rivals {
		theirs, err := r.solve(ctx, path)
		if err != nil {
			return l, fmt.Errorf("%s: %w", r.name, err)
		}
		if theirs.Value != value {
			return l, fmt.Errorf("%s finds %d, we find %d", r.name, theirs.Value, value)
		}
		l.rivals[k] = theirs.Seconds
	}
	return l, nil
}

func (l *line) measureOurs(ctx context.Context, p *matching.Problem, o options) (value int64, err error) {
	for range max(o.repeat, 1) {
		runtime.GC()
		started := time.Now()
		s, err := matching.Solve(ctx, p, matching.Options{Workers: o.workers})
		solved := time.Now()
		if err != nil {
			return 0, err
		}
		if err := matching.Verify(p, s); err != nil {
			return 0, err
		}
		checked := time.Now()
		if !s.Optimal {
			return 0, errNotOptimal
		}
		value = s.Value
		if took := checked.Sub(started); l.ours == 0 || took < l.ours {
			l.ours, l.check = took, checked.Sub(solved)
		}
	}
	return value, nil
}
