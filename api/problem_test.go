package api_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
)

// badRequest is a request that is refused, and the fields that its problem names.
type badRequest struct {
	path, body string
	status     int
	kind       string
	fields     []string
}

// badNeed is a need that does not fit the description in one field.
func badNeed(field, body string) badRequest {
	return badRequest{"/api/v1/needs", body, http.StatusBadRequest, "invalid-request", []string{field}}
}

// impossibleNeed is a need that fits the description and cannot be taken.
func impossibleNeed(field, body string) badRequest {
	return badRequest{"/api/v1/needs", body, http.StatusUnprocessableEntity, "refused", []string{field}}
}

func badRequests() map[string]badRequest {
	need := func(members string) string { return `{"leaf":"food.produce","quantity":5,"need":{}` + members + `}` }
	terms := func(members string) string { return `{"leaf":"food.produce","quantity":5,"need":{` + members + `}}` }
	twoFaults := badNeed("/leaf", `{"leaf":"FOOD","quantity":-3,"need":{}}`)
	twoFaults.fields = []string{"/leaf", "/quantity"}
	missing := badNeed("/leaf", `{"quantity":5}`)
	missing.fields = []string{"/leaf", "/need"}
	unknownParameter := badNeed("verbose", need(""))
	unknownParameter.path += "?verbose=1"
	reason := badNeed("/reason", `{"decision":"reject","party":"city","reason":"mood"}`)
	reason.path = "/api/v1/matches/r:food.produce:1/decisions"
	match := badNeed("match", `{"decision":"approve","party":"city"}`)
	match.path = "/api/v1/matches/no-match/decisions"
	return map[string]badRequest{
		"two faults at once": twoFaults, "missing members": missing, "unknown parameter": unknownParameter,
		"malformed match id": match, "a reason outside the list": reason,
		"unknown member":             badNeed("/", need(`,"colour":"red"`)),
		"unknown member below":       badNeed("/need", terms(`"when":1`)),
		"wrong type":                 badNeed("/quantity", `{"leaf":"food.produce","quantity":"many","need":{}}`),
		"a whole number as no other": badNeed("/quantity", `{"leaf":"food.produce","quantity":1.0,"need":{}}`),
		"a NUL":                      badNeed("/title", need(`,"title":"Apples\u0000"`)),
		"a NUL in a name":            badNeed("/attributes", need(`,"attributes":{"a\u0000":1}`)),
		"two lines":                  badNeed("/title", need(`,"title":"Apples\nBcc: all@example.org"`)),
		"another encoding":           badNeed("body", need(`,"title":"\xc4pfel"`)),
		"a day that is none":         badNeed("/expires_at", need(`,"expires_at":"2031-02-30T10:00:00Z"`)),
		"a moment that is none":      badNeed("/windows/0/end", need(`,"windows":[{"start":"2026-11-24T10:00:00Z","end":"0001-01-01T00:00:00Z"}]`)),
		"a place that is no place":   badNeed("/point/lat", need(`,"point":{"lon":9.5,"lat":"NaN"}`)),
		"not whole":                  badNeed("/quantity", `{"leaf":"food.produce","quantity":1.5,"need":{}}`),
		"huge":                       badNeed("/quantity", `{"leaf":"food.produce","quantity":1e30,"need":{}}`),
		"more than a city holds":     badNeed("/quantity", `{"leaf":"food.produce","quantity":1000000001,"need":{}}`),
		"broken JSON":                badNeed("body", `{"leaf":`),
		"two values":                 badNeed("body", need("")+need("")),
		"empty":                      badNeed("body", ``),
		"point in metres":            badNeed("/point", need(`,"point":{"lon":-8575000,"lat":4707000}`)),
		"point 0/0":                  badNeed("/point", need(`,"point":{"lon":0,"lat":0}`)),
		"end before start":           badNeed("/windows/0", need(`,"windows":[{"start":"2026-11-24T10:00:00Z","end":"2026-11-24T09:00:00Z"}]`)),
		"a class for a leaf":         badNeed("/leaf", `{"leaf":"food","quantity":5,"need":{}}`),
		"too many decimals":          badNeed("/need/budget_per_unit", terms(`"budget_per_unit":"1.234"`)),
		"negative amount":            badNeed("/need/budget_per_unit", terms(`"budget_per_unit":"-1"`)),
		"a price beyond reckoning":   badNeed("/need/budget_per_unit", terms(`"budget_per_unit":"5000000.01"`)),
		"a text with at least":       badNeed("/need/constraints/0/value", terms(`"constraints":[{"attribute":"lift","operator":">=","value":"much"}]`)),
		"a list in a constraint":     badNeed("/need/constraints/0/value", terms(`"constraints":[{"attribute":"lift","operator":"=","value":[1]}]`)),
		"attribute of a list":        badNeed("/attributes/a", need(`,"attributes":{"a":[1]}`)),
		"outside the city":           impossibleNeed("/point", need(`,"point":{"lon":-77.03,"lat":38.9}`)),
		"over before it begins":      impossibleNeed("/expires_at", need(`,"expires_at":"2020-01-01T00:00:00Z"`)),
		"unknown category":           impossibleNeed("/leaf", `{"leaf":"food.unicorn","quantity":5,"need":{}}`),
		"substitute of other unit":   impossibleNeed("/need/substitutes/0", terms(`"substitutes":["goods.furniture"]`)),
		"inferred without a rule":    impossibleNeed("/quality", need(`,"quality":"inferred"`)),
	}
}

