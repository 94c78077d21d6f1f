package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Progress writes the story of a demo as it goes: one line a step when it is done, and on a terminal a line that moves
// meanwhile.
type Progress struct {
	out      io.Writer
	terminal bool

	mu      sync.Mutex
	started time.Time
	step    time.Time
	seconds map[string]float64
	moving  bool
}

// NewProgress writes to out; terminal says whether a line may be written over.
func NewProgress(out io.Writer, terminal bool) *Progress {
	now := time.Now()
	return &Progress{out: out, terminal: terminal, started: now, step: now, seconds: map[string]float64{}}
}

// Moving shows what is going on until the step is done.
func (p *Progress) Moving(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal {
		return
	}
	p.moving = true
	_, _ = fmt.Fprintf(p.out, "\r\033[K   … "+format, args...)
}

// Done closes a step: its number and word, and what came of it.
func (p *Progress) Done(number int, word, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	now := time.Now()
	p.seconds[word] = now.Sub(p.step).Seconds()
	_, _ = fmt.Fprintf(p.out, "%2d %-11s %s   (%.1f s)\n", number, word, fmt.Sprintf(format, args...), now.Sub(p.step).Seconds())
	p.step = now
}

// Note writes a line that belongs to the step above it.
func (p *Progress) Note(word, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	_, _ = fmt.Fprintf(p.out, "   %-11s %s\n", word, fmt.Sprintf(format, args...))
}

// Title writes a line of its own.
func (p *Progress) Title(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	_, _ = fmt.Fprintln(p.out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// Seconds is how long each step took, and "total".
func (p *Progress) Seconds() map[string]float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	seconds := map[string]float64{"total": time.Since(p.started).Seconds()}
	for word, s := range p.seconds {
		seconds[word] = s
	}
	return seconds
}

func (p *Progress) clear() {
	if p.moving {
		_, _ = fmt.Fprint(p.out, "\r\033[K")
		p.moving = false
	}
}
