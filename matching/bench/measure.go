package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/matching"
)

// line is one row of the table.
type line struct {
	name   string
	bar    string
	edges  int
	ours   sample
	check  float64  // seconds of the best of ours
	rivals []sample // CPU seconds; empty: not measured
}

// sample is what was measured in several rounds, in seconds.
type sample []float64

// best is the shortest, 0 if there is none.
func (s sample) best() float64 {
	if len(s) == 0 {
		return 0
	}
	return slices.Min(s)
}

// median is that of the shorter half where there are two.
func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(s))[(len(s)-1)/2]
}

// spread is how much longer than the best the longest took.
func (s sample) spread() string {
	if len(s) < 2 {
		return "-"
	}
	return fmt.Sprintf("+%.0f%%", 100*(slices.Max(s)/s.best()-1))
}

func (l line) String() string {
	text := fmt.Sprintf("%s\t%d\t%.3f\t%s\t%.4f\t", l.name, l.edges, l.ours.best(), l.ours.spread(), l.check)
	fastest := 0.0
	for k, s := range l.rivals {
		text += seconds(s.best()) + "\t"
		if k == 0 {
			text += s.spread() + "\t"
		}
		if len(s) > 0 && (fastest == 0 || s.best() < fastest) {
			fastest = s.best()
		}
	}
	return text + ratio(l.rivals[0].best(), l.ours.best()) + "\t" + ratio(l.rivals[0].median(), l.ours.median()) + "\t" +
		ratio(fastest, l.ours.best()) + "\t" + l.bar + "\t" + l.met(fastest) + "\t"
}

// met says whether the bar is met: so many times OR-Tools, or, where there is none, a third of the fastest rival.
func (l line) met(fastest float64) string {
	var times, most float64
	if n, _ := fmt.Sscanf(l.bar, "%g s", &most); n == 1 && strings.HasSuffix(l.bar, " s") {
		return yesNo(l.ours.best() <= most)
	}
	switch _, err := fmt.Sscanf(l.bar, "%gx", &times); {
	case len(l.rivals[0]) == 0:
		return "-"
	case err == nil:
		return yesNo(l.rivals[0].best()/l.ours.best() >= times)
	default:
		return yesNo(l.ours.best() <= 3*fastest)
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

// again is up to how many seconds of the first round a rival is measured in the later ones, too: longer ones would take
// the most of an hour.
const again = 7.0

// measure solves an instance with everyone and requires that all find the same value. It does so in rounds, first the
// others and then we, so that a machine that is slower for a while is so for all.
func measure(ctx context.Context, f family, rivals []rival, o options) (line, error) {
	p := f.problem()
	l := line{name: f.name, bar: f.bar, edges: len(p.Edges), rivals: make([]sample, 4)}
	if f.once {
		o.repeat = 1
	}
	path := filepath.Join(o.folder, "instance")
	if f.alone {
		rivals = nil
	}
	if len(rivals) > 0 {
		if err := export(path, p); err != nil {
			return l, err
		}
	}
	for round := range max(o.repeat, 1) {
		theirs, err := l.measureRivals(ctx, f, rivals, path, round)
		if err != nil {
			return l, err
		}
		ours, err := l.measureOurs(ctx, p, o)
		if err != nil {
			return l, err
		}
		for _, v := range theirs {
			if v != ours {
				return l, fmt.Errorf("another solver finds %d, we find %d", v, ours)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%s %.3f %.2f\n", f.name, l.ours, l.rivals) // the table comes at the end
	return l, nil
}

// measureRivals lets the others solve an instance once; in later rounds those that are quick, and not on the published
// families, where they are so many.
func (l *line) measureRivals(ctx context.Context, f family, rivals []rival, path string, round int) (values []int64, err error) {
	for k, r := range rivals {
		if r.perfect && !f.perfect || r.classic && !f.classic || round > 0 && (f.classic || l.rivals[k].best() > again) {
			continue
		}
		found, err := r.solve(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		values = append(values, found.Value)
		l.rivals[k] = append(l.rivals[k], found.Seconds)
	}
	return values, nil
}

// measureOurs solves and checks once.
func (l *line) measureOurs(ctx context.Context, p *matching.Problem, o options) (value int64, err error) {
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
	if took := checked.Sub(started).Seconds(); len(l.ours) == 0 || took < l.ours.best() {
		l.check = checked.Sub(solved).Seconds()
	}
	l.ours = append(l.ours, checked.Sub(started).Seconds())
	return s.Value, nil
}