func TestBadRequestsNameTheirFields(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for name, c := range badRequests() {
		a := b.do(call{method: http.MethodPost, path: c.path, key: b.receiver(), body: c.body})
		require.Equal(t, c.status, a.status, "%s: %s", name, a.body)
		p := a.problem(c.status, c.kind)
		var fields []string
		for _, field := range p.Errors {
			fields = append(fields, field.Field)
			require.NotEmpty(t, field.Detail, name)
		}
		require.Equal(t, c.fields, fields, "%s: %s", name, a.body)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.get(b.auditor(), "/api/v1/nothing").problem(http.StatusNotFound, "not-found")
	b.get(b.auditor(), "/api/v1/needs/").problem(http.StatusNotFound, "not-found")
	b.get(b.auditor(), "/api/v1/needs/none").problem(http.StatusNotFound, "not-found")
	b.get(b.auditor(), "/api/v1/cities/elsewhere").problem(http.StatusNotFound, "not-found")
	b.do(call{method: http.MethodDelete, path: "/api/v1/needs", key: b.auditor()}).problem(http.StatusMethodNotAllowed, "method-not-allowed")
	wrong := b.do(call{method: http.MethodDelete, path: "/api/v1/resources/confirmations", key: b.auditor()})
	wrong.problem(http.StatusMethodNotAllowed, "method-not-allowed")
	require.Equal(t, http.MethodPost, wrong.header.Get("Allow"), "confirmations is a path of its own, not a listing's id")
	b.get(b.auditor(), "/api/v1/needs?limit=").problem(http.StatusBadRequest, "invalid-request")
	b.get(b.auditor(), "/api/v1/needs?state=").problem(http.StatusBadRequest, "invalid-request")
	require.Equal(t, http.StatusOK, b.get(b.auditor(), "/api/v1/needs?ward=").status, "text may be empty")
	b.get(b.auditor(), "/api/v1/needs?ward=%00").problem(http.StatusBadRequest, "invalid-request")
	require.Equal(t, "after", b.get(b.auditor(), "/api/v1/needs?after=rubbish").problem(http.StatusBadRequest, "invalid-request").Errors[0].Field)
	require.Equal(t, "limit", b.get(b.auditor(), "/api/v1/needs?limit=501").problem(http.StatusBadRequest, "invalid-request").Errors[0].Field)
}

// What a GET answers, HEAD answers without the body; what streams has no end to wait for.
func TestHeadIsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	server := httptest.NewServer(b.handler)
	defer server.Close()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+"/api/v1/cities", http.NoBody)
	require.NoError(t, err)
	ask.Header.Set("Authorization", "Bearer "+b.auditor())
	head, err := server.Client().Do(ask)
	require.NoError(t, err)
	body, err := io.ReadAll(head.Body)
	require.NoError(t, errors.Join(err, head.Body.Close()))
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Equal(t, "application/json", head.Header.Get("Content-Type"))
	require.Empty(t, body)
	require.Equal(t, http.StatusNotFound, b.send(call{method: http.MethodHead, path: "/api/v1/needs/none", key: b.auditor()}).status)
	require.Equal(t, http.StatusMethodNotAllowed, b.send(call{method: http.MethodHead, path: "/api/v1/events", key: b.auditor()}).status)
	wrong := b.do(call{method: http.MethodDelete, path: "/api/v1/needs/none", key: b.auditor()})
	require.Equal(t, "GET, HEAD", wrong.header.Get("Allow"))
}

func TestBodiesOfTheWrongSizeOrType(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	big := call{method: http.MethodPost, path: "/api/v1/needs", key: b.receiver(), body: `{"title":"` + strings.Repeat("x", 2<<20) + `"}`}
	b.do(big).problem(http.StatusRequestEntityTooLarge, "too-large")
	b.do(call{
		method: http.MethodPost, path: "/api/v1/needs", key: b.receiver(), body: "leaf=food.produce",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	}).problem(http.StatusUnsupportedMediaType, "unsupported-media-type")
}

// What failed inside stays inside: no SQL, no address, no path of the machine in an answer.
func TestProblemsShowNothingOfTheInside(t *testing.T) {
	t.Parallel()
	database := newLine(t, hostOf(t, environment(t, "DATABASE_URL")))
	b := newBedOver(t, wires{database: database.address()})
	key := b.auditor()
	database.cut()
	a := b.get(key, "/api/v1/needs")
	a.problem(http.StatusServiceUnavailable, "dependency-away")
	for _, secret := range []string{"127.0.0.1", "SELECT", "pgx", "password", "dial"} {
		require.NotContains(t, string(a.body), secret)
	}
	require.Contains(t, b.logs.String(), want[wire.Problem](a, http.StatusServiceUnavailable).RequestID, "the log has it all, under the same id")
	require.Contains(t, b.logs.String(), "dial")
}
