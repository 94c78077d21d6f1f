package graph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
)

const town = city.ID("town")

var day = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// organisation is an active one with nothing but a name; change adds to it.
func organisation(id string, change ...func(*graph.Subject)) graph.Subject {
	s := graph.Subject{City: town, ID: city.ParticipantID(id), Kind: city.Organisation, State: city.ParticipantActive, Name: "Organisation " + id}
	for _, c := range change {
		c(&s)
	}
	return s
}

func gave(to string, times int64) func(*graph.Subject) {
	return func(s *graph.Subject) {
		s.Deliveries = append(s.Deliveries, graph.Delivery{
			To: city.ParticipantID(to), Leaves: []city.Leaf{"food.produce"}, Count: times, Mass: 1000, Last: day,
		})
	}
}

func vouches(who ...city.ParticipantID) func(*graph.Subject) {
	return func(s *graph.Subject) { s.Vouches = who }
}

// opened is a graph that is whole and holds nobody.
func opened(t *testing.T) *graph.Graph {
	t.Helper()
	g := graphtest.Open(t)
	build, err := g.StartBuild(t.Context())
	require.NoError(t, err)
	require.NoError(t, g.EndBuild(t.Context(), build, 0))
	return g
}

func apply(t *testing.T, g *graph.Graph, position int64, subjects ...graph.Subject) int {
	t.Helper()
	changed, err := g.Apply(t.Context(), subjects, 0, position)
	require.NoError(t, err)
	return changed
}

// requireEqual holds that the graph is what the subjects say, no more and no less.
func requireEqual(t *testing.T, g *graph.Graph, subjects ...graph.Subject) {
	t.Helper()
	want := graph.NewSurvey()
	for _, s := range subjects {
		want.Add(s)
	}
	found, err := g.Survey(t.Context(), town, nil)
	require.NoError(t, err)
	require.Empty(t, want.Differences(found))
	require.Equal(t, want.Relations, found.Relations)
	require.Equal(t, want.Digest(), found.Digest())
}

func TestApplyMakesTheGraphEqualToItsSubjects(t *testing.T) {
	t.Parallel()
	g := opened(t)

	a := organisation("a", gave("b", 1), vouches("c"), func(s *graph.Subject) {
		s.Address, s.EmailDomain, s.Operator, s.Ward = "street 1", "a.example", "Chain", "W1"
		s.Point = &city.Point{Lon: 9.5, Lat: 50.25}
		s.Offers = []graph.Stock{{Leaf: "food.produce", Listings: 2, Left: 40, Cold: 1}}
		s.Needs = []graph.Stock{{Leaf: "vehicle.van", Listings: 1, Left: 3}}
	})
	b, c := organisation("b", gave("a", 3)), organisation("c")
	require.Equal(t, 1, apply(t, g, 5, a))
	requireEqual(t, g, a) // b and c are known by name only
	require.Equal(t, 2, apply(t, g, 6, b, c))
	requireEqual(t, g, a, b, c)
	require.Zero(t, apply(t, g, 7, c, a, b), "what came twice changes nothing")
	position, there, err := g.Position(t.Context())
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, int64(7), position)

	a.Offers, a.Address, a.Name = nil, "street 2", "Renamed"
	c.Gone = true
	require.Equal(t, 2, apply(t, g, 8, a, c))
	requireEqual(t, g, a, b)
	c.Gone = false
	apply(t, g, 9, c)
	requireEqual(t, g, a, b, c)
	require.NoError(t, g.Prune(t.Context(), town))
	requireEqual(t, g, a, b, c)
}

// Any order of any changes, doubled and late ones among them, ends where the rows are in the end.
func TestApplyInAnyOrderEndsTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { applyInAnyOrder(t, seed) })
	}
}

func applyInAnyOrder(t *testing.T, seed uint64) {
	t.Helper()
	t.Parallel()
	g := opened(t)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test's
	last := map[int]graph.Subject{}
	for position := range int64(40) {
		n := random.IntN(8)
		s := organisation(fmt.Sprint(n))
		for m := range 8 {
			if m != n && random.IntN(3) == 0 {
				gave(fmt.Sprint(m), random.Int64N(4)+1)(&s)
			}
		}
		s.Gone = random.IntN(10) == 0
		s.Address = []string{"", "street 1", "street 2"}[random.IntN(3)]
		last[n] = s
		apply(t, g, position, s, organisation("x"), s)
	}
	all := []graph.Subject{organisation("x")}
	for _, s := range last {
		all = append(all, s)
	}
	requireEqual(t, g, all...)
}

func TestSurveyFindsWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	g := opened(t)
	a, b := organisation("a", gave("b", 2)), organisation("b")
	apply(t, g, 1, a, b)
	want := graph.NewSurvey()
	want.Add(a)
	want.Add(b)
	want.Add(organisation("c"))
	found, err := g.Survey(t.Context(), town, nil)
	require.NoError(t, err)
	require.Equal(t, []city.ParticipantID{"c"}, want.Differences(found))
	require.NoError(t, g.Repair(t.Context(), []graph.Subject{organisation("c")}))
	requireEqual(t, g, a, b, organisation("c"))
	require.NoError(t, g.Wipe(t.Context()))
	requireEqual(t, g)
	_, there, err := g.Position(t.Context())
	require.NoError(t, err)
	require.False(t, there)
}

func TestInstallationsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	g, other := opened(t), opened(t)
	apply(t, g, 1, organisation("a"))
	requireEqual(t, other)
	require.NoError(t, other.Wipe(t.Context()))
	requireEqual(t, g, organisation("a"))
}

// The race detector watches: the first calls of many come at the same moment.
func TestManyMayBeTheFirst(t *testing.T) {
	t.Parallel()
	g := graphtest.Connect(t, graphtest.Config(t))
	const callers = 8
	answers := make(chan error, callers)
	for range callers {
		go func() { answers <- g.Ping(t.Context()) }()
	}
	for range callers {
		require.NoError(t, <-answers)
	}
}

func TestAServerThatIsAwayIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	config := graphtest.Config(t)
	config.URI = "bolt://127.0.0.1:1" // nobody listens there
	g, err := graph.Open(config)
	require.NoError(t, err)
	defer func() { require.NoError(t, g.Close(t.Context())) }()
	began := time.Now()
	require.ErrorIs(t, g.Ping(t.Context()), graph.ErrAway)
	require.Less(t, time.Since(began), 25*time.Second, "the driver's own retries take 30 s")
	for range 1000 {
		require.ErrorIs(t, g.Ping(t.Context()), graph.ErrAway)
	}
	require.Less(t, time.Since(began), time.Minute, "the breaker is open: a thousand attempts would take a thousand seconds")
}

func TestPrefixesThatCouldMeetAreRefused(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "a/b", " ", "a b"} {
		_, err := graph.Open(graph.Config{URI: "bolt://127.0.0.1:1", Prefix: prefix})
		require.ErrorContains(t, err, "graph prefix")
	}
}
