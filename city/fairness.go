package city

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fairness is what a matching run has to see to besides value.
type Fairness struct {
	Floors []Floor `json:"floors,omitempty"`
	Tiers  bool    `json:"tiers,omitempty"` // needs are served strictly in the order of their urgency
}

// Floor is the least that the needs of some wards are to get together, of what can be counted together. One of the three
// ways to say how much is set.
type Floor struct {
	Wards []string `json:"wards"`
	Leaf  Leaf     `json:"leaf,omitempty"`  // resources of this leaf count,
	Class Class    `json:"class,omitempty"` // or of the leaves of this class that have the class's unit

	Quantity      int64   `json:"quantity,omitempty"`        // units
	ShareOfNeed   float64 `json:"share_of_need,omitempty"`   // of what those needs want, above 0, at most 1
	ShareOfOffers float64 `json:"share_of_offers,omitempty"` // of what the city has to give, above 0, at most 1
}

// MostFloors is how many floors a run may have: each is a search of its own.
const MostFloors = 20

// FairnessError names the part of a wish for fairness that is wrong. Field is its path: floors, 0, leaf.
type FairnessError struct {
	Field  []string
	Detail string
}

func (e *FairnessError) Error() string {
	path := "fairness"
	for _, part := range e.Field {
		path += "." + part
	}
	return path + ": " + e.Detail
}

// IsZero says that nothing is asked for.
func (f Fairness) IsZero() bool { return len(f.Floors) == 0 && !f.Tiers }

// String says what is asked for, the same text for the same wish.
func (f Fairness) String() string {
	var parts []string
	for k := range f.Floors {
		parts = append(parts, "at least "+f.Floors[k].String())
	}
	if f.Tiers {
		parts = append(parts, "strictly by urgency")
	}
	return strings.Join(parts, "; ")
}

// String says what is asked for: "500 of food for ward 7".
func (f *Floor) String() string {
	switch {
	case f.ShareOfNeed > 0:
		return fmt.Sprintf("%v of what is wanted of %s", f.ShareOfNeed, f.Title())
	case f.ShareOfOffers > 0:
		return fmt.Sprintf("%v of what is offered of %s", f.ShareOfOffers, f.Title())
	}
	return fmt.Sprintf("%d of %s", f.Quantity, f.Title())
}

// Validate names the first thing that no run of this ward (empty: all) and these leaves (none: all) could do. Which wards
// there are, only the city knows.
func (f Fairness) Validate(t *Taxonomy, ward string, leaves []Leaf) error {
	if len(f.Floors) > 0 && f.Tiers {
		return &FairnessError{[]string{"tiers"}, "want floors or tiers: in strict order of urgency no floor has a price"}
	}
	if len(f.Floors) > MostFloors {
		return &FairnessError{[]string{"floors"}, fmt.Sprintf("%d of them: want at most %d", len(f.Floors), MostFloors)}
	}
	for k := range f.Floors {
		field, detail := f.Floors[k].wrong(t)
		if detail == "" {
			field, detail = f.Floors[k].outside(t, ward, leaves)
		}
		if detail != "" {
			return &FairnessError{[]string{"floors", fmt.Sprint(k), field}, detail}
		}
	}
	return nil
}

func (f *Floor) wrong(t *Taxonomy) (field, detail string) {
	if len(f.Wards) == 0 {
		return "wards", "want the ward whose needs the floor is for, or several"
	}
	for k, ward := range f.Wards {
		if ward == "" || slices.Contains(f.Wards[:k], ward) {
			return "wards", fmt.Sprintf("%q: want each ward once", ward)
		}
	}
	if field, detail := f.wrongCategory(t); detail != "" {
		return field, detail
	}
	given := 0
	for _, share := range []struct {
		name string
		of   float64
	}{{"share_of_need", f.ShareOfNeed}, {"share_of_offers", f.ShareOfOffers}} {
		if !(share.of >= 0 && share.of <= 1) {
			return share.name, fmt.Sprintf("%v: want more than 0 and at most 1, such as 0.3", share.of)
		}
		if share.of > 0 {
			given++
		}
	}
	if f.Quantity < 0 || f.Quantity > mostOfFloor {
		return "quantity", fmt.Sprintf("%d: want 1..%d", f.Quantity, mostOfFloor)
	}
	if f.Quantity > 0 {
		given++
	}
	if given != 1 {
		return "quantity", "want one of quantity, share_of_need and share_of_offers"
	}
	return "", ""
}

// mostOfFloor is the largest quantity that the engine can count.
const mostOfFloor = 1 << 40

// outside says what of the floor a run of this ward and these leaves does not look at.
func (f *Floor) outside(t *Taxonomy, ward string, leaves []Leaf) (field, detail string) {
	for _, w := range f.Wards {
		if ward != "" && w != ward {
			return "wards", fmt.Sprintf("%q: the run is inside ward %s", w, ward)
		}
	}
	counts := f.LeavesOf(t)
	if len(leaves) > 0 && !slices.ContainsFunc(leaves, func(l Leaf) bool { return slices.Contains(counts, l) }) {
		return "leaf", fmt.Sprintf("%s: the run is of %v only", f.What(), leaves)
	}
	return "", ""
}

// What counts, in one word: the leaf or the class.
func (f *Floor) What() string { return cmp.Or(string(f.Leaf), string(f.Class)) }

// Title names the floor for people: "food for wards 7, 8".
func (f *Floor) Title() string {
	if len(f.Wards) == 1 {
		return fmt.Sprintf("%s for ward %s", f.What(), f.Wards[0])
	}
	return fmt.Sprintf("%s for wards %s", f.What(), strings.Join(f.Wards, ", "))
}

// wrongCategory sees to it that what is added up has one unit.
func (f *Floor) wrongCategory(t *Taxonomy) (field, detail string) {
	switch {
	case f.Leaf == "" && f.Class == "":
		return "leaf", "want a leaf such as food.produce, or a class such as food: units of different leaves cannot be added up"
	case f.Leaf != "" && f.Class != "":
		return "class", "want a leaf or a class, not both"
	case f.Leaf != "":
		category, err := t.Category(f.Leaf)
		if err != nil {
			return "leaf", err.Error()
		}
		if category.IsClass() {
			return "leaf", fmt.Sprintf("%s is a class: want class: %s, or one of its leaves", f.Leaf, f.Leaf)
		}
		return "", ""
	}
	if err := f.Class.Validate(); err != nil {
		return "class", err.Error()
	}
	if len(f.LeavesOf(t)) == 0 {
		return "class", fmt.Sprintf("%s has no leaf: want another class", f.Class)
	}
	return "", ""
}

// LeavesOf lists what counts: the leaf, or the class's leaves in the class's unit. Others cannot be added to them.
func (f *Floor) LeavesOf(t *Taxonomy) []Leaf {
	if f.Leaf != "" {
		return []Leaf{f.Leaf}
	}
	class, err := t.Category(Leaf(f.Class))
	if err != nil {
		return nil
	}
	var leaves []Leaf
	for _, category := range t.Leaves() {
		if category.Class() == f.Class && category.Unit == class.Unit {
			leaves = append(leaves, category.Leaf)
		}
	}
	return leaves
}

// UnitOf is what the floor counts in.
func (f *Floor) UnitOf(t *Taxonomy) Unit {
	category, _ := t.Category(cmp.Or(f.Leaf, Leaf(f.Class))) // the zero unit of what is unknown
	return category.Unit
}

// Covers says whether a need of the ward is one of those that the floor is for.
func (f *Floor) Covers(ward string) bool { return slices.Contains(f.Wards, ward) }
