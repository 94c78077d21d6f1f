package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/city-resource-graph/crg/matching"
)

// line is one row of the table.
type line struct {
	name         string
	edges        int
	ours, check  time.Duration
	bytesPerEdge float64
	rivals       []float64 // CPU seconds; 0: not measured
}

func (l line) String() string {
	text := fmt.Sprintf("%s\t%d\t%.3f\t%.4f\t%.0f\t", l.name, l.edges, l.ours.Seconds(), l.check.Seconds(), l.bytesPerEdge)
	for _, s := range l.rivals {
		text += seconds(s) + "\t"
	}
	for _, s := range l.rivals {
		text += ratio(s, (l.ours+l.check).Seconds()) + "\t"
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
func measure(ctx context.Context, f family, rivals []rival, path string, repeat, workers int) (line, error) {
	p := f.problem()
	l := line{name: f.name, edges: len(p.Edges)}
	value, err := l.measureOurs(ctx, p, repeat, workers)
	if err != nil {
		return l, err
	}
	if f.alone {
		l.rivals = make([]float64, len(rivals))
		return l, nil
	}
	if err := export(path, p); err != nil {
		return l, err
	}
	for _, r := range rivals {
		theirs, err := r.solve(ctx, path)
		if err != nil {
			return l, fmt.Errorf("%s: %w", r.name, err)
		}
		if theirs.Value != value {
			return l, fmt.Errorf("%s finds %d, we find %d", r.name, theirs.Value, value)
		}
		l.rivals = append(l.rivals, theirs.Seconds)
	}
	return l, nil
}

func (l *line) measureOurs(ctx context.Context, p *matching.Problem, repeat, workers int) (value int64, err error) {
	for range max(repeat, 1) {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		started := time.Now()
		s, err := matching.Solve(ctx, p, matching.Options{Workers: workers})
		solved := time.Now()
		if err != nil {
			return 0, err
		}
		err = matching.Verify(p, s)
		checked := time.Now()
		if err != nil {
			return 0, err
		}
		if !s.Optimal {
			return 0, errors.New("not solved to optimality")
		}
		runtime.ReadMemStats(&after)
		value = s.Value
		if took := solved.Sub(started); l.ours == 0 || took < l.ours {
			l.ours, l.check = took, checked.Sub(solved)
		}
		if len(p.Edges) > 0 {
			l.bytesPerEdge = float64(after.TotalAlloc-before.TotalAlloc) / float64(len(p.Edges))
		}
	}
	return value, nil
}
