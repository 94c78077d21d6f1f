package city_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

// Every state that a table leads to must have a row of its own, or it could be entered and never looked up.
func TestTransitionTablesAreClosed(t *testing.T) {
	t.Parallel()
	requireClosed(t, city.ParticipantTransitions())
	requireClosed(t, city.ListingTransitions())
	requireClosed(t, city.MatchTransitions())
}

// What the documentation draws is what the tables allow, no more and no less.
func TestTransitionsAreDrawnAsTheyAre(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/database.md")
	require.NoError(t, err)
	requireDrawn(t, string(text), "participant", city.ParticipantTransitions())
	requireDrawn(t, string(text), "listing", city.ListingTransitions())
	requireDrawn(t, string(text), "match", city.MatchTransitions())
}

func requireDrawn[S ~string](t *testing.T, text, title string, table city.Transitions[S]) {
	t.Helper()
	drawing := regexp.MustCompile("(?s)title: " + title + "\n.*?```").FindString(text)
	var drawn, allowed []string
	for _, arrow := range regexp.MustCompile(`(\w+) --> (\w+)`).FindAllStringSubmatch(drawing, -1) {
		drawn = append(drawn, arrow[1]+" to "+arrow[2])
	}
	for from, targets := range table {
		for _, to := range targets {
			allowed = append(allowed, string(from)+" to "+string(to))
		}
	}
	require.ElementsMatch(t, allowed, drawn, title)
}

func requireClosed[S ~string](t *testing.T, table city.Transitions[S]) {
	t.Helper()
	for from, targets := range table {
		for _, to := range targets {
			require.Contains(t, table, to, "%s leads to %s", from, to)
			require.NotEqual(t, from, to)
		}
	}
}

func TestTransitionCheckSaysWhatWouldBeAllowed(t *testing.T) {
	t.Parallel()
	matches := city.MatchTransitions()
	require.NoError(t, matches.Check(city.MatchProposed, city.MatchApproved))
	err := matches.Check(city.MatchProposed, city.MatchConfirmed)
	require.ErrorContains(t, err, "proposed cannot become confirmed")
	require.ErrorContains(t, err, "approved")
	require.ErrorContains(t, matches.Check("lost", city.MatchApproved), `unknown state "lost"`)
}

// A match holds its quantity exactly while it is neither over nor confirmed.
func TestHoldsEndsWithTheMatch(t *testing.T) {
	t.Parallel()
	for state := range city.MatchTransitions() {
		require.Equal(t, !city.MatchTransitions().Terminal(state), state.Holds(), state)
	}
}
