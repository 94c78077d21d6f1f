package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/matching"
)

// line is one row of the table.
type line struct {
	name        string
	bar         string
	edges       int
	ours, check time.Duration // check is part of ours
	rivals      []float64     // CPU seconds; 0: not measured
}

func (l line) String() string {
	text := fmt.Sprintf("%s\t%d\t%.3f\t%.4f\t", l.name, l.edges, l.ours.Seconds(), l.check.Seconds())
	for _, s := range l.rivals {
		text += seconds(s) + "\t"
	}
	best := 0.0
	for _, s := range l.rivals {
		if s > 0 && (best == 0 || s < best) {
			best = s
		}
	}
	text += ratio(l.rivals[0], l.ours.Seconds()) + "\t" + ratio(best, l.ours.Seconds()) + "\t" + l.bar + "\t" + l.met(best) + "\t"
	return text
}

// met says whether the bar is met: so many times OR-Tools, or, where there is none, a third of the fastest rival.
func (l line) met(best float64) string {
	var times, most float64
	if n, _ := fmt.Sscanf(l.bar, "%g s", &most); n == 1 && strings.HasSuffix(l.bar, " s") {
		return yesNo(l.ours.Seconds() <= most)
	}
	switch _, err := fmt.Sscanf(l.bar, "%gx", &times); {
	case l.rivals[0] == 0:
		return "-"
	case err == nil:
		return yesNo(l.rivals[0]/l.ours.Seconds() >= times)
	default:
		return yesNo(l.ours.Seconds() <= 3*best)
	}
}

func yesNo(met bool) string {
	if met {
		return "met"
	}
	return "NOT MET"
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
	l := line{name: f.name, bar: f.bar, edges: len(p.Edges), rivals: make([]float64, 4)}
	if f.once {
		o.repeat = 1
	}
	var found []int64
	if !f.alone && len(rivals) > 0 {
		path := filepath.Join(o.folder, "instance")
		if err := export(path, p); err != nil {
			return l, err
		}
		for k, r := range rivals {
			if r.perfect && !f.perfect || r.classic && !f.classic {
				continue
			}
			theirs, err := r.solve(ctx, path)
			if err != nil {
				return l, fmt.Errorf("%s: %w", r.name, err)
			}
			found = append(found, theirs.Value)
			l.rivals[k] = theirs.Seconds
		}
	}
	value, err := l.measureOurs(ctx, p, o)
	if err != nil {
		return l, err
	}
	fmt.Fprintln(os.Stderr, f.name, l.ours.Round(time.Millisecond), l.rivals) // the table comes at the end
	for _, v := range found {
		if v != value {
			return l, fmt.Errorf("another solver finds %d, we find %d", v, value)
		}
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
