package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
)

// document reads the API's description once.
var document = sync.OnceValues(wire.GetSpec)

// checkAgainstSpec fails the test when an answer is not what the API's description promises, members that it does not
// know included.
func checkAgainstSpec(t testing.TB, method, path string, a answer) {
	t.Helper()
	spec, err := document()
	require.NoError(t, err)
	route := findRoute(t, spec, method, path)
	if route == nil { // a path outside the description: there is nothing to promise
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, a.status)
		return
	}
	request := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(string(a.body))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s %s answered %d %s", method, path, a.status, a.body)
}

var parameter = regexp.MustCompile(`\\\{[a-z]+\\\}`)

func findRoute(t testing.TB, spec *openapi3.T, method, target string) *routers.Route {
	t.Helper()
	parsed, err := url.Parse(target)
	require.NoError(t, err)
	var found *routers.Route
	for pattern, item := range spec.Paths.Map() {
		expression := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(pattern), `[^/]+`) + "$"
		if !regexp.MustCompile(expression).MatchString(parsed.Path) || item.GetOperation(method) == nil {
			continue
		}
		if found == nil || !strings.Contains(pattern, "{") { // a fixed path goes before one with a parameter
			found = &routers.Route{Spec: spec, Path: pattern, PathItem: item, Method: method, Operation: item.GetOperation(method)}
		}
	}
	return found
}
