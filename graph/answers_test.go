package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
)

func TestTrustFadesWithThePathAndGrowsWithEachDelivery(t *testing.T) {
	t.Parallel()
	g := opened(t)
	// A cycle a-b-c-a, a second way from a to d over the vouching e, and nobody who knows z.
	apply(t, g, 1, organisation("a", gave("b", 1), vouches("e")), organisation("b", gave("c", 1), gave("d", 2)),
		organisation("c", gave("a", 3)), organisation("d"), organisation("e", gave("d", 3)), organisation("z"))
	path := func(from, to city.ParticipantID) graph.Path {
		p, err := g.TrustPath(t.Context(), town, from, to)
		require.NoError(t, err)
		return p
	}
	require.Equal(t, graph.Path{Trust: 875, Steps: []graph.Step{
		{From: "a", To: "c", Backwards: true, Count: 3, Last: day, Trust: 875},
	}}, path("a", "c"))
	require.Equal(t, graph.Path{Trust: 656, Steps: []graph.Step{
		{From: "a", To: "e", Vouch: true, Trust: 750}, {From: "e", To: "d", Count: 3, Last: day, Trust: 875},
	}}, path("a", "d"), "over e, not over b (375)")
	require.Equal(t, graph.Path{Trust: 1000}, path("a", "a"))
	require.Equal(t, graph.Path{}, path("a", "z"))
	require.Equal(t, graph.Path{}, path("a", "nobody"))

	affinities, err := g.Affinities(t.Context(), town, []city.ParticipantID{"a", "z"}, []city.ParticipantID{"c", "d", "z"}, nil)
	require.NoError(t, err)
	require.Equal(t, []graph.Affinity{{Giver: "a", Receiver: "c", Trust: 875}, {Giver: "a", Receiver: "d", Trust: 656}}, affinities)
}

func TestDuplicatesBearTwoMarks(t *testing.T) {
	t.Parallel()
	g := opened(t)
	with := func(id, name, address, domain, operator string) graph.Subject {
		return organisation(id, func(s *graph.Subject) { s.Name, s.Address, s.EmailDomain, s.Operator = name, address, domain, operator })
	}
	subjects := []graph.Subject{
		with("pantry", "The Corner Pantry, Inc.", "street 1", "pantry.example", ""),
		with("same-name-and-address", "Corner Pantry", "street 1", "", ""),
		with("same-name-and-domain", "corner pantry", "", "pantry.example", ""),
		with("same-address-and-domain", "Soup for All", "street 1", "pantry.example", ""),
		with("neighbour", "A Barber", "street 1", "barber.example", ""),
		with("namesake", "Corner Pantry", "street 9", "other.example", ""),
		with("branch-1", "Fresh Market", "street 2", "fresh.example", "Fresh"),
		with("branch-2", "Fresh Market", "street 3", "fresh.example", "fresh"),
		with("branch-1-again", "Fresh Market Street 2", "street 2", "", "FRESH"),
	}
	for i := range 30 { // a mail provider
		subjects = append(subjects, with(fmt.Sprintf("small-%d", i), fmt.Sprintf("Club %d", i), "", "mail.example", ""))
	}
	apply(t, g, 1, subjects...)
	of := func(id city.ParticipantID) []city.ParticipantID {
		of := slices.DeleteFunc(slices.Clone(subjects), func(s graph.Subject) bool { return s.ID != id })
		found, err := g.Duplicates(t.Context(), town, of)
		require.NoError(t, err)
		var others []city.ParticipantID
		for _, d := range found {
			require.Equal(t, id, d.Participant)
			others = append(others, d.Other)
		}
		return others
	}
	require.ElementsMatch(t, []city.ParticipantID{"same-name-and-address", "same-name-and-domain", "same-address-and-domain"}, of("pantry"))
	require.Equal(t, []city.ParticipantID{"branch-1-again"}, of("branch-1"), "its other branch has an address of its own")
	require.Empty(t, of("small-3"))
	require.Empty(t, of("nobody"))
	found, err := g.Duplicates(t.Context(), town, []graph.Subject{with("new", "The Corner Pantry", "street 1", "", "")})
	require.NoError(t, err)
	require.Len(t, found, 2, "the newcomer itself need not be in the graph")
}

