package api_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
)

func TestSpecIsValid(t *testing.T) {
	t.Parallel()
	spec, err := document()
	require.NoError(t, err)
	require.NoError(t, spec.Validate(t.Context()))
}

// examples fill the parameters of a path so that it is well formed. A stream of events would not end: it is asked for what
// no event has.
var examples = strings.NewReplacer("{class}", "food", "{form}", "matches.csv",
	"/events", "/events?after=none", "{match}", "r:food.produce:1", "{listing}", "x", "{participant}", "x", "{run}", "x",
	"{import}", "x", "{schedule}", "x", "{valuation}", "x", "{contact}", "x", "{notice}", "x", "{delegation}", "x", "{document}", "x", "{city}", "x")

func TestEveryPathOfTheSpecIsServedAndAsksForAKey(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Rate = cache.Rate{PerSecond: 1000, Burst: 5000} }}) // guesses have a tenth
	spec, err := document()
	require.NoError(t, err)
	count := 0
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			count++
			a := b.do(call{method: method, path: examples.Replace(path)})
			if operation.Security != nil && len(*operation.Security) == 0 {
				require.Equal(t, http.StatusOK, a.status, "%s %s", method, path)
				continue
			}
			a.problem(http.StatusUnauthorized, "unauthenticated")
			require.Equal(t, `Bearer realm="crg"`, a.header.Get("WWW-Authenticate"))
		}
	}
	require.Greater(t, count, 30)
}

func TestEveryPostAsksForAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	spec, err := document()
	require.NoError(t, err)
	for path, item := range spec.Paths.Map() {
		if item.Post == nil {
			continue
		}
		parameter := item.Post.Parameters.GetByInAndName("header", "Idempotency-Key")
		require.NotNil(t, parameter, path)
		require.True(t, parameter.Required, path)
		if item.Post.RequestBody.Value.Content.Get("application/octet-stream") != nil {
			continue // a file has no members
		}
		body := item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value
		require.NotNil(t, body.AdditionalProperties.Has, "POST %s: unknown members must be refused", path)
		require.False(t, *body.AdditionalProperties.Has, "POST %s: unknown members must be refused", path)
	}
}

func TestWordsOfTheSpecAreTheCitys(t *testing.T) {
	t.Parallel()
	spec, err := document()
	require.NoError(t, err)
	for schema, words := range map[string][]string{
		"ParticipantState": keysOf(city.ParticipantTransitions()),
		"ListingState":     keysOf(city.ListingTransitions()),
		"MatchState":       keysOf(city.MatchTransitions()),
		"Reason":           texts(city.Reasons()),
		"Kind":             texts([]city.Kind{city.Organisation, city.Agency, city.Business, city.Person}),
		"Origin":           texts([]city.Origin{city.Observed, city.Modelled, city.Generated, city.Simulated}),
		"Party":            texts([]city.Party{city.Giver, city.Receiver, city.CityHall, city.Applicant}),
		"NoticeEvent":      texts(city.NoticeEvents()),
		"DocumentKind":     texts(city.DocumentKinds()),
		"Channel":          texts([]city.Channel{city.EMail, city.Webhook}),
		"Unit": texts([]city.Unit{
			city.Kilogram, city.Piece, city.Hour, city.Litre, city.SquareMetre, city.Trip, city.Lot,
		}),
	} {
		var stated []string
		for _, word := range spec.Components.Schemas[schema].Value.Enum {
			stated = append(stated, word.(string))
		}
		require.ElementsMatch(t, words, stated, schema)
	}
}

func keysOf[S ~string](table city.Transitions[S]) []string {
	var words []string
	for state := range table {
		words = append(words, string(state))
	}
	return words
}

func texts[S ~string](words []S) []string {
	answer := make([]string, len(words))
	for i, word := range words {
		answer[i] = string(word)
	}
	return answer
}

// The guide lists every kind of problem, and no other.
func TestTheGuideListsTheProblems(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("problem.go")
	require.NoError(t, err)
	guide, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)
	defined := named(regexp.MustCompile(`kind\{"([a-z-]+)", http\.`), source)
	listed := named(regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| [45]"), guide)
	require.NotEmpty(t, defined)
	require.Equal(t, defined, listed)
}

func named(pattern *regexp.Regexp, text []byte) []string {
	var names []string
	for _, found := range pattern.FindAllSubmatch(text, -1) {
		names = append(names, string(found[1]))
	}
	slices.Sort(names)
	return names
}
