package candidates

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The first look lets through whatever the exact one takes, also where a score or a charge is rounded at the edge, where
// quantities are huge, and where trips are free; and little else.
func TestFirstLookRefusesNothingThatIsWorthMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1))
	one, few := func(n int64) int64 { return r.Int64N(n) + 1 }, func(list ...int64) int64 { return list[r.IntN(len(list))] }
	passed, taken := 0, 0
	for range 300_000 {
		g := &grid{
			success: few(million, million, 900_000, one(million)),
			charge:  TripCharge{FixedMinor: few(0, 750, one(5000)), MilliMinorPerKm: few(0, 1, 113_097, one(maxUnitValue))},
		}
		w := &want{open: 1, reach: reachSquared(0), left: few(1, 30, one(100), one(1<<40)), weight: few(million, one(3*million), maxWeight)}
		o := offer{
			open: 1, reach: reachSquared(0), left: few(1, 30, one(100), one(1<<40)),
			worth: int32(few(one(300), one(maxUnitValue))), cost: int32(few(0, 0, one(200))),
		}
		o.at = place{int32(one(few(20_000, maxDecimetres))), int32(few(0, one(20_000)))}
		score := rate{weight: w.weight, success: g.success}.score(int64(o.worth), int64(o.cost))
		worth := score - g.charge.over(metres(o.at.squared(w.at)))/min(o.left, w.left)
		for _, floor := range []int64{max(worth-1, 0), max(worth, 0), max(worth+1, 0)} {
			s, kept := newSieve(w, g), make([]int32, 1)
			n := s.sift([]glance{o.glance()}, floor, kept)
			passed += n
			if worth > floor {
				taken++
				require.Equal(t, 1, n, "worth %d, floor %d: %+v %+v %+v", worth, floor, g.charge, w, o)
			}
		}
	}
	require.Less(t, passed, taken+taken/2, "two of three floors are at the edge of refusing")
}