func TestTiesBetweenAnApproverAndAParty(t *testing.T) {
	t.Parallel()
	g := opened(t)
	with := func(id, address, domain string, change ...func(*graph.Subject)) graph.Subject {
		return organisation(id, append(change, func(s *graph.Subject) { s.Address, s.EmailDomain = address, domain })...)
	}
	apply(t, g, 1, with("employer", "street 1", "e.example", gave("customer", 5), vouches("friend")), with("tenant", "street 1", ""),
		with("sister", "", "e.example"), with("friend", "", ""), with("customer", "street 2", ""))
	ties := func(parties ...city.ParticipantID) []graph.Tie {
		found, err := g.Ties(t.Context(), town, "employer", parties)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, []graph.Tie{{Party: "employer", Why: "is the party itself"}}, ties("customer", "employer"))
	require.Equal(t, []graph.Tie{{Party: "tenant", Why: "has the same address"}}, ties("tenant", "customer"))
	require.Equal(t, []graph.Tie{{Party: "friend", Why: "vouches for it"}, {Party: "sister", Why: "has the same e-mail domain"}}, ties("sister", "friend"))
	require.Empty(t, ties("customer", "nobody"))
}

func TestSubstitutesAndChains(t *testing.T) {
	t.Parallel()
	g := opened(t)
	place := func(id string, lon float64, side func(*graph.Subject) *[]graph.Stock, stocks ...graph.Stock) graph.Subject {
		return organisation(id, func(s *graph.Subject) {
			s.Point = &city.Point{Lon: lon, Lat: 50}
			*side(s) = stocks
		})
	}
	offering := func(s *graph.Subject) *[]graph.Stock { return &s.Offers }
	needing := func(s *graph.Subject) *[]graph.Stock { return &s.Needs }
	apply(t, g, 1,
		place("donor", 9.00, offering, graph.Stock{Leaf: "food.dairy", Listings: 1, Left: 80, Cold: 1}),
		place("warm-van", 9.001, offering, graph.Stock{Leaf: "vehicle.van", Listings: 1, Left: 8}),
		place("cold-van", 9.01, offering, graph.Stock{Leaf: "vehicle.van-refrigerated", Listings: 1, Left: 8}),
		place("shed", 9.002, offering, graph.Stock{Leaf: "space.storage", Listings: 1, Left: 10}),
		place("cold-store", 9.02, offering, graph.Stock{Leaf: "space.storage", Listings: 1, Left: 10, Cold: 1}),
		place("pantry", 9.03, needing, graph.Stock{Leaf: "food.dairy", Listings: 1, Left: 30}),
		place("far-pantry", 9.90, needing, graph.Stock{Leaf: "food.dairy", Listings: 1, Left: 30}),
	)
	chains := func(cold bool) []graph.Chain {
		found, err := g.Chains(t.Context(), town, graph.ChainQuery{Leaf: "food.dairy", Cold: cold, Within: 5000, Limit: 10})
		require.NoError(t, err)
		for i := range found {
			require.Less(t, found[i].ToDonor, 800.0)
			found[i].ToDonor, found[i].ToStore, found[i].ToPantry = 0, 0, 0
		}
		return found
	}
	one := graph.Chain{Donor: "donor", Van: "cold-van", Store: "cold-store", Pantry: "pantry", Offered: "food.dairy", Asked: "food.dairy", Quantity: 30}
	require.Equal(t, []graph.Chain{one}, chains(true))
	one.Van, one.Store = "warm-van", "shed"
	require.Equal(t, []graph.Chain{one}, chains(false))

	substitutes, err := g.Substitutes(t.Context(), town, "vehicle.van")
	require.NoError(t, err)
	require.Equal(t, []graph.Substitute{{Leaf: "vehicle.van-refrigerated", Steps: 1, Offering: 1, Left: 8}}, substitutes)
}
