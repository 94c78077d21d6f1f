package activities

import (
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// statement says which floors cannot be kept, and what would be possible.
func (r *rehearsal) statement(e *fairness.UnreachableError) string {
	f := &r.kept[e.Floor]
	floor := fmt.Sprintf("the floor of %s of %s", r.units(e.Floor, f.Least), f.Title())
	switch {
	case len(e.Among) > 0:
		return r.rivals(e)
	case e.Together && e.Unproven:
		return floor + " was not found to be possible beside the others; nobody proved that it is not; ask for less of one of them" + r.more()
	case f.AtMost < f.Least:
		return fmt.Sprintf("%s cannot be kept: %s is the most that can reach them, of %d wanted there and %d offered in the city; ask for less",
			floor, r.units(e.Floor, f.AtMost), f.Wanted, f.Offered)
	}
	return fmt.Sprintf("%s was not found to be possible at any price up to %s: there they get %s; nobody proved that it is not; ask for less%s",
		floor, "four times the most that a unit or a trip is worth", r.units(e.Floor, f.Agreed+e.AtMost), r.more())
}

// more says how many candidates would do where those that a run looks at are too few; nothing where that is not known.
func (r *rehearsal) more() string {
	if r.perNeed == 0 {
		return ""
	}
	return fmt.Sprintf(", or let the scoring keep %d candidates per need (per_need) in place of %d, which leave it no room",
		r.perNeed, r.snapshot.Scoring.Kept())
}

// rivals says which floors stand in each other's way, what each could have alone, and what would be possible together.
func (r *rehearsal) rivals(e *fairness.UnreachableError) string {
	var asked, alone, possible []string
	for _, rival := range e.Among {
		f := &r.kept[rival.Floor]
		together := f.Agreed + rival.Possible
		f.Possible = &together
		asked = append(asked, fmt.Sprintf("%s of %s", r.units(rival.Floor, f.Least), f.Title()))
		alone = append(alone, r.units(rival.Floor, f.AtMost))
		possible = append(possible, r.units(rival.Floor, together))
	}
	and := func(parts []string) string { return strings.Join(parts, " and ") }
	fewer := ""
	if e.AnyFewer {
		fewer = ", all but one could"
	}
	return fmt.Sprintf("the floors of %s cannot be kept together%s: alone they could have %s, together for example %s; "+
		"ask for less of one of them", and(asked), fewer, and(alone), and(possible))
}

func (r *rehearsal) units(floor int, quantity int64) string {
	if unit := r.kept[floor].UnitOf(city.DefaultTaxonomy()); unit != "" {
		return fmt.Sprintf("%d %s", quantity, unit)
	}
	return fmt.Sprint(quantity)
}
