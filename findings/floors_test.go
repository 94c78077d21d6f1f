package findings_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/matching"
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

// What a choice takes from a floor is told apart, as units and as their bonus; what a floor did not ask for is not counted.
func TestAChoiceAgainstAFloor(t *testing.T) {
	t.Parallel()
	floor := candidates.Floor{
		Floor: city.Floor{Wards: []string{"2"}, Class: city.Food, Quantity: 90}, Leaves: []city.Leaf{"food.produce"}, Least: 90, Bonus: 60,
	}
	s := solved(t, floor)
	reached := s.Snapshot.Kept(nil)[0]
	for _, p := range s.Pairs() {
		if floor.For(p.Need, p.Resource) {
			reached.Reached += p.Quantity
		}
	}
	require.GreaterOrEqual(t, reached.Reached, int64(90))
	choices, err := s.Choices(t.Context())
	require.NoError(t, err)
	cost, err := choices.Force("n1", "r1", 80)
	require.NoError(t, err)
	lost := int64(0)
	for _, move := range cost.Instead {
		if move.Need == "n2" {
			lost += move.Before - move.After
		}
	}
	lacks := 90 - (reached.Reached - lost)
	require.Positive(t, lacks)
	require.Equal(t, []findings.FloorLack{{Title: "food for ward 2", Units: lacks, Minor: 60 * lacks}}, cost.Floors)
	require.LessOrEqual(t, cost.AtLeast, cost.AtMost)
	require.False(t, cost.Strict)
}

// In strict order the cost says whom a choice serves better and whom worse, and who gives way is the least urgent.
func TestAChoiceInStrictOrder(t *testing.T) {
	t.Parallel()
	s := solved(t)
	for k := range s.Snapshot.Needs {
		if s.Snapshot.Needs[k].ID == "n2" {
			s.Snapshot.Needs[k].Need.Urgency = city.Critical
		}
	}
	s.Snapshot.Tiers = true
	graph, err := candidates.Generate(t.Context(), s.Snapshot, candidates.Options{})
	require.NoError(t, err)
	shard := graph.Shards(1)[0]
	allocation, err := shard.Allocate(t.Context(), matching.Options{})
	require.NoError(t, err)
	solution, err := graph.Merge([]candidates.Allocation{allocation})
	require.NoError(t, err)
	s = findings.New(s.Snapshot, graph, solution, nil)
	choices, err := s.Choices(t.Context())
	require.NoError(t, err)
	cost, err := choices.Force("n1", "r1", 80)
	require.NoError(t, err)
	require.True(t, cost.Strict)
	require.Len(t, cost.Tiers, 2)
	require.Equal(t, city.Critical, cost.Tiers[0].Urgency)
	require.Negative(t, cost.Tiers[0].Minor, "the critical need gives way")
	require.Positive(t, cost.Tiers[1].Minor)
	require.LessOrEqual(t, cost.AtLeast, cost.AtMost)
}
