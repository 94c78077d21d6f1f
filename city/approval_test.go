package city_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func policy(rules ...city.ApprovalRule) city.ApprovalPolicy {
	return city.ApprovalPolicy{ID: "test@1", Currency: "USD", Rules: rules, ExpireAfter: time.Hour, PickUpWithin: time.Hour}
}

func TestPolicyTakesTheFirstRuleThatFits(t *testing.T) {
	t.Parallel()
	p := policy(
		city.ApprovalRule{Name: "vehicles", Class: city.Vehicle, CityApprover: 1},
		city.ApprovalRule{Name: "small", Below: "100"},
		city.ApprovalRule{Name: "large", AskSides: []city.Party{city.Giver, city.Receiver}, CityApprover: 2},
	)
	require.NoError(t, p.Validate())
	for _, c := range []struct {
		leaf     city.Leaf
		expected int64
		rule     string
	}{
		{"vehicle.bicycle", 5, "vehicles"},
		{"food.produce", 9_999, "small"},
		{"food.produce", 10_000, "large"},
	} {
		got, err := p.Require(c.leaf, c.expected)
		require.NoError(t, err)
		require.Equal(t, c.rule, got.Rule)
		require.Equal(t, c.rule == "small", got.Automatic())
	}
}

func TestPolicyValidateNamesTheRule(t *testing.T) {
	t.Parallel()
	last := city.ApprovalRule{Name: "rest"}
	for want, p := range map[string]city.ApprovalPolicy{
		"last rule must have no condition": policy(city.ApprovalRule{Name: "small", Below: "100"}),
		"city_approvers 3":                 policy(city.ApprovalRule{Name: "many", CityApprover: 3}, last),
		`amount "ten"`:                     policy(city.ApprovalRule{Name: "words", Below: "ten"}, last),
		`ask_sides "city"`:                 policy(city.ApprovalRule{Name: "sides", AskSides: []city.Party{city.CityHall}}, last),
		`class "toys"`:                     policy(city.ApprovalRule{Name: "toys", Class: "toys"}, last),
	} {
		require.ErrorContains(t, p.Validate(), want)
	}
}
