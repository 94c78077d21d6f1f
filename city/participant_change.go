package city

import "strings"

// samePlace is how far apart two points of a holder may be and still be one place, in metres: what geocoders differ by.
const samePlace = 100

// ChangesFrom names what a person who decided on a participant as it was would have to see: another name (but for case and
// spaces), kind, address, e-mail domain or operator, and another place: more than 100 m away, known better or worse, or none.
func (p Participant) ChangesFrom(was Participant) []string {
	var changed []string
	for _, part := range []struct {
		name    string
		differs bool
	}{
		{"name", plain(p.Name) != plain(was.Name)},
		{"kind", p.Kind != was.Kind},
		{"address", p.AddressID != was.AddressID},
		{"e-mail domain", p.EmailDomain != was.EmailDomain},
		{"operator", plain(p.Operator) != plain(was.Operator)},
		{"place", p.LocationQuality != was.LocationQuality || moved(p.Point, was.Point)},
	} {
		if part.differs {
			changed = append(changed, part.name)
		}
	}
	return changed
}

func plain(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

func moved(p, was *Point) bool {
	if p == nil || was == nil {
		return p != was
	}
	return Plane{Centre: *was}.Distance(*p, *was) > samePlace
}
