package workflows

import (
	"fmt"

	"github.com/city-resource-graph/crg/activities"
)

// markdown is the page of a run in the Web UI.
func (p RunProgress) markdown() string {
	text := "**" + p.Step + "**"
	if p.Shards > 0 {
		text += fmt.Sprintf("\n\n%d resources, %d needs, %d candidates; %d of %d shards solved",
			p.Resources, p.Needs, p.Candidates, p.Solved, p.Shards)
	}
	text += recurrenceText(p.Recurrence) + fairnessText(p.Fairness)
	if p.Proof.Certificate.Key != "" {
		text += fmt.Sprintf("\n\nachieved %d of at most %d minor units, optimal: %t", p.Proof.Achieved, p.Proof.Bound, p.Proof.Optimal)
	}
	text += recordedText(p.RunSummary)
	if p.Unvalued != "" {
		text += "\n\n" + p.Unvalued
	}
	return text
}

// recordedText says what became of the proposals; nothing before they are recorded.
func recordedText(s activities.RunSummary) string {
	if s.Recorded+s.Skipped == 0 {
		return ""
	}
	text := fmt.Sprintf("\n\n%d proposals recorded", s.Recorded)
	if taken := s.Skipped - s.Inactive; taken > 0 {
		text += fmt.Sprintf("; %d left out, for their stock was taken meanwhile", taken)
	}
	if s.Inactive > 0 {
		text += fmt.Sprintf("; %d left out, for a holder does not take part any more", s.Inactive)
	}
	return text
}

// recurrenceText says how a run follows the ones before it; nothing of the first one.
func recurrenceText(r activities.Recurrence) string {
	text := ""
	switch {
	case r.Warm:
		text = fmt.Sprintf("\n\nbegan warm, on the basis of run %s", r.From)
	case r.Problem != "":
		text = "\n\nbegan cold: " + r.Problem
	}
	if r.Fixed+r.Open+r.Forbidden > 0 {
		text += fmt.Sprintf("\n\n%d agreed matches pinned, %d refused pairs forbidden; of %d open proposals %d pairs kept, %d changed, %d dropped; %d new",
			r.Fixed, r.Forbidden, r.Open, r.Kept, r.Changed, r.Dropped, r.Added)
	}
	if r.PriceMinor != nil {
		text += fmt.Sprintf("; keeping them cost %d minor units, %d at most", *r.PriceMinor, *r.PriceAtMost)
	}
	return text
}

// fairnessText says what a run does for its floors or in strict order, and what that costs.
func fairnessText(f *activities.Fairness) string {
	if f == nil {
		return ""
	}
	text := ""
	for i := range f.Floors {
		floor := &f.Floors[i]
		text += fmt.Sprintf("\n\nfloor of %d of %s", floor.Least, floor.Title())
		if floor.From != "" {
			text += fmt.Sprintf(", which open proposals of run %s promise", floor.From)
		}
		if floor.GivenUp > 0 {
			text += fmt.Sprintf(" (%d more could not be kept)", floor.GivenUp)
		}
		text += ": "
		if floor.Reached != nil {
			text += fmt.Sprintf("they get %d, ", *floor.Reached)
		}
		text += fmt.Sprintf("without it %d", floor.Free)
		if floor.PriceMinor != nil {
			text += fmt.Sprintf("; the last unit costs %d minor units", *floor.PriceMinor)
		}
	}
	for _, t := range f.Tiers {
		text += fmt.Sprintf("\n\nurgency %d: %d of %d needs get something, worth %d of at most %d minor units",
			t.Urgency, t.Served, t.Needs, t.AchievedMinor, t.BoundMinor)
	}
	if f.CostMinor != nil {
		text += fmt.Sprintf("\n\nfairness cost %d minor units, %d at most", *f.CostMinor, *f.CostAtMost)
	}
	return text
}
