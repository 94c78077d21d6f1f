package candidates

import (
	"math"

	"github.com/city-resource-graph/crg/city"
)

// spotted is when and where a listing is: what takes longest to compile.
type spotted struct {
	at      place
	located bool
	spans   []span
	during  bitset // the steps in which a resource can be fetched or be on its way
}

// survey spots all listings of one side.
func (c *Index) survey(listings []Listing) []spotted {
	all := make([]spotted, len(listings))
	inChunks(len(listings), chunkListings, func(from, to int) {
		windows := 0
		for i := from; i < to; i++ {
			windows += len(listings[i].Windows)
		}
		arena := make([]span, 0, windows)
		for i := from; i < to; i++ {
			all[i].at, all[i].located = c.located(&listings[i])
			arena, all[i].spans = spansOf(arena, listings[i].Windows, c.snapshot.Now)
		}
	})
	return all
}

// located projects a listing's point. A default coordinate stands for many records and says nothing about distance.
func (c *Index) located(l *Listing) (place, bool) {
	if l.Point == nil || l.LocationQuality == city.Default {
		return place{}, false
	}
	return placeOf(c.snapshot.Plane, *l.Point)
}

// horizon is the end of the last window of a resource, in seconds from now.
func horizon(listings []Listing, spots []spotted) int64 {
	last := int64(1)
	for i := range spots {
		if n := len(spots[i].spans); n > 0 && len(listings[i].Windows) > 0 {
			last = max(last, spots[i].spans[n-1].to)
		}
	}
	return last
}

// longestTravel is a bound on the travel time of any pair.
func (c *Index) longestTravel(sides ...[]spotted) int64 {
	if limit := c.travel.MaxDistanceMetres; limit > 0 {
		return c.travel.seconds(int64(limit))
	}
	low, high := place{math.MaxInt32, math.MaxInt32}, place{math.MinInt32, math.MinInt32}
	for _, spots := range sides {
		for i := range spots {
			if at := spots[i].at; spots[i].located {
				low.x, low.y = min(low.x, at.x), min(low.y, at.y)
				high.x, high.y = max(high.x, at.x), max(high.y, at.y)
			}
		}
	}
	if low.x > high.x {
		return 0
	}
	return c.travel.seconds(metres(low.squared(high)) + 1)
}
