package postgres

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Fairness says what a run was asked to see to besides value, and how it did. Amounts are minor units. Its keys are written
// step by step; what is not known yet is left out.
type Fairness struct {
	Floors []FloorKept  `json:"floors,omitempty"`
	Strict bool         `json:"strict,omitempty"` // needs are served strictly in the order of their urgency
	Tiers  []TierServed `json:"tiers,omitempty"`  // the most urgent first

	// Against the same run that is asked for nothing: what its search found, less what this one did; and its bound, less
	// what this one did: proven, no allocation loses more by it.
	CostMinor  *int64 `json:"cost_minor,omitempty"`
	CostAtMost *int64 `json:"cost_at_most,omitempty"`
}

// FloorKept is a floor as it was asked for, in units, and what became of it. What a floor's needs get includes what the
// sides have agreed to before the run.
type FloorKept struct {
	city.Floor
	Wanted  int64 `json:"wanted"`  // by the needs of its wards
	Offered int64 `json:"offered"` // of what counts, in the whole city
	Least   int64 `json:"least"`
	Agreed  int64 `json:"agreed"` // before the run; the rest is the run's
	AtMost  int64 `json:"at_most"`

	// Where floors cannot be kept together: what this one could ask for if the others asked for as much as is said of them.
	Possible *int64 `json:"possible,omitempty"`

	// Of a floor of an earlier run whose proposals were open: which run, and what of their promise could not be kept.
	From    city.RunID `json:"from,omitempty"`
	GivenUp int64      `json:"given_up,omitempty"`

	Free       int64  `json:"free"`                  // what its needs would get without any floor
	PriceMinor *int64 `json:"price_minor,omitempty"` // per unit: what one unit less on the floor would save, at the margin
	Reached    *int64 `json:"reached,omitempty"`
}

// TierServed is what one urgency got.
type TierServed struct {
	Urgency       city.Urgency `json:"urgency"`
	Needs         int64        `json:"needs"`
	Served        int64        `json:"served"` // that get something
	AchievedMinor int64        `json:"achieved_minor"`
	BoundMinor    int64        `json:"bound_minor"` // with what the more urgent ones left, no allocation scores more for it
}

// FloorStock adds up what the needs of a floor's wards want of what counts, and what the city has of it. Either is at least
// what a run finds: listings that no run looks at are in it.
func (s *Store) FloorStock(ctx context.Context, id city.ID, f *city.Floor, t *city.Taxonomy) (wanted, offered int64, err error) {
	var leaves []string
	for _, leaf := range f.LeavesOf(t) {
		leaves = append(leaves, string(leaf))
	}
	row, err := s.q.FloorStock(ctx, gen.FloorStockParams{City: string(id), Wards: f.Wards, Leaves: leaves})
	return row.Wanted, row.Offered, translate("add up what a floor is of", err)
}
