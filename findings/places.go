package findings

import (
	"cmp"
	"math"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/report"
)

// blockDegrees is the grid to which the place of a private holder is rounded: about 110 m of latitude, a city block.
const blockDegrees = 0.001

// MapPoints lists the places of the listings that entered the run. A place that is not a public address (a person's, or
// known to the block only) is rounded to the block; a default coordinate is not shown at all.
func (s *Solved) MapPoints() []report.MapPoint {
	matched := map[city.ListingID]bool{}
	for _, p := range s.Pairs() {
		matched[p.Need.ID], matched[p.Resource.ID] = true, true
	}
	var points []report.MapPoint
	for side, listings := range map[string][]candidates.Listing{"resource": s.Snapshot.Resources, "need": s.Snapshot.Needs} {
		for i := range listings {
			l := &listings[i]
			if l.Point == nil || l.LocationQuality == city.Default {
				continue
			}
			at := *l.Point
			if l.HolderKind == city.Person || l.LocationQuality != city.Exact {
				at = city.Point{Lon: toBlock(at.Lon), Lat: toBlock(at.Lat)}
			}
			points = append(points, report.MapPoint{
				Lon: at.Lon, Lat: at.Lat, Side: side, Class: string(l.Leaf.Class()), Matched: matched[l.ID],
			})
		}
	}
	// By all that a point says, so that the same run gives the same report; what is matched is drawn over what is not.
	slices.SortFunc(points, func(a, b report.MapPoint) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat),
			cmp.Compare(layer(a), layer(b)), cmp.Compare(a.Class, b.Class))
	})
	return points
}

func layer(p report.MapPoint) int {
	if p.Matched {
		return 1
	}
	return 0
}

func toBlock(degrees float64) float64 { return math.Round(degrees/blockDegrees) * blockDegrees }

// WardShapes are the outlines for the map.
func (s *Solved) WardShapes() []report.WardShape {
	shapes := make([]report.WardShape, 0, len(s.Wards))
	for _, ward := range s.Wards {
		shapes = append(shapes, report.WardShape{Ward: ward.ID, Rings: ward.Rings})
	}
	return shapes
}

// ByWard is what reaches each ward.
func (s *Solved) ByWard() []report.WardShare {
	shares := make([]report.WardShare, len(s.Wards))
	position := map[string]int{}
	for i, ward := range s.Wards {
		income := ward.MedianIncome
		for range s.Snapshot.Currency.Digits() {
			income /= 10
		}
		shares[i] = report.WardShare{Ward: ward.ID, Population: ward.Population, Income: income}
		position[ward.ID] = i
	}
	for _, p := range s.Pairs() {
		i, known := position[p.Need.Ward]
		if !known {
			continue
		}
		shares[i].Matches++
		if isFood(p.Resource.Leaf) && p.Resource.Quantity.Unit == city.Kilogram {
			shares[i].FoodKg += p.Quantity
		}
	}
	return shares
}
