package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
)

func TestBadRequestsNameTheirFields(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.resource("r", "giver", 10, "open")
	need := func(members string) string { return `{"leaf":"food.produce","quantity":5,"need":{}` + members + `}` }
	for name, c := range map[string]struct {
		path, body string
		status     int
		kind       string
		fields     []string
	}{
		"unknown member":            {"/api/v1/needs", need(`,"colour":"red"`), 400, "invalid-request", []string{"/"}},
		"unknown member below":      {"/api/v1/needs", `{"leaf":"food.produce","quantity":5,"need":{"when":1}}`, 400, "invalid-request", []string{"/need"}},
		"two faults at once":        {"/api/v1/needs", `{"leaf":"FOOD","quantity":-3,"need":{}}`, 400, "invalid-request", []string{"/leaf", "/quantity"}},
		"missing members":           {"/api/v1/needs", `{"quantity":5}`, 400, "invalid-request", []string{"/leaf", "/need"}},
		"wrong type":                {"/api/v1/needs", `{"leaf":"food.produce","quantity":"many","need":{}}`, 400, "invalid-request", []string{"/quantity"}},
		"not whole":                 {"/api/v1/needs", `{"leaf":"food.produce","quantity":1.5,"need":{}}`, 400, "invalid-request", []string{"/quantity"}},
		"huge":                      {"/api/v1/needs", `{"leaf":"food.produce","quantity":1e30,"need":{}}`, 400, "invalid-request", []string{"/quantity"}},
		"broken JSON":               {"/api/v1/needs", `{"leaf":`, 400, "invalid-request", []string{"body"}},
		"two values":                {"/api/v1/needs", need("") + need(""), 400, "invalid-request", []string{"body"}},
		"empty":                     {"/api/v1/needs", ``, 400, "invalid-request", []string{"body"}},
		"point in metres":           {"/api/v1/needs", need(`,"point":{"lon":-8575000,"lat":4707000}`), 400, "invalid-request", []string{"/point"}},
		"point 0/0":                 {"/api/v1/needs", need(`,"point":{"lon":0,"lat":0}`), 400, "invalid-request", []string{"/point"}},
		"end before start":          {"/api/v1/needs", need(`,"windows":[{"start":"2026-11-24T10:00:00Z","end":"2026-11-24T09:00:00Z"}]`), 400, "invalid-request", []string{"/windows/0"}},
		"unknown category":          {"/api/v1/needs", `{"leaf":"food.unicorn","quantity":5,"need":{}}`, 422, "refused", []string{"/leaf"}},
		"a class for a leaf":        {"/api/v1/needs", `{"leaf":"food","quantity":5,"need":{}}`, 400, "invalid-request", []string{"/leaf"}},
		"substitute of other unit":  {"/api/v1/needs", `{"leaf":"food.produce","quantity":5,"need":{"substitutes":["goods.furniture"]}}`, 422, "refused", []string{"/need/substitutes/0"}},
		"too many decimals":         {"/api/v1/needs", `{"leaf":"food.produce","quantity":5,"need":{"budget_per_unit":"1.234"}}`, 400, "invalid-request", []string{"/need/budget_per_unit"}},
		"negative amount":           {"/api/v1/needs", `{"leaf":"food.produce","quantity":5,"need":{"budget_per_unit":"-1"}}`, 400, "invalid-request", []string{"/need/budget_per_unit"}},
		"attribute of a list":       {"/api/v1/needs", need(`,"attributes":{"a":[1]}`), 400, "invalid-request", []string{"/attributes/a"}},
		"unknown parameter":         {"/api/v1/needs?verbose=1", need(""), 400, "invalid-request", []string{"verbose"}},
		"inferred without a rule":   {"/api/v1/needs", need(`,"quality":"inferred"`), 422, "refused", []string{"/quality"}},
		"malformed match id":        {"/api/v1/matches/no-match/decisions", `{"decision":"approve","party":"city"}`, 400, "invalid-request", []string{"match"}},
		"a reason outside the list": {"/api/v1/matches/r:food.produce:1/decisions", `{"decision":"reject","party":"city","reason":"mood"}`, 400, "invalid-request", []string{"/reason"}},
	} {
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
	require.Equal(t, "after", b.get(b.auditor(), "/api/v1/needs?after=rubbish").problem(http.StatusBadRequest, "invalid-request").Errors[0].Field)
	require.Equal(t, "limit", b.get(b.auditor(), "/api/v1/needs?limit=501").problem(http.StatusBadRequest, "invalid-request").Errors[0].Field)
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
