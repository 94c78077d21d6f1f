package valuation

import (
	"cmp"
	"slices"
)

// swings moves each uncertain figure alone from its 5th to its 95th percentile and sees what the total NSV does.
func (m *model) swings(scale float64) []Swing {
	at := make([][]float64, len(m.draws)) // one "draw" of each figure: its central value
	for d, one := range m.draws {
		at[d] = []float64{one.figure.Central}
	}
	swings := make([]Swing, 0, len(m.draws))
	for d, one := range m.draws {
		swing := Swing{
			Draw: one.key, Low: one.figure.Quantile(0.05), High: one.figure.Quantile(0.95), Unit: one.figure.Unit,
			Currency: one.figure.Currency, PriceYear: one.figure.PriceYear, Source: one.figure.Source, Evidence: one.figure.Evidence,
		}
		at[d][0] = swing.Low
		swing.NSVLow = roundHalfAway(m.nsvAt(at) * scale)
		at[d][0] = swing.High
		swing.NSVHigh = roundHalfAway(m.nsvAt(at) * scale)
		at[d][0] = one.figure.Central
		swing.AbsoluteMovement = max(swing.NSVHigh-swing.NSVLow, swing.NSVLow-swing.NSVHigh)
		if swing.AbsoluteMovement > 0 {
			swings = append(swings, swing)
		}
	}
	slices.SortFunc(swings, func(a, b Swing) int {
		return cmp.Or(cmp.Compare(b.AbsoluteMovement, a.AbsoluteMovement), cmp.Compare(a.Draw, b.Draw))
	})
	return swings
}

// nsvAt is the total NSV in currency units where every figure has one given value.
func (m *model) nsvAt(draws [][]float64) float64 {
	values := make([]float64, len(m.variables))
	for v, one := range m.variables {
		one.fill(values[v:v+1], draws)
	}
	total := 0.0
	for _, mono := range m.monomials {
		if len(mono.outputs) == 0 || mono.outputs[0].output != outputNSV {
			continue
		}
		product := mono.outputs[0].coefficient
		for _, v := range mono.variables {
			product *= values[v]
		}
		total += float64(product) // the conversion forbids fusing, which differs between processors
	}
	return total
}
