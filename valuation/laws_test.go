package valuation_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

func portfolio(t require.TestingT, matches []valuation.Match, simulation valuation.Simulation) *valuation.Summary {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	summary, err := valuation.Portfolio(valuation.Default(), matches, simulation)
	require.NoError(t, err)
	return summary
}

func TestAccountsAndGroupsAddUpToTheCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		matches, rules := cityOfMatches(rapid.IntRange(1, 60).Draw(t, "matches"), rapid.Uint64().Draw(t, "seed"))
		for i := range matches {
			matches[i].PricePaid = float64(rapid.IntRange(0, 9999).Draw(t, "price")) / 100
			matches[i].PlatformFee = float64(rapid.IntRange(0, 999).Draw(t, "fee")) / 100
			matches[i].LogisticsBy = rapid.SampledFrom([]city.Party{city.Giver, city.Receiver, city.CityHall}).Draw(t, "payer")
		}
		summary := portfolio(t, matches, valuation.Simulation{Draws: 100, Seed: 1, Rules: rules})
		total := int64(0)
		for _, r := range summary.Results {
			require.Equal(t, r.NSV, r.Accounts.Sum())
			require.Equal(t, r.NSV, r.Counted.Sum())
			total += r.NSV
		}
		require.Equal(t, total, summary.Total.NSV)
		require.Equal(t, total, summary.Total.Accounts.Sum())
		for _, dimension := range valuation.Dimensions() {
			sum, count := int64(0), 0
			for _, group := range summary.Groups[dimension] {
				sum += group.NSV
				count += group.Matches
			}
			require.Equal(t, total, sum, dimension)
			require.Equal(t, len(matches), count, dimension)
		}
		parties := int64(0)
		for _, party := range summary.Parties {
			parties += party.Account
		}
		require.Equal(t, summary.Total.Accounts.Giver+summary.Total.Accounts.Receiver, parties)
	})
}

func TestTransfersCancel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		matches, _ := cityOfMatches(1, rapid.Uint64().Draw(t, "seed"))
		free, err := valuation.Value(valuation.Default(), matches[0])
		require.NoError(t, err)
		matches[0].PricePaid = rapid.Float64Range(0, 1e6).Draw(t, "price")
		matches[0].PlatformFee = rapid.Float64Range(0, 1e6).Draw(t, "fee")
		paid, err := valuation.Value(valuation.Default(), matches[0])
		require.NoError(t, err)
		require.Equal(t, free.NSV, paid.NSV)
		require.Equal(t, free.Accounts.Giver+free.Accounts.Receiver+free.Accounts.Platform,
			paid.Accounts.Giver+paid.Accounts.Receiver+paid.Accounts.Platform)
	})
}

// Errors are common, so n equal matches have n times the range of one, not the square root of n.
func TestNEqualMatchesHaveNTimesTheRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		matches, rules := cityOfMatches(1, rapid.Uint64().Draw(t, "seed"))
		n := rapid.IntRange(2, 50).Draw(t, "n")
		many := make([]valuation.Match, n)
		for i := range many {
			many[i] = matches[0]
			many[i].ID = fmt.Sprint(i)
		}
		simulation := valuation.Simulation{Draws: 500, Seed: 7, Rules: rules}
		one, all := portfolio(t, matches, simulation).Total.Range, portfolio(t, many, simulation).Total.Range
		tolerance := float64(n)/2 + 1 // the cents to which one match's percentiles are rounded
		require.InDelta(t, int64(n)*one.P5, all.P5, tolerance)
		require.InDelta(t, int64(n)*one.P50, all.P50, tolerance)
		require.InDelta(t, int64(n)*one.P95, all.P95, tolerance)
	})
}

