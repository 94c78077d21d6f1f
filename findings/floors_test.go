package findings_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/report"
)

// The bonus of a floor decides who gets what, and is in nothing that is said of what it was worth: simpler rules, the curve
// and the loss of a refusal are those of the city, and an explanation names the bonus.
func TestFindingsOfARunWithFloors(t *testing.T) {
	t.Parallel()
	floor := candidates.Floor{
		Floor: city.Floor{Wards: []string{"2"}, Class: city.Food, Quantity: 100}, Leaves: []city.Leaf{"food.produce"}, Least: 100, Bonus: 60,
	}
	plain, s := solved(t), solved(t, floor)
	require.Equal(t, plain.Greedy(), s.Greedy())
	require.Equal(t, plain.FirstCome(), s.FirstCome())
	before, err := plain.Fairness(t.Context())
	require.NoError(t, err)
	after, err := s.Fairness(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.Curve, after.Curve)

	var r report.Report
	require.NoError(t, s.Describe(t.Context(), &r))
	told := ""
	for _, example := range r.Examples {
		told += strings.Join(example.Why, "")
	}
	require.Contains(t, told, "0.60 USD of a unit's score is the bonus that keeps the floor of the need's ward")

	choices, err := s.Choices(t.Context())
	require.NoError(t, err)
	for _, p := range s.Pairs() {
		cost, err := choices.Refuse(p.Need.ID, p.Resource.ID)
		require.NoError(t, err)
		require.LessOrEqual(t, cost.AtLeast, cost.AtMost)
	}
}
