package ingest

import (
	"fmt"
	"math"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// State is what rules over several rows or files need to know: it is worked out by the plan and travels with it, so that
// every batch can be mapped on its own. Its size is bounded.
type State struct {
	Repeats map[string]map[string]int64 `json:"repeats,omitempty"` // data set -> key that stands on several lines -> the first of them
	Sets    map[string][]string         `json:"sets,omitempty"`    // set -> its values, sorted
	Medians map[string]float64          `json:"medians,omitempty"` // data set and field -> median of its values
	Near    map[string]map[string]Site  `json:"near,omitempty"`    // data set -> row and entry that an earlier site covers -> that site
	Places  map[string]city.Point       `json:"places,omitempty"`  // address in its simplest form -> the first place that a row gives it
}

// Site is where an earlier listing of the same group stands.
type Site struct {
	Dataset string `json:"dataset"`
	Line    int64  `json:"line"`
}

// Bounds of the state, so that the memory for it does not grow with the files.
const (
	maxKeys    = 8 << 20 // rows of one file whose keys are compared: 64 MB
	maxSeen    = 100_000 // keys of one file that are held as they are; beyond that they are hashed, and repeated ones read again
	maxRepeats = 100_000 // keys that stand twice
	maxSet     = 200_000 // values of a set
	maxValues  = 1 << 20 // numbers of which a median is taken
	maxSites   = 200_000 // sites of a group
	maxPlaces  = 200_000 // addresses of the gazetteer; later ones are not remembered
)

func newState() *State {
	return &State{
		Repeats: map[string]map[string]int64{}, Sets: map[string][]string{}, Medians: map[string]float64{},
		Near: map[string]map[string]Site{}, Places: map[string]city.Point{},
	}
}

func (s *State) contains(set, value string) bool {
	_, found := slices.BinarySearch(s.Sets[set], value)
	return found
}

// nearKey names one entry of one row.
func nearKey(row int64, branch, entry int) string { return fmt.Sprintf("%d/%d/%d", row, branch, entry) }

// covered asks whether an entry of a row is covered by an earlier site.
type covered func(row int64, branch, entry int, at city.Point) (Site, bool, error)

// recorded answers from the plan.
func (s *State) recorded(dataset string) covered {
	known := s.Near[dataset]
	return func(row int64, branch, entry int, _ city.Point) (Site, bool, error) {
		if len(known) == 0 {
			return Site{}, false, nil
		}
		site, ok := known[nearKey(row, branch, entry)]
		return site, ok, nil
	}
}

// sites finds earlier sites of a group while the plan is made.
type sites struct {
	plane city.Plane
	cells map[[2]int64][]located
	count int
	side  float64
}

type located struct {
	x, y float64
	Site
}

func newSites(plane city.Plane, metres float64) *sites {
	return &sites{plane: plane, cells: map[[2]int64][]located{}, side: metres}
}

// find looks for a site nearer than the group's metres, which are the side of a cell too.
func (s *sites) find(at city.Point) (Site, bool) {
	x, y := s.plane.Metres(at)
	cell := s.cell(x, y)
	for dc := int64(-1); dc <= 1; dc++ {
		for dr := int64(-1); dr <= 1; dr++ {
			for _, other := range s.cells[[2]int64{cell[0] + dc, cell[1] + dr}] {
				if dx, dy := other.x-x, other.y-y; dx*dx+dy*dy < s.side*s.side {
					return other.Site, true
				}
			}
		}
	}
	return Site{}, false
}

func (s *sites) add(at city.Point, site Site) error {
	if s.count++; s.count > maxSites {
		return fmt.Errorf("more than %d sites in one group of near: use it for rare kinds of place", maxSites)
	}
	x, y := s.plane.Metres(at)
	cell := s.cell(x, y)
	s.cells[cell] = append(s.cells[cell], located{x, y, site})
	return nil
}

func (s *sites) cell(x, y float64) [2]int64 {
	return [2]int64{int64(math.Floor(x / s.side)), int64(math.Floor(y / s.side))}
}
