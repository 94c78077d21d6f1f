package convert_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest/convert"
)

func locale(t *testing.T) convert.Locale {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	return convert.Locale{Zone: zone, Currency: "USD"}
}

func TestConverters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		as, text string
		number   float64
		words    string // of a text or flag
		fault    string
	}{
		{as: "", text: "x", words: "x"},
		{as: "integer", text: "-12", number: -12},
		{as: "integer", text: "3.0", number: 3},
		{as: "integer", text: "1,243", fault: "want a whole number without separators"},
		{as: "integer", text: "1e30", fault: "want a whole number"},
		{as: "integer", text: "NaN", fault: "want a whole number"},
		{as: "decimal", text: "-77.03", number: -77.03},
		{as: "decimal", text: "38,9", fault: "want a number with a decimal point"},
		{as: "decimal", text: "Inf", fault: "want a finite one"},
		{as: "amount", text: "255,296.95", number: 25529695},
		{as: "amount", text: "$111.50", number: 11150},
		{as: "amount", text: "(5.00)", number: -500},
		{as: "amount", text: "Negotiable", fault: "want an amount such as 1,234.50"},
		{as: "flag", text: "Yes", words: "yes"},
		{as: "flag", text: "0", words: "no"},
		{as: "flag", text: "perhaps", fault: "want yes or no"},
		{as: "nigp_code", text: "9132700:Construction", words: "9132700"},
		{as: "nigp_code", text: "BINDERS, 11 IN: BLUE", words: "BINDERS, 11 IN: BLUE"},
		{as: "opening_days", text: "Monday: 9:00:00-10:00:00; Tuesday: 9:00:00-10:00:00", number: 2},
		{as: "opening_days", text: "Call for hours"},
	}
	for _, test := range tests {
		t.Run(test.as+" "+test.text, func(t *testing.T) {
			t.Parallel()
			converter, err := convert.Named(test.as)
			require.NoError(t, err)
			value, err := converter(test.text, locale(t))
			if test.fault != "" {
				require.ErrorContains(t, err, test.fault)
				return
			}
			require.NoError(t, err)
			require.InDelta(t, test.number, value.Number, 1e-9)
			if test.words != "" {
				require.Equal(t, test.words, value.Text)
			}
		})
	}
	_, err := convert.Named("whole")
	require.ErrorContains(t, err, "want one of amount, decimal, flag, integer, text, time, or a function: nigp_code, opening_days, opening_hours, weekly_hours")
}

func TestTimes(t *testing.T) {
	t.Parallel()
	tests := []struct{ layout, text, want string }{
		{"", "2016-08-03T20:47:11.000Z", "2016-08-03 16:47 EDT"},
		{"", "2016-08-08", "2016-08-08 00:00 EDT"},
		{"", "2016-01-08 09:30", "2016-01-08 09:30 EST"},
		{"2-Jan-06", "5-Apr-16", "2016-04-05 00:00 EDT"},
		{"2-Jan-06", "2016-04-05", "error: want a time like 2-Jan-06"},
		{"", "5-Apr-16", "error: want a time such as 2016-08-08T14:00:00Z or 2016-08-08"},
		{"", "0001-01-01", "error: want a year from 1900 to 2200"},
	}
	converter, err := convert.Named("time")
	require.NoError(t, err)
	for _, test := range tests {
		in := locale(t)
		in.Layout = test.layout
		value, err := converter(test.text, in)
		got := value.Time.Format("2006-01-02 15:04 MST")
		if err != nil {
			got = "error: " + err.Error()
		}
		require.Equal(t, test.want, got)
	}
}

// Hours that somebody fills in are read as they stand, or refused: nobody is taken to be open all week for a slip.
func TestWeeklyHours(t *testing.T) {
	t.Parallel()
	converter, err := convert.Named("weekly_hours")
	require.NoError(t, err)
	value, err := converter("Monday: 09:00-12:00, 13:00 – 17:00; Friday:9:00-24:00;", locale(t))
	require.NoError(t, err)
	require.Equal(t, []convert.Span{
		{Day: time.Monday, From: 9 * time.Hour, To: 12 * time.Hour},
		{Day: time.Monday, From: 13 * time.Hour, To: 17 * time.Hour},
		{Day: time.Friday, From: 9 * time.Hour, To: 24 * time.Hour},
	}, value.Hours)
	for text, fault := range map[string]string{
		"Montag: 09:00-17:00":             `"Montag: 09:00-17:00": want hours such as Monday: 09:00-17:00`,
		"Mo-Fr 9-17":                      `"Mo-Fr 9-17": want hours such as Monday: 09:00-17:00`,
		"Monday: 09:00-17:00; by request": `"by request": want hours such as Monday: 09:00-17:00`,
		"Monday: 9-17":                    `"9-17": want hours such as 09:00-17:00`,
		"Monday: 09:00-17:60":             `"09:00-17:60": want hours such as 09:00-17:00`,
		"Monday: 22:00-02:00":             `"22:00-02:00": want an end after the start`,
		"Monday: 09:00-25:00":             `"09:00-25:00": want an end after the start, 24:00 at most`,
	} {
		_, err := converter(text, locale(t))
		require.ErrorContains(t, err, fault)
	}
}

func TestOpeningHours(t *testing.T) {
	t.Parallel()
	converter, err := convert.Named("opening_hours")
	require.NoError(t, err)
	value, err := converter("Sunday: 10:00:00-10:30:00, 11:30:00-10:30:00, 11:30:00-10:30:00; Saturday: 8:00-24:00", locale(t))
	require.NoError(t, err)
	require.Equal(t, []convert.Span{
		{Day: time.Sunday, From: 10 * time.Hour, To: 10*time.Hour + 30*time.Minute}, // the two that end before they start are left out
		{Day: time.Saturday, From: 8 * time.Hour, To: 24 * time.Hour},
	}, value.Hours)
	value, err = converter("Call for hours", locale(t))
	require.NoError(t, err)
	require.Equal(t, convert.Missing, value.Kind)
}

func TestBikesAboveAndBelow(t *testing.T) {
	t.Parallel()
	tests := []struct{ bikes, empty, above, below float64 }{
		{15, 0, 3, -11}, {14, 1, 2, -10}, {9, 5, -2, -5}, {0, 15, -12, 4}, {3, 8, -6, 0}, {0, 0, 0, 0},
	}
	above, err := convert.NamedQuantity("bikes_above")
	require.NoError(t, err)
	below, err := convert.NamedQuantity("bikes_below")
	require.NoError(t, err)
	for _, test := range tests {
		require.InDelta(t, test.above, above.Compute([]float64{test.bikes, test.empty}, 0.75), 0, test)
		require.InDelta(t, test.below, below.Compute([]float64{test.bikes, test.empty}, 0.25), 0, test)
	}
}
