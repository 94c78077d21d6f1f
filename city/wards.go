package city

import (
	"fmt"
	"slices"
	"strings"
)

// mostListed is how many wards are named where none is near.
const mostListed = 20

// UnknownWard says what is wrong with a ward that a city does not have, and which ones somebody may have meant; nothing if
// the city has it.
func UnknownWard(ward string, known []string) string {
	if slices.Contains(known, ward) {
		return ""
	}
	text := fmt.Sprintf("%q is not one of the city's %d wards", ward, len(known))
	if near := Nearest(ward, known); near != "" {
		return text + fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) > 0 && len(known) <= mostListed {
		return text + ": " + strings.Join(known, ", ")
	}
	return text
}

// UnknownWard says of the first ward that a floor is for and a city does not have what is wrong with it; nothing if the city
// has them all.
func (f *Floor) UnknownWard(known []string) string {
	for _, ward := range f.Wards {
		if wrong := UnknownWard(ward, known); wrong != "" {
			return wrong
		}
	}
	return ""
}
