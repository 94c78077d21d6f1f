package candidates

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What the steps and moments of two calendars say without a search is what the search finds.
func TestCalendarAgreesWithTheSearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		end := rapid.SampledFrom([]int64{1, 100, 255, 256, 1000, 604_800, 1 << 40}).Draw(r, "horizon")
		spans := rapid.Custom(func(r *rapid.T) []span {
			if rapid.IntRange(0, 9).Draw(r, "always") == 0 {
				return always
			}
			var spans []span
			at := int64(0)
			for range rapid.IntRange(0, 7).Draw(r, "spans") {
				from := at + rapid.Int64Range(0, end/4+1).Draw(r, "gap")
				at = from + rapid.Int64Range(1, end/8+1).Draw(r, "length")
				spans = append(spans, span{from, at})
			}
			return spans
		})
		giver, receiver := spans.Draw(r, "giver"), spans.Draw(r, "receiver")
		travel := rapid.Int64Range(0, end/10).Draw(r, "travel")
		longest := travel + rapid.Int64Range(0, end/10).Draw(r, "longest")
		c := newCalendar(end)
		_, meet := earliestArrival(giver, receiver, travel)
		givers, receivers := c.moments(giver, 0), c.moments(receiver, longest)
		if givers.meets(&receivers) {
			require.True(r, meet)
		}
		during, coarse := c.during(giver, longest)
		other, coarseOther := c.during(receiver, 0)
		if meet {
			require.True(r, during.meets(&other))
			require.NotZero(r, coarse&coarseOther)
		}
	})
}
