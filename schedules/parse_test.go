package schedules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

var (
	now   = time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	kinds = []schedules.Kind{{Name: "matching", Inputs: []string{"ward", "leaves", "fairness"}}, {Name: "valuation", Inputs: []string{"runs"}}}
)

const good = `city: dc
schedules:
  - id: nightly
    work: matching
    input: {ward: "6", leaves: [food.produce]}
    cron: "*/15 6-8,20 * jan-mar mon-fri"
    time_zone: America/New_York
    overlap: skip
    catch_up: 1h
    jitter: 5m
    pause_on_failure: true
    note: before the vans leave
  - id: worth
    work: valuation
    input: {runs: 3}
    every: 6h
    offset: 30m
    overlap: buffer_one
    catch_up: 24h
    jitter: 0s
    pause_on_failure: false
`

func TestParse(t *testing.T) {
	t.Parallel()
	f, err := schedules.Parse("s.yaml", []byte(good), kinds, now)
	require.NoError(t, err)
	require.Equal(t, city.ID("dc"), f.City)
	require.Len(t, f.Schedules, 2)
	nightly := f.Schedules[0]
	require.Equal(t, []int{0, 15, 30, 45}, nightly.Times.Calendar.Minute)
	require.Equal(t, []int{6, 7, 8, 20}, nightly.Times.Calendar.Hour)
	require.Equal(t, "0,15,30,45 6-8,20 * 1-3 1-5 in America/New_York", nightly.Times.String())
	require.Equal(t, 5*time.Minute, nightly.Jitter)
	require.False(t, nightly.PauseOff)
	require.Equal(t, []city.Leaf{"food.produce"}, nightly.Input.Leaves)
	require.True(t, f.Schedules[1].PauseOff)
	require.Equal(t, "every 6h0m0s, offset 30m0s", f.Schedules[1].Times.String())
}

// Every mistake is named with file, line, field and what would be right.
func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	for replaced, expected := range map[[2]string]string{
		{"work: matching", "work: matchmaking"}:                 `s.yaml, line 4: work "matchmaking": want one of matching, valuation`,
		{"id: worth", "id: nightly"}:                            `s.yaml, line 13: id "nightly": line 3 has it already`,
		{"id: nightly", "id: Nightly!"}:                         `s.yaml, line 3: id "Nightly!": want lower-case letters`,
		{"jitter: 5m", "jiter: 5m"}:                             `s.yaml, line 10: a schedule has no field "jiter": want one of catch_up, cron`,
		{"    jitter: 5m\n", ""}:                                `s.yaml, line 3: schedule "nightly" lacks "jitter"`,
		{`ward: "6"`, "wart: 6"}:                                `s.yaml, line 5: input of matching has no field "wart": want one of fairness, leaves, ward`,
		{"runs: 3", "ward: \"6\""}:                              `input of valuation has no field "ward": want one of runs`,
		{"runs: 3", "runs: 0"}:                                  `runs "0": want 1..100`,
		{"6-8,20", "6-28"}:                                      `s.yaml, line 6: cron "*/15 6-28 * jan-mar mon-fri": hour "28": want 0..23`,
		{"6-8,20", "8-6"}:                                       `hour "8-6": the range runs backwards, want 6-8`,
		{"*/15", "*/0"}:                                         `minute "*/0": want a step of 1..59`,
		{"* jan-mar mon-fri", "*"}:                              `has 3 fields, want 5: minute hour day month weekday`,
		{"America/New_York", "America/Washington"}:              `s.yaml, line 7: time_zone "America/Washington": want a name of the IANA time zone database`,
		{"    time_zone: America/New_York\n", ""}:               `lacks "time_zone"`,
		{"overlap: skip", "overlap: wait"}:                      `overlap "wait": want one of [skip buffer_one buffer_all cancel allow]`,
		{"catch_up: 1h", "catch_up: an hour"}:                   `s.yaml, line 9: catch_up "an hour": want whole seconds from 10s to 8760h0m0s`,
		{"every: 6h", "every: 6h\n    cron: \"0 3 * * *\""}:     `want either cron, such as "0 3 * * *", or every`,
		{"every: 6h", "every: 6h\n    time_zone: UTC"}:          `time_zone goes with cron`,
		{"pause_on_failure: true", "pause_on_failure: perhaps"}: `pause_on_failure "perhaps": want true or false`,
		{"city: dc\n", ""}:                                      `the file lacks "city"`,
		{"city: dc", "city: dc\ncity: akron"}:                   `s.yaml, line 2: the file: field "city" is given twice`,
		{"* jan-mar mon-fri", "30,31 feb mon-fri"}:              `s.yaml, line 6: cron "0,15,30,45 6-8,20 30-31 2 1-5": no month has such a day`,
		{"every: 6h", "every: 6h\n    offset: 6h"}:              `every 6h0m0s with offset 6h0m0s: want an offset below the interval`,
		{`ward: "6"`, "leaves: [food.unicorn]"}:                 `s.yaml, line 5: leaves: category "food.unicorn": want a leaf such as`,
		{`ward: "6"`, "leaves: [food]"}:                         `s.yaml, line 5: leaves: food is a class: want its leaves`,
		{"city: dc\n", "city: dc\n---\ncity: dc\n"}:             `s.yaml (line 2): a second document begins: want one`,
		{"note: before the vans leave", "note: [a]"}:            `s.yaml, line 12: note: want one word or text`,
	} {
		text := strings.Replace(good, replaced[0], replaced[1], 1)
		require.NotEqual(t, good, text, replaced[0])
		_, err := schedules.Parse("s.yaml", []byte(text), kinds, now)
		require.ErrorContains(t, err, expected, "%v", replaced)
	}
	_, err := schedules.Parse("s.yaml", nil, kinds, now)
	require.ErrorContains(t, err, "s.yaml: the file is empty")
	_, err = schedules.Parse("s.yaml", []byte("city: [\n"), kinds, now)
	require.ErrorContains(t, err, "s.yaml: yaml")
}

