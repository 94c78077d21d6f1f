package generate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// SupplyDataset is the data set, in the profile of a city whose data only asks, that reads generated supply.
const SupplyDataset = "generated-supply"

// SupplyFile is where that data set looks for it.
const SupplyFile = "generated_supply.jsonl"

// offer is one row of generated supply.
type offer struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Category string  `json:"category"`
	Quantity int64   `json:"quantity"`
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	From     string  `json:"from"`
	Until    string  `json:"until"`
}

// Supply writes offers that nobody made, for a city in whose data nobody offers anything: for each category a third of what
// is asked for, in lots of about four needs, each near one of them and to be had on its day. The same seed gives the same.
func Supply(path string, needs []city.Listing, seed uint64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("generated supply: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	random := rand.New(rand.NewPCG(seed, 0x5c0ffee)) //nolint:gosec // repeatable on purpose
	byLeaf := map[city.Leaf][]city.Listing{}
	for _, need := range needs {
		if need.Side == city.NeedSide && need.Point != nil && len(need.Windows) > 0 {
			byLeaf[need.Leaf] = append(byLeaf[need.Leaf], need)
		}
	}
	leaves := make([]city.Leaf, 0, len(byLeaf))
	for leaf := range byLeaf {
		leaves = append(leaves, leaf)
	}
	slices.Sort(leaves)
	for _, leaf := range leaves {
		list := byLeaf[leaf]
		for n := 0; n < (len(list)+3)/4; n++ {
			near := list[random.IntN(len(list))]
			row := offer{
				ID: fmt.Sprintf("%s-%d", leaf, n+1), Name: fmt.Sprintf("Generated donor of %s %d", leaf, n+1), Category: string(leaf),
				Quantity: max(near.Quantity.Amount*4/3, 1), Lon: near.Point.Lon + (random.Float64()-0.5)*0.06,
				Lat:  near.Point.Lat + (random.Float64()-0.5)*0.06,
				From: near.Windows[0].Start.Add(-6 * time.Hour).Format(time.RFC3339), Until: near.Windows[0].End.Format(time.RFC3339),
			}
			text, err := json.Marshal(row)
			if err != nil {
				return fmt.Errorf("generated supply: %w", err)
			}
			if _, err := out.Write(append(text, '\n')); err != nil {
				return fmt.Errorf("generated supply: %w", err)
			}
		}
	}
	return out.Flush()
}
