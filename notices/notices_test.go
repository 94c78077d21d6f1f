package notices_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
)

func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 30, 9, 5, 0, 0, time.UTC)
	for _, event := range city.NoticeEvents() {
		for _, facts := range []notices.Facts{
			{}, {What: "Fruit and vegetables, 40 kg", Reason: "safety", Until: until, Link: "https://crg.example/x"},
		} {
			text, err := notices.Write(event, facts)
			require.NoError(t, err)
			require.NotEmpty(t, text.Title)
			require.NotContains(t, text.Title+text.Body, "{", "%s: a fact was left out", event)
			require.LessOrEqual(t, len(strings.Split(text.Body, "\n")), 7, "%s: short", event)
		}
	}
	_, err := notices.Write("party", notices.Facts{})
	require.ErrorContains(t, err, `"party"`)
}

func TestWrite(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	text, err := notices.Write(city.NoticeMatchWaiting, notices.Facts{
		What: "Fruit and vegetables, 40 kg", Until: time.Date(2026, 11, 30, 9, 5, 0, 0, zone), Link: "https://crg.example/m",
	})
	require.NoError(t, err)
	require.Equal(t, notices.Text{
		Title: "Please approve: Fruit and vegetables, 40 kg",
		Body: "A match waits for your approval: Fruit and vegetables, 40 kg.\nUntil Monday, 30 November 2026, 09:05 EST.\n\n" +
			"https://crg.example/m\n",
	}, text)
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		require.NoError(t, err)
		return moment
	}
	for name, test := range map[string]struct{ from, until, at, ends string }{
		"no quiet hours":             {at: "2026-11-26 03:00"},
		"before the night":           {"21:00", "07:00", "2026-11-26 20:59", ""},
		"the night begins":           {"21:00", "07:00", "2026-11-26 21:00", "2026-11-27 07:00"},
		"after midnight":             {"21:00", "07:00", "2026-11-27 03:00", "2026-11-27 07:00"},
		"the night is over":          {"21:00", "07:00", "2026-11-27 07:00", ""},
		"noon":                       {"12:00", "13:30", "2026-11-26 12:10", "2026-11-26 13:30"},
		"the month ends":             {"21:00", "07:00", "2026-11-30 23:00", "2026-12-01 07:00"},
		"the clocks go forward":      {"21:00", "07:00", "2026-03-07 23:00", "2026-03-08 07:00"},
		"the clocks go back":         {"21:00", "07:00", "2026-10-31 23:00", "2026-11-01 07:00"},
		"an end that does not exist": {"21:00", "02:30", "2026-03-07 23:00", "2026-03-08 03:30"},
	} {
		quiet, err := notices.ParseQuiet(test.from, test.until)
		require.NoError(t, err, name)
		ends, inside := quiet.Ends(at(test.at))
		require.Equal(t, test.ends != "", inside, name)
		if inside {
			require.Equal(t, test.ends, ends.Format("2006-01-02 15:04"), name)
		}
		from, until := quiet.Texts()
		require.Equal(t, []string{test.from, test.until}, []string{from, until}, name)
	}
	for _, wrong := range [][2]string{{"21:00", ""}, {"25:00", "07:00"}, {"9", "10"}, {"07:00", "07:00"}} {
		_, err := notices.ParseQuiet(wrong[0], wrong[1])
		require.Error(t, err, "%v", wrong)
	}
}

// Whatever the quiet hours and the moment, the end lies ahead, within a day and an hour, and outside of them.
func TestQuietHoursEnd(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		quiet := notices.Quiet{From: rapid.IntRange(0, 1439).Draw(t, "from"), Until: rapid.IntRange(0, 1439).Draw(t, "until")}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0).In(zone)
		ends, inside := quiet.Ends(at)
		if !inside {
			return
		}
		if !ends.After(at) || ends.Sub(at) > 25*time.Hour {
			t.Fatalf("quiet %s at %s ends %s", quiet, at, ends)
		}
	})
}

func TestPause(t *testing.T) {
	t.Parallel()
	failure := errors.New("connection refused")
	var total time.Duration
	for n := 1; n < notices.Attempts; n++ {
		total += notices.Pause(n, failure)
		require.GreaterOrEqual(t, notices.Pause(n+1, failure), notices.Pause(n, failure))
	}
	require.Equal(t, 30*time.Second, notices.Pause(1, failure))
	require.Equal(t, time.Minute, notices.Pause(2, failure))
	require.Equal(t, 4*time.Hour, notices.Pause(1000, failure))
	require.InDelta(t, 12, total.Hours(), 8, "long enough for an outage overnight")
	asked := fmt.Errorf("send: %w", &notices.LaterError{After: 10 * time.Minute, Cause: failure})
	require.Equal(t, 10*time.Minute, notices.Pause(1, asked))
	require.Equal(t, 4*time.Hour, notices.Pause(1, &notices.LaterError{After: 1000 * time.Hour, Cause: failure}))
	require.ErrorIs(t, asked, failure)
	require.ErrorIs(t, notices.ErrGone, notices.ErrRefused)
}
