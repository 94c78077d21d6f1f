package schedules

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// CheckWards names the first schedule that is for a ward that its city does not have, and the wards that may have been
// meant. A file is read without asking the city; whoever applies it asks, so that nobody learns of a slip from the run that
// fails next morning.
func (f *File) CheckWards(known []string) error {
	for _, s := range f.Schedules {
		wrong := ""
		if s.Input.Ward != "" {
			if unknown := city.UnknownWard(s.Input.Ward, known); unknown != "" {
				wrong = "ward " + unknown
			}
		}
		for k := 0; wrong == "" && k < len(s.Input.Fairness.Floors); k++ {
			floor := &s.Input.Fairness.Floors[k]
			if unknown := floor.UnknownWard(known); unknown != "" {
				wrong = fmt.Sprintf("floor of %s: %s", floor.Title(), unknown)
			}
		}
		if wrong != "" {
			return fmt.Errorf("line %d: schedule %q: %s", s.Line, s.ID, wrong)
		}
	}
	return nil
}
