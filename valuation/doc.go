// Package valuation says what a match was worth: line items, whose money it is, the net social value (NSV), and an
// honest range. The formulas are one table (terms.go) that serves the central value, the Monte Carlo run and the
// explanation alike; the figures live in parameters/*.yaml and in the category taxonomy, never in code, each with range,
// unit, price year, source and evidence.
//
// It is pure: no clock, no files except the embedded parameters, no driver. One Parameters is one method version; it is
// read-only and safe for concurrent use. The way through it:
//
//	params := valuation.Default()                       // or Load, or Method for a stored version
//	result, err := valuation.Value(params, match)       // one match, central value and accounts
//	items, err := valuation.Explain(params, match)      // the same with every input and its source
//	worth, err := valuation.ScoreOf(params, match)      // expected NSV per unit and per trip, for the matching score
//	summary, err := valuation.Portfolio(params, matches, valuation.Simulation{Draws: 10000, Seed: 1})
//	change, err := valuation.Difference(before, after)  // why a re-valuation differs, to the cent
//
// Money is added in integer minor units of one currency and price year only. "Value" here is NSV in the sense of
// docs/valuation.md; the score that the matching engine maximises is its own word.
package valuation
