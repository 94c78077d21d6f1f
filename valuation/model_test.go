package valuation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
)

// anyMatch draws a match with some overrides, some of them far from their usual range.
func anyMatch(t *rapid.T, id string) Match {
	leaves := city.DefaultTaxonomy().Leaves()
	m := Match{
		ID: id, Category: leaves[rapid.IntRange(0, len(leaves)-1).Draw(t, "leaf")].Leaf,
		Quantity: float64(rapid.IntRange(0, 5000).Draw(t, "tenths")) / 10, Overrides: map[Name]float64{},
		Quality: rapid.SampledFrom([]city.Quality{city.Measured, city.Declared, city.Inferred}).Draw(t, "quality"),
		Origin:  rapid.SampledFrom([]city.Origin{city.Observed, city.Modelled, city.Generated}).Draw(t, "origin"),
		Ward:    rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "ward"),
		Giver:   "g", Receiver: city.ParticipantID(rapid.SampledFrom([]string{"r", "s"}).Draw(t, "receiver")),
		PricePaid:      float64(rapid.IntRange(0, 5000).Draw(t, "price paid")) / 100,
		PlatformFee:    float64(rapid.IntRange(0, 500).Draw(t, "fee")) / 100,
		LogisticsBy:    rapid.SampledFrom([]city.Party{city.Giver, city.Receiver, city.CityHall}).Draw(t, "payer"),
		ReceiverIncome: float64(rapid.IntRange(0, 100_000).Draw(t, "income")),
	}
	for _, name := range Names() {
		if rapid.IntRange(0, 3).Draw(t, "override "+string(name)) > 0 {
			continue
		}
		s := specs[specIndex[name]]
		switch s.domain {
		case share:
			m.Overrides[name] = rapid.Float64Range(0, 1).Draw(t, string(name))
		case wholeYear:
			m.Overrides[name] = float64(rapid.IntRange(1, 10).Draw(t, string(name)))
		case ratio:
			m.Overrides[name] = rapid.Float64Range(1, 2).Draw(t, string(name))
		default:
			m.Overrides[name] = rapid.Float64Range(0, 50).Draw(t, string(name))
		}
	}
	return m
}

// The polynomial that the simulation samples is the formulas: at any values of the uncertain figures it equals the sum of
// the matches with those values stated.
func TestModelEqualsTheFormulasAtAnyPoint(t *testing.T) {
	t.Parallel()
	p := Default()
	rule := city.Rule{ID: "r@1", Low: 2, Central: 10, High: 30, Unit: "kg", Source: "test", Evidence: "assumption"}
	rapid.Check(t, func(t *rapid.T) {
		model := newModel(p, []city.Rule{rule})
		matches := make([]Match, rapid.IntRange(1, 4).Draw(t, "matches"))
		for i := range matches {
			matches[i] = anyMatch(t, fmt.Sprint(i))
			if rapid.Bool().Draw(t, "by rule") {
				matches[i].GiverRule = rule.ID
			}
			r, err := p.resolve(matches[i])
			require.NoError(t, err)
			require.NoError(t, model.add(r, []int{outputNSV}))
		}
		model.finish()
		at := make([][]float64, len(model.draws))
		drawn := map[string]float64{}
		for d, one := range model.draws {
			drawn[one.key] = one.figure.Quantile(rapid.Float64Range(0.01, 0.99).Draw(t, one.key))
			at[d] = []float64{drawn[one.key]}
		}
		want := 0.0
		for _, m := range matches {
			r, err := p.resolve(stateDraws(p, m, drawn))
			require.NoError(t, err)
			items := r.items()
			want += r.additionality()*(items[0]+items[1]+items[2]+items[3]) + items[4] + items[5]
		}
		got := model.nsvAt(at)
		require.InDelta(t, want, got, 1e-9*math.Max(1, math.Abs(want)))
	})
}