// Two mistakes are told at once.
func TestAllMistakesAreTold(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("work: matching", "work: x", "overlap: skip", "overlap: y").Replace(good)
	_, err := schedules.Parse("s.yaml", []byte(text), kinds, now)
	require.ErrorContains(t, err, `work "x"`)
	require.ErrorContains(t, err, `overlap "y"`)
}

// A calendar that fires when the clock is put forward or back is refused unless the file says that it follows the clock.
func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	with := func(cron, zone, rule string) error {
		text := strings.Replace(good, `"*/15 6-8,20 * jan-mar mon-fri"`, `"`+cron+`"`, 1)
		text = strings.Replace(text, "America/New_York", zone+rule, 1)
		_, err := schedules.Parse("s.yaml", []byte(text), kinds, now)
		return err
	}
	follow := "\n    daylight_saving: follow"
	require.ErrorContains(t, with("30 2 * * *", "America/New_York", ""),
		`line 6: cron "30 2 * * *": 02:30 does not exist on 14 March 2027, when the clock goes forward; want another time, or daylight_saving: follow`)
	require.ErrorContains(t, with("30 1 * * *", "America/New_York", ""), "01:30 comes twice on 7 November 2027, when the clock goes back")
	require.ErrorContains(t, with("15 2 * * *", "Australia/Lord_Howe", ""), "02:15 does not exist on 3 October 2027") // half an hour there
	require.NoError(t, with("30 2 * * *", "America/New_York", follow))
	require.NoError(t, with("30 3 * * *", "America/New_York", ""))
	require.NoError(t, with("30 2 * * mon", "America/New_York", ""), "the clock is switched on Sundays")
	require.NoError(t, with("30 2 * * *", "UTC", ""))
	require.NoError(t, with("30 2 * * *", "Asia/Tokyo", ""))
	require.ErrorContains(t, with("30 2 * * *", "America/New_York", "\n    daylight_saving: maybe"), `daylight_saving "maybe": want avoid or follow`)
}

func TestCronReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"* * * * *", "0 3 * * *", "*/7 */5 1-7,15 2 sun", "5/20 0 31 dec 7", "0 0 29 2 1,3,5"} {
		c, err := schedules.ParseCron(text)
		require.NoError(t, err)
		again, err := schedules.ParseCron(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	f, err := schedules.Parse("s.yaml", []byte(good), kinds, now)
	require.NoError(t, err)
	require.Empty(t, schedules.Diff(f, f.Schedules))
	server := append([]schedules.Schedule(nil), f.Schedules[0])
	server[0].Jitter, server[0].Overlap = time.Hour, schedules.OverlapAllow
	server = append(server, schedules.Schedule{ID: "old"})
	changes := schedules.Diff(f, server)
	require.Len(t, changes, 3)
	require.Equal(t, "update nightly\n    overlap: \"allow\", in the file \"skip\"\n    jitter: \"1h0m0s\", in the file \"5m0s\"", changes[0].String())
	require.Equal(t, schedules.Remove, changes[1].Action)
	require.Equal(t, schedules.Create, changes[2].Action)
	require.Equal(t, "worth", changes[2].ID)
}
