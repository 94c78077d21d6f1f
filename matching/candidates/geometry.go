package candidates

import (
	"math"

	"github.com/city-resource-graph/crg/city"
)

// place is a position on the city's plane in whole decimetres. From here on all geometry is integer arithmetic, so
// that two machines never disagree on whether a pair is in reach.
type place struct{ x, y int32 }

const decimetresPerMetre = 10

// maxDecimetres keeps squared distances inside 62 bits; it is 10,000 km, beyond any plane that is still metric.
const maxDecimetres = 100_000_000

func placeOf(plane city.Plane, p city.Point) (place, bool) {
	x, y := plane.Metres(p)
	x, y = math.Round(x*decimetresPerMetre), math.Round(y*decimetresPerMetre)
	if math.Abs(x) > maxDecimetres || math.Abs(y) > maxDecimetres {
		return place{}, false
	}
	return place{int32(x), int32(y)}, true
}

// squared is the squared distance in square decimetres.
func (p place) squared(q place) int64 {
	dx, dy := int64(p.x)-int64(q.x), int64(p.y)-int64(q.y)
	return dx*dx + dy*dy
}

// metres turns a squared distance into whole metres. IEEE 754 requires a correctly rounded square root, so this is
// the same on every machine.
func metres(squared int64) int64 {
	return int64(math.Sqrt(float64(squared))+decimetresPerMetre/2) / decimetresPerMetre
}

// reachSquared is the squared distance of a reach in metres; 0 metres means no limit.
func reachSquared(metres int) int64 {
	if metres <= 0 || metres > maxDecimetres/decimetresPerMetre {
		return math.MaxInt64
	}
	d := int64(metres) * decimetresPerMetre
	return d * d
}

// over is the charge of a trip over a distance in metres.
func (t *TripCharge) over(metres int64) int64 {
	return t.FixedMinor + (t.MilliMinorPerKm*metres+million/2)/million
}

// seconds is the time from the start of loading to the arrival.
func (t *Travel) seconds(metres int64) int64 {
	return t.HandlingSeconds + t.SecondsPerKm*metres/1000
}
