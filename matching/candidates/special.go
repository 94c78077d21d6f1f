package candidates

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// special is a pair whose score or fate depends on more than its two listings: it was pinned, or its holders know each
// other. Such pairs are few; each need looks at its own before it looks around.
type special struct {
	resource  int32
	forbidden bool
	proposed  bool
	affinity  int64
}

// specials lists the special pairs of each need, ascending by resource; nil where there are none at all.
type specials [][]special

func newSpecials(s *Snapshot, resources, needs map[city.ListingID]int32) (specials, error) {
	if len(s.Pins) == 0 && (len(s.Affinities) == 0 || s.Scoring.MaxAffinity == 0) {
		return nil, nil
	}
	of := make(specials, len(s.Needs))
	add := func(need, resource int32, change func(*special)) {
		for k := range of[need] {
			if of[need][k].resource == resource {
				change(&of[need][k])
				return
			}
		}
		sp := special{resource: resource}
		change(&sp)
		of[need] = append(of[need], sp)
	}
	for _, pin := range s.Pins {
		resource, need, err := pin.indices(resources, needs)
		if err != nil {
			return nil, err
		}
		add(need, resource, func(sp *special) {
			sp.forbidden = sp.forbidden || pin.Kind == PinForbidden
			sp.proposed = sp.proposed || pin.Kind == PinProposed
		})
	}
	s.eachAffinity(func(need, resource int32, minor int64) {
		add(need, resource, func(sp *special) { sp.affinity = minor })
	})
	for i := range of {
		slices.SortFunc(of[i], func(a, b special) int { return cmp.Compare(a.resource, b.resource) })
	}
	return of, nil
}

// indices finds the listings of a pin; a pin on a listing that is not in the snapshot is refused by name.
func (p Pin) indices(resources, needs map[city.ListingID]int32) (resource, need int32, err error) {
	resource, known := resources[p.Resource]
	if !known {
		return 0, 0, fmt.Errorf("%s pin %s - %s: the resource is not in the snapshot", p.Kind, p.Resource, p.Need)
	}
	need, known = needs[p.Need]
	if !known {
		return 0, 0, fmt.Errorf("%s pin %s - %s: the need is not in the snapshot", p.Kind, p.Resource, p.Need)
	}
	switch p.Kind {
	case PinForbidden, PinProposed, PinFixed:
		return resource, need, nil
	}
	return 0, 0, fmt.Errorf("pin %s - %s: kind %q, want forbidden, proposed or fixed", p.Resource, p.Need, p.Kind)
}

func (s *Snapshot) eachAffinity(visit func(need, resource int32, minor int64)) {
	if s.Scoring.MaxAffinity == 0 {
		return
	}
	offered := map[city.ParticipantID][]int32{}
	for r := range s.Resources {
		offered[s.Resources[r].Holder] = append(offered[s.Resources[r].Holder], int32(r))
	}
	wanted := map[city.ParticipantID][]int32{}
	for i := range s.Needs {
		wanted[s.Needs[i].Holder] = append(wanted[s.Needs[i].Holder], int32(i))
	}
	for _, a := range s.Affinities {
		minor := min(max(a.Minor, -s.Scoring.MaxAffinity), s.Scoring.MaxAffinity)
		for _, need := range wanted[a.Receiver] {
			for _, resource := range offered[a.Giver] {
				visit(need, resource, minor)
			}
		}
	}
}

// of lists the special pairs of a need.
func (s specials) of(need int32) []special {
	if s == nil {
		return nil
	}
	return s[need]
}

// find returns the special pair of a need with a resource, nil if there is none.
func (s specials) find(need, resource int32) *special {
	list := s.of(need)
	if len(list) == 0 {
		return nil
	}
	k, found := slices.BinarySearchFunc(list, resource, func(sp special, r int32) int { return cmp.Compare(sp.resource, r) })
	if !found {
		return nil
	}
	return &list[k]
}

// Proposed says whether a pair is promised by an open proposal.
func (c *Index) Proposed(need, resource int32) bool {
	sp := c.special.find(need, resource)
	return sp != nil && sp.proposed
}