// stateDraws turns the drawn figures that a match uses into overrides.
func stateDraws(p *Parameters, m Match, drawn map[string]float64) Match {
	stated := maps.Clone(m.Overrides)
	for i, figure := range p.tables[m.Category] {
		if figure == nil || figure.figure.Low == figure.figure.High || !specs[i].overridable() {
			continue
		}
		if _, already := stated[specs[i].name]; !already {
			if value, used := drawn[figure.draw]; used {
				stated[specs[i].name] = value
			}
		}
	}
	switch {
	case m.GiverRule != "":
		m.Quantity *= drawn["rule/"+string(m.GiverRule)]
	case m.Quality == city.Inferred:
		if factor, used := drawn[string(QuantityInferred)]; used {
			m.Quantity *= factor
		}
	}
	m.Overrides = stated
	return m
}

func TestQuantityFollowsTheSideThatIsUsedUp(t *testing.T) {
	t.Parallel()
	p := Default()
	rules := []city.Rule{
		{ID: "giver@1", Low: 5, Central: 10, High: 20, Unit: "kg", Source: "test", Evidence: "assumption"},
		{ID: "receiver@1", Low: 5, Central: 10, High: 20, Unit: "kg", Source: "test", Evidence: "assumption"},
	}
	weight := func(m Match) FloatRange {
		m.ID, m.Category, m.Quantity, m.Overrides = "m", "food.produce", 100, map[Name]float64{}
		summary, err := Portfolio(p, []Match{m}, Simulation{Draws: 4000, Seed: 3, Rules: rules})
		require.NoError(t, err)
		return summary.Total.KgRange
	}
	giver := weight(Match{GiverRule: "giver@1"})
	require.InDelta(t, 100*ruleFigure(rules[0]).Quantile(0.05), giver.P5, 1.5)
	require.InDelta(t, 100*ruleFigure(rules[0]).Quantile(0.95), giver.P95, 3)
	both := weight(Match{GiverRule: "giver@1", ReceiverRule: "receiver@1"})
	require.Less(t, both.P50, giver.P50, "no more than either side has")
	limited := weight(Match{GiverRule: "giver@1", ReceiverRule: "receiver@1", Limit: city.Giver})
	require.Equal(t, giver, limited)
	certain := weight(Match{Quality: city.Measured})
	require.Equal(t, FloatRange{100, 100, 100}, certain)
	inferred := weight(Match{Quality: city.Inferred})
	require.Less(t, inferred.P5, 80.0)
}

func TestSelectRankAgreesWithSorting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 60).Draw(t, "samples")
		if rapid.Bool().Draw(t, "with ties") {
			for i := range samples {
				samples[i] = math.Round(samples[i])
			}
		}
		sorted := slices.Sorted(slices.Values(samples))
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		position := share * float64(len(sorted)-1)
		below := int(position)
		want := sorted[below]
		if below+1 < len(sorted) {
			want += (position - float64(below)) * (sorted[below+1] - sorted[below])
		}
		require.InDelta(t, want, percentile(samples, share), 1e-12)
	})
}

func TestApportionAddsUpAndStaysWithinAUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 8).Draw(t, "parts")
		sum := 0.0
		for _, part := range parts {
			sum += part
		}
		total := roundHalfAway(sum)
		whole := apportion(parts, total)
		check := int64(0)
		for i := range parts {
			check += whole[i]
			require.LessOrEqual(t, math.Abs(parts[i]-float64(whole[i])), 1.0001)
		}
		require.Equal(t, total, check)
	})
}

// A stream depends on seed, name and number only, and is uniform.
func TestStreams(t *testing.T) {
	t.Parallel()
	one, other := newStream(1, "displacement/food"), newStream(1, "displacement/goods")
	require.NotEqual(t, one.uniform(0), other.uniform(0))
	require.NotEqual(t, one.uniform(0), newStream(2, "displacement/food").uniform(0))
	const n = 100_000
	mean, both := 0.0, 0.0
	for i := range n {
		u, v := one.uniform(i), other.uniform(i)
		mean += u / n
		both += (u - 0.5) * (v - 0.5) / n
	}
	require.InDelta(t, 0.5, mean, 0.005)
	require.InDelta(t, 0, both, 0.002, "two figures are independent")
}
