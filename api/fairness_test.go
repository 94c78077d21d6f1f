package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// What no run could see to is refused at once, with the field, the value and what would be right.
func TestARunIsNotAskedForWhatItCannotDo(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.resource("apples", "giver", 100, city.ListingOpen)
	b.need("fruit", 60)
	east := []string{"2"}
	for says, test := range map[string]struct {
		field string
		floor wire.NewFloor
		run   wire.NewRun
	}{
		`"77" is not one of the city's 2 wards`: {field: "wards", floor: wire.NewFloor{Wards: []string{"2", "77"}, Leaf: "food.produce", Quantity: 5}},
		"want a leaf such as food.produce":      {field: "leaf", floor: wire.NewFloor{Wards: east, Quantity: 5}},
		"want a leaf or a class, not both":      {field: "class", floor: wire.NewFloor{Wards: east, Leaf: "food.produce", Class: wire.ClassFood, Quantity: 5}},
		`category "food.unicorn": want a leaf`:  {field: "leaf", floor: wire.NewFloor{Wards: east, Leaf: "food.unicorn", Quantity: 5}},
		"want one of quantity, share_of_need":   {field: "quantity", floor: wire.NewFloor{Wards: east, Leaf: "food.produce"}},
		"and share_of_offers":                   {field: "quantity", floor: wire.NewFloor{Wards: east, Leaf: "food.produce", Quantity: 5, ShareOfNeed: 0.5}},
		"61: the needs there want 60 kg of":     {field: "quantity", floor: wire.NewFloor{Wards: east, Leaf: "food.produce", Quantity: 61}},
		"1: the needs there want 0 kg of":       {field: "quantity", floor: wire.NewFloor{Wards: []string{"1"}, Class: wire.ClassFood, Quantity: 1}},
		`"2": the run is inside ward 1`:         {field: "wards", floor: wire.NewFloor{Wards: east, Leaf: "food.produce", Quantity: 5}, run: wire.NewRun{Ward: "1"}},
		"food.produce: the run is of [goods.fu": {
			field: "leaf", floor: wire.NewFloor{Wards: east, Leaf: "food.produce", Quantity: 5},
			run: wire.NewRun{Leaves: []wire.Leaf{"goods.furniture"}},
		},
		`"2": want each ward once`: {field: "wards", floor: wire.NewFloor{Wards: []string{"2", "2"}, Leaf: "food.produce", Quantity: 5}},
	} {
		test.run.Fairness = wire.NewFairness{Floors: []wire.NewFloor{test.floor}}
		p := b.post(b.matcher(), "/api/v1/matching-runs", test.run).problem(http.StatusUnprocessableEntity, "refused")
		require.Contains(t, p.Detail, says)
		require.Equal(t, "/fairness/floors/0/"+test.field, p.Errors[0].Field, says)
	}
	both := wire.NewFairness{Tiers: true, Floors: []wire.NewFloor{{Wards: east, Leaf: "food.produce", Quantity: 5}}}
	p := b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{Fairness: both}).problem(http.StatusUnprocessableEntity, "refused")
	require.Contains(t, p.Detail, "/fairness/tiers: want floors or tiers")
	b.resource("pears", "giver", 5, city.ListingUnconfirmed)
	raw := func(body string) call {
		return call{method: http.MethodPost, path: "/api/v1/matching-runs", key: b.matcher(), once: "fair", body: body}
	}
	for field, body := range map[string]string{
		"/fairness/floors/0/share_of_need":   `{"fairness":{"floors":[{"wards":["2"],"class":"food","share_of_need":1.5}]}}`,
		"/fairness/floors/0/share_of_offers": `{"fairness":{"floors":[{"wards":["2"],"class":"food","share_of_offers":0}]}}`,
		"/fairness/floors/0/wards":           `{"fairness":{"floors":[{"wards":[],"class":"food","quantity":1}]}}`,
		"/fairness/tiers":                    `{"fairness":{"tiers":"yes"}}`,
		"/fairness/floors/0":                 `{"fairness":{"floors":[{"wards":["2"],"class":"food","least":1}]}}`,
	} {
		p := b.do(raw(body)).problem(http.StatusBadRequest, "invalid-request")
		require.Equal(t, field, p.Errors[0].Field, body)
	}
}

// A floor that may be kept starts a run whose workflow knows of it; what became of it is in the answer.
func TestWhatARunDidForItsFloors(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	b.resource("apples", "giver", 100, city.ListingOpen)
	b.need("fruit", 60)
	started := b.started(b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{
		Fairness: wire.NewFairness{Floors: []wire.NewFloor{{Wards: []string{"2"}, Class: wire.ClassFood, Quantity: 60}}},
	}), b.matcher())
	described, err := b.temporal.DescribeWorkflowExecution(t.Context(), started.WorkflowID, "")
	require.NoError(t, err)
	require.NotNil(t, described)
	require.Equal(t, workflows.RunID(b.city, city.RunID(started.ID)), started.WorkflowID)

	require.NoError(t, b.store.CreateRun(t.Context(), postgres.Run{City: b.city, ID: "old"}))
	reached, price, cost := int64(512), int64(9), int64(4_100)
	require.NoError(t, b.store.UpdateRun(t.Context(), b.city, "old", postgres.RunUpdate{Fairness: &postgres.Fairness{
		Floors: []postgres.FloorKept{{
			Floor:  city.Floor{Wards: []string{"1", "2"}, Class: city.Food, ShareOfNeed: 0.25},
			Wanted: 2000, Offered: 900, Least: 500, Agreed: 20, AtMost: 880, Free: 210, PriceMinor: &price, Reached: &reached,
		}},
		CostMinor: &cost, CostAtMost: &cost,
	}}))
	read := want[wire.Run](b.get(b.auditor(), "/api/v1/matching-runs/old"), http.StatusOK)
	money := &wire.Money{Amount: "41.00", Currency: "USD"}
	require.Equal(t, &wire.Fairness{
		Floors: []wire.Floor{{
			Wards: []string{"1", "2"}, Class: wire.ClassFood, ShareOfNeed: 0.25, Wanted: 2000, Offered: 900, Least: 500, Agreed: 20,
			AtMost: 880, Without: 210, Price: &wire.Money{Amount: "0.09", Currency: "USD"}, Reached: &reached,
		}},
		Cost: money, CostAtMost: money,
	}, read.Fairness)

	require.NoError(t, b.store.CreateRun(t.Context(), postgres.Run{City: b.city, ID: "strict"}))
	require.NoError(t, b.store.UpdateRun(t.Context(), b.city, "strict", postgres.RunUpdate{Fairness: &postgres.Fairness{
		Strict: true, Tiers: []postgres.TierServed{{Urgency: city.Critical, Needs: 9, Served: 7, AchievedMinor: 4_000, BoundMinor: 4_100}},
		CostMinor: &cost, CostAtMost: &cost,
	}}))
	read = want[wire.Run](b.get(b.auditor(), "/api/v1/matching-runs/strict"), http.StatusOK)
	require.Equal(t, &wire.Fairness{
		Strict: true, Cost: money, CostAtMost: money,
		Tiers: []wire.Tier{{Urgency: 1, Needs: 9, Served: 7, Achieved: wire.Money{Amount: "40.00", Currency: "USD"}, Bound: *money}},
	}, read.Fairness)
}