// With the seed the whole result repeats, for any number of cores and any order of the matches.
func TestSeedRepeatsTheBytes(t *testing.T) {
	t.Parallel()
	matches, rules := cityOfMatches(300, 5)
	encode := func(seed uint64, workers int, shuffle uint64) string {
		shuffled := slices.Clone(matches)
		rand.New(rand.NewPCG(shuffle, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		summary := portfolio(t, shuffled, valuation.Simulation{Draws: 1500, Seed: seed, Rules: rules, Workers: workers})
		slices.SortFunc(summary.Results, func(a, b valuation.Result) int {
			return slices.IndexFunc(matches, func(m valuation.Match) bool { return m.ID == a.Match.ID }) -
				slices.IndexFunc(matches, func(m valuation.Match) bool { return m.ID == b.Match.ID })
		})
		encoded, err := json.Marshal(summary)
		require.NoError(t, err)
		return string(encoded)
	}
	first := encode(1, 1, 1)
	require.Equal(t, first, encode(1, 3, 2))
	require.Equal(t, first, encode(1, 8, 3))
	require.NotEqual(t, first, encode(2, 1, 1))

	backwards := slices.Clone(matches)
	slices.Reverse(backwards)
	require.Equal(t, valuation.InputHash(matches), valuation.InputHash(backwards))
	backwards[0].Quantity++
	require.NotEqual(t, valuation.InputHash(matches), valuation.InputHash(backwards))
}

// Social return: 72 of counted benefit for 10 of cost, and nothing uncertain.
func TestSocialReturn(t *testing.T) {
	t.Parallel()
	m := valuation.Match{ID: "m", Category: "goods", Quantity: 1, Overrides: map[valuation.Name]float64{}}
	for _, name := range valuation.Names() {
		m.Overrides[name] = neutral[name]
	}
	for name, value := range map[valuation.Name]float64{
		valuation.PricePerUnit: 72, valuation.Condition: 1, valuation.Displacement: 1, valuation.HandlingHours: 1, valuation.HandlingWage: 10, valuation.Years: 1,
	} {
		m.Overrides[name] = value
	}
	summary := portfolio(t, []valuation.Match{m}, valuation.Simulation{Draws: 100})
	require.Equal(t, valuation.Return{Known: true, Central: 7.2, FloatRange: valuation.FloatRange{P5: 7.2, P50: 7.2, P95: 7.2}}, summary.Total.Return)
	m.Overrides[valuation.HandlingHours] = 0
	require.False(t, portfolio(t, []valuation.Match{m}, valuation.Simulation{Draws: 100}).Total.Return.Known, "nothing was spent")
}

// With one uncertain figure left, the sampled range is the formula at that figure's percentiles.
func TestRangeOfOneUncertainFigure(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	base := valuation.Match{
		ID: "m", Category: "food.produce", Quantity: 100, Quality: city.Measured, Overrides: map[valuation.Name]float64{valuation.DistanceKm: 4},
	}
	_, items, err := valuation.Explain(params, base)
	require.NoError(t, err)
	figures := map[valuation.Name]valuation.Factor{}
	for _, item := range items {
		for _, factor := range item.Factors {
			if !item.Beside {
				figures[factor.Name] = factor
			}
		}
	}
	tested := 0
	for name, figure := range figures {
		if figure.Low == figure.High || figure.Stated {
			continue
		}
		tested++
		certain := base
		certain.Overrides = map[valuation.Name]float64{}
		for other, factor := range figures {
			if other != name {
				certain.Overrides[other] = factor.Value
			}
		}
		summary := portfolio(t, []valuation.Match{certain}, valuation.Simulation{Draws: 20_000, Seed: 11})
		require.Len(t, summary.Swings, 1, name)
		swing := summary.Swings[0]
		ends := []int64{swing.NSVLow, swing.NSVHigh}
		slices.Sort(ends)
		tolerance := 0.03*float64(ends[1]-ends[0]) + 2
		require.InDelta(t, ends[0], summary.Total.Range.P5, tolerance, name)
		require.InDelta(t, ends[1], summary.Total.Range.P95, tolerance, name)
	}
	require.Greater(t, tested, 10)
}

// The expected value is per unit times quantity less the trip: what matching maximises is what valuation reports.
func TestScoreEqualsTheExpectedValue(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	rapid.Check(t, func(t *rapid.T) {
		matches, _ := cityOfMatches(1, rapid.Uint64().Draw(t, "seed"))
		m := matches[0]
		m.Overrides[valuation.Condition] = rapid.Float64Range(0, 1).Draw(t, "condition")
		if rapid.Bool().Draw(t, "failure stated") {
			m.Overrides[valuation.FailedCost] = rapid.Float64Range(0, 100).Draw(t, "failed cost")
		}
		result, err := valuation.Value(params, m)
		require.NoError(t, err)
		score, err := valuation.ScoreOf(params, m)
		require.NoError(t, err)
		require.InDelta(t, result.Expected, score.PerUnit*m.Quantity-score.PerTrip, 0.51)
	})
}
