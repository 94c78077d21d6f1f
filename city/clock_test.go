package city_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func TestClockShiftsByWholeWeeksAndKeepsTheLocalHour(t *testing.T) {
	t.Parallel()
	washington, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	asOf := time.Date(2016, 8, 8, 9, 0, 0, 0, washington) // a Monday in daylight-saving time
	started := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

	clock, err := city.NewClock(asOf, started, 86_400)
	require.NoError(t, err)
	require.Equal(t, time.Monday, clock.Epoch.Weekday())
	require.Equal(t, 9, clock.Epoch.Hour(), "winter time now, summer time then: the local hour stays")
	require.False(t, clock.Epoch.After(started))

	due := time.Date(2016, 8, 12, 17, 30, 0, 0, washington)
	shifted := clock.Shift(due)
	require.Equal(t, time.Friday, shifted.Weekday())
	require.Equal(t, "17:30", shifted.Format("15:04"))
}

func TestClockScaleMakesDaysSeconds(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	clock, err := city.NewClock(time.Time{}, started, 86_400)
	require.NoError(t, err)
	require.Equal(t, started.Add(36*time.Hour), clock.Now(started.Add(1500*time.Millisecond)))
	require.Equal(t, started.AddDate(0, 0, 200_000), clock.Now(started.Add(200_000*time.Second)), "no overflow after centuries")
	require.Equal(t, time.Second, clock.Wait(24*time.Hour))
}

func TestClockRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	_, err := city.NewClock(now.Add(time.Hour), now, 1)
	require.ErrorContains(t, err, "future")
	_, err = city.NewClock(now, now, 0)
	require.ErrorContains(t, err, "time_scale 0")
}
