package schedules

import (
	"fmt"
	"slices"
	"strings"
)

// Action is what makes a schedule of the server equal to the file.
type Action string

// Actions.
const (
	Create Action = "create"
	Update Action = "update"
	Remove Action = "remove"
)

// Change is one difference between a file and the server.
type Change struct {
	Action  Action        `json:"action"`
	ID      string        `json:"id"`
	Line    int           `json:"line,omitempty"` // in the file; 0 for what is removed
	Fields  []FieldChange `json:"fields,omitempty"`
	Wanted  *Schedule     `json:"-"` // nil for what is removed
	Present *Schedule     `json:"-"` // nil for what is created
}

// FieldChange is a field that the server has otherwise.
type FieldChange struct {
	Field  string `json:"field"`
	Server string `json:"server"`
	File   string `json:"file"`
}

// String is the change in a line and its fields in further ones.
func (c Change) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.Action, c.ID)
	for _, f := range c.Fields {
		fmt.Fprintf(&b, "\n    %s: %q, in the file %q", f.Field, f.Server, f.File)
	}
	return b.String()
}

// Diff lists what would make present equal to the file, by id.
func Diff(f *File, present []Schedule) []Change {
	var changes []Change
	for i := range f.Schedules {
		wanted := &f.Schedules[i]
		k := slices.IndexFunc(present, func(s Schedule) bool { return s.ID == wanted.ID })
		if k < 0 {
			changes = append(changes, Change{Action: Create, ID: wanted.ID, Line: wanted.Line, Wanted: wanted})
			continue
		}
		if fields := compare(present[k], *wanted); len(fields) > 0 {
			changes = append(changes, Change{
				Action: Update, ID: wanted.ID, Line: wanted.Line, Fields: fields, Wanted: wanted, Present: &present[k],
			})
		}
	}
	for i := range present {
		if !slices.ContainsFunc(f.Schedules, func(s Schedule) bool { return s.ID == present[i].ID }) {
			changes = append(changes, Change{Action: Remove, ID: present[i].ID, Present: &present[i]})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	return changes
}

func compare(server, file Schedule) []FieldChange {
	var changes []FieldChange
	wanted := file.fields()
	for i, have := range server.fields() {
		if have[1] != wanted[i][1] {
			changes = append(changes, FieldChange{Field: have[0], Server: have[1], File: wanted[i][1]})
		}
	}
	return changes
}
