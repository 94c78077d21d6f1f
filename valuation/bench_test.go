package valuation_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// cityOfMatches is a portfolio like a city's week: all leaves in use, wards, rules, distances.
func cityOfMatches(n int, seed uint64) ([]valuation.Match, []city.Rule) {
	random := rand.New(rand.NewPCG(seed, 1))
	leaves := city.DefaultTaxonomy().Leaves()
	var rules []city.Rule
	for i := range 8 {
		rules = append(rules, city.Rule{
			ID: city.RuleID(fmt.Sprintf("rule.%d@1", i)), Low: 2, Central: 10, High: 30, Unit: "kg", Source: "test", Evidence: "assumption",
		})
	}
	matches := make([]valuation.Match, n)
	for i := range matches {
		m := valuation.Match{
			ID: fmt.Sprintf("m%05d", i), Category: leaves[random.IntN(len(leaves))].Leaf, Quantity: float64(1 + random.IntN(200)),
			Ward: fmt.Sprint(1 + random.IntN(8)), Quality: city.Declared, Origin: city.Observed,
			Giver: city.ParticipantID(fmt.Sprint("g", random.IntN(900))), Receiver: city.ParticipantID(fmt.Sprint("r", random.IntN(400))),
			GiverKind: city.Business, ReceiverKind: city.Organisation, ReceiverIncome: 20000 + 60000*random.Float64(), IncomeBasis: "area",
			Overrides: map[valuation.Name]float64{valuation.DistanceKm: 8 * random.Float64()},
		}
		if random.IntN(2) == 0 {
			m.Quality, m.Origin, m.GiverRule = city.Inferred, city.Modelled, rules[random.IntN(len(rules))].ID
		}
		matches[i] = m
	}
	return matches, rules
}

// BenchmarkPortfolio is 10,000 draws of 10,000 matches, with totals and ranges by class, category, origin, quality and ward.
// The bar is 2 s on two cores.
func BenchmarkPortfolio(b *testing.B) {
	matches, rules := cityOfMatches(10_000, 1)
	b.ReportAllocs()
	for b.Loop() {
		_, err := valuation.Portfolio(valuation.Default(), matches, valuation.Simulation{Draws: 10_000, Seed: 1, Rules: rules})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e8, "ns/(draw·match)")
}

// BenchmarkReferenceMatchByMatch is the plain way to the same numbers: all formulas of all matches in every draw, on one
// core. It runs 10 draws of the same 10,000 matches; compare ns/(draw·match).
func BenchmarkReferenceMatchByMatch(b *testing.B) {
	matches, _ := cityOfMatches(10_000, 1)
	random := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		for range 10 {
			drawn := map[valuation.Name]float64{
				valuation.SocialCostCO2: 200 + 100*random.Float64(), valuation.Deadweight: 0.5 * random.Float64(), valuation.Willingness: random.Float64(),
			}
			for _, m := range matches {
				drawn[valuation.DistanceKm] = m.Overrides[valuation.DistanceKm]
				m.Overrides = drawn
				_, err := valuation.Value(valuation.Default(), m)
				require.NoError(b, err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e5, "ns/(draw·match)")
}

// BenchmarkOneMatch is one match with its line items, 10,000 draws and range. The bar is 5 ms.
func BenchmarkOneMatch(b *testing.B) {
	matches, rules := cityOfMatches(1, 1)
	for b.Loop() {
		_, err := valuation.Portfolio(valuation.Default(), matches, valuation.Simulation{Draws: 10_000, Seed: 1, Rules: rules})
		require.NoError(b, err)
	}
}
