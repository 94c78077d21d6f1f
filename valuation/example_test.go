package valuation_test

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

func Example() {
	params := valuation.Default()
	summary, err := valuation.Portfolio(params, []valuation.Match{
		{ID: "m1", Category: "food.produce", Quantity: 100, Overrides: map[valuation.Name]float64{valuation.DistanceKm: 3}},
		{ID: "m2", Category: "goods.furniture", Quantity: 1, Overrides: map[valuation.Name]float64{valuation.DistanceKm: 3}},
	}, valuation.Simulation{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	total := summary.Total
	fmt.Println("NSV", city.FormatMinor(total.NSV, summary.Currency), "of", total.Matches, "matches")
	fmt.Println("adds up:", total.Accounts.Sum() == total.NSV, "in its own range:", total.Range.P5 < total.NSV && total.NSV < total.Range.P95)
	fmt.Println("widest doubt:", summary.Swings[0].Draw, summary.Swings[0].Evidence)
	// Output:
	// NSV 287.57 of 2 matches
	// adds up: true in its own range: true
	// widest doubt: deadweight assumption
}
