package schedules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// File is what a city wants to happen regularly. It is the whole of it: a schedule of the city that the file does not
// name is removed.
type File struct {
	City      city.ID
	Line      int // where the city is named
	Schedules []Schedule
}

// Schedule is one line of work that repeats.
type Schedule struct {
	ID       string
	Work     string // name of a Kind
	Input    Input
	Times    Times
	Overlap  Overlap
	CatchUp  time.Duration // an action that a server outage prevented is made up for within this time, and lost after it
	Jitter   time.Duration // each action is late by a random part of this, so that schedules do not start all at once
	PauseOff bool          // goes on after a failure; pausing is the rule, so that nothing fails unseen every night
	Note     string
	Line     int // where it begins in its file
}

// Input is what the work is told. Each kind of work takes some of it.
type Input struct {
	Ward   string      `json:"ward,omitempty"`   // matching: both sides inside it
	Leaves []city.Leaf `json:"leaves,omitempty"` // matching: only resources of these
	Runs   int         `json:"runs,omitempty"`   // valuation: how many of the last completed runs

	Fairness city.Fairness `json:"fairness,omitzero"` // matching: what the run sees to besides value
}

// Kind is a kind of work that may be scheduled.
type Kind struct {
	Name   string   // in files
	Inputs []string // the keys of input that it takes
}

// Overlap says what happens when the last action still runs at the time of the next one.
type Overlap string

// The overlap policies.
const (
	OverlapSkip      Overlap = "skip"       // the new one does not happen
	OverlapBufferOne Overlap = "buffer_one" // one may wait
	OverlapBufferAll Overlap = "buffer_all" // all wait
	OverlapCancel    Overlap = "cancel"     // the old one is cancelled, and compensates
	OverlapAllow     Overlap = "allow"      // both run
)

func overlaps() []Overlap {
	return []Overlap{OverlapSkip, OverlapBufferOne, OverlapBufferAll, OverlapCancel, OverlapAllow}
}

// Times says when. Either Calendar is set, read in the time zone, or Every.
type Times struct {
	Calendar *Calendar
	TimeZone string // IANA name
	Every    time.Duration
	Offset   time.Duration // of Every, from the start of the Unix epoch
	Foreign  string        // what a server has and a file cannot say
}

// String is what a file would say.
func (t Times) String() string {
	if t.Foreign != "" {
		return t.Foreign
	}
	if t.Calendar != nil {
		return fmt.Sprintf("%s in %s", t.Calendar, t.TimeZone)
	}
	if t.Offset != 0 {
		return fmt.Sprintf("every %s, offset %s", t.Every, t.Offset)
	}
	return fmt.Sprintf("every %s", t.Every)
}

// fields lists what two schedules are compared by, in the words of the file.
func (s Schedule) fields() [][2]string {
	pause := "true"
	if s.PauseOff {
		pause = "false"
	}
	leaves := make([]string, len(s.Input.Leaves))
	for i, leaf := range s.Input.Leaves {
		leaves[i] = string(leaf)
	}
	slices.Sort(leaves)
	return [][2]string{
		{"work", s.Work},
		{"input.ward", s.Input.Ward},
		{"input.leaves", strings.Join(leaves, " ")},
		{"input.runs", number(s.Input.Runs)},
		{"input.fairness", s.Input.Fairness.String()},
		{"times", s.Times.String()},
		{"overlap", string(s.Overlap)},
		{"catch_up", s.CatchUp.String()},
		{"jitter", s.Jitter.String()},
		{"pause_on_failure", pause},
		{"note", s.Note},
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
