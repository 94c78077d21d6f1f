package valuation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

func TestCalibrate(t *testing.T) {
	t.Parallel()
	_, known, err := valuation.Calibrate(nil)
	require.NoError(t, err)
	require.False(t, known, "no data is not a number")

	_, _, err = valuation.Calibrate([]valuation.Outcome{{Stated: 1.2}})
	require.ErrorContains(t, err, "outcomes[0]: chance 1.2: want a share from 0 to 1")

	// The one real base rate: DC crews found something at 1,976 of 2,570 bulky pick-ups with a note. A stated 0.77 fits.
	var outcomes []valuation.Outcome
	for i := range 2570 {
		outcomes = append(outcomes, valuation.Outcome{Stated: 0.77, Succeeded: i < 1976})
	}
	fits, known, err := valuation.Calibrate(outcomes)
	require.NoError(t, err)
	require.True(t, known)
	require.InDelta(t, 0.7689, fits.Rate, 0.0001)
	require.InDelta(t, 0.7689*0.2311, fits.Brier, 0.0001)
	require.Len(t, fits.Bins, 1)
	require.Less(t, fits.Bins[0].Low95, 0.77)
	require.Greater(t, fits.Bins[0].Upp95, 0.77)

	sure, _, err := valuation.Calibrate([]valuation.Outcome{{Stated: 1, Succeeded: true}, {Stated: 0}})
	require.NoError(t, err)
	require.Zero(t, sure.Brier)
	require.Len(t, sure.Bins, 2)
	require.InDelta(t, 0.9, sure.Bins[1].From, 1e-9, "certainty belongs to the last tenth")
}

// A chance is learned from what was known before, never from the attempt itself: the first states what was stated, and a
// group learns more from its own outcomes than from those of others.
func TestForetellLearnsFromThePastAlone(t *testing.T) {
	t.Parallel()
	attempts := []valuation.Attempt{{Group: "1"}, {Group: "1"}, {Group: "2", Succeeded: true}}
	outcomes := valuation.Foretell(0.9, attempts)
	require.InDelta(t, 0.9, outcomes[0].Stated, 1e-9)
	overall := (20 * 0.9) / 21
	require.InDelta(t, (20*overall)/21, outcomes[1].Stated, 1e-9, "one failure, of the group and of all")
	require.InDelta(t, (20*0.9)/22, outcomes[2].Stated, 1e-9, "the other group knows of two failures elsewhere")
	require.True(t, outcomes[2].Succeeded)
	attempts[2].Succeeded = false
	require.Equal(t, outcomes[2].Stated, valuation.Foretell(0.9, attempts)[2].Stated)
}
