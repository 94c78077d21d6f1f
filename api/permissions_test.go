package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
)

// matrix says for each operation which roles may use it: l lister, r requester, p approver, m matcher, o operator,
// a auditor. It is written out a second time on purpose: a slip in the server's own table shows here.
var matrix = map[string]string{
	"GET /api/v1/cities":                                                  "lrpmoa",
	"GET /api/v1/cities/{city}":                                           "lrpmoa",
	"GET /api/v1/participants":                                            "lrpmoa",
	"POST /api/v1/participants":                                           "lro",
	"GET /api/v1/participants/{participant}":                              "lrpmoa",
	"GET /api/v1/onboardings":                                             "poa",
	"GET /api/v1/onboardings/{participant}":                               "lrpmoa",
	"POST /api/v1/onboardings/{participant}/review":                       "p",
	"GET /api/v1/imports":                                                 "pmoa",
	"POST /api/v1/imports":                                                "o",
	"GET /api/v1/imports/{import}":                                        "pmoa",
	"GET /api/v1/imports/{import}/rejected":                               "pmoa",
	"POST /api/v1/sheets":                                                 "mo",
	"POST /api/v1/sheets/check":                                           "mo",
	"GET /api/v1/templates/{class}":                                       "lrpmoa",
	"GET /api/v1/exports/{form}":                                          "oa",
	"GET /api/v1/resources":                                               "lrpmoa",
	"POST /api/v1/resources":                                              "lo",
	"POST /api/v1/resources/confirmations":                                "lo",
	"GET /api/v1/resources/{listing}":                                     "lrpmoa",
	"POST /api/v1/resources/{listing}/withdrawal":                         "lo",
	"GET /api/v1/needs":                                                   "lrpmoa",
	"POST /api/v1/needs":                                                  "ro",
	"GET /api/v1/needs/{listing}":                                         "lrpmoa",
	"POST /api/v1/needs/{listing}/withdrawal":                             "ro",
	"GET /api/v1/matching-runs":                                           "pmoa",
	"POST /api/v1/matching-runs":                                          "m",
	"GET /api/v1/matching-runs/{run}":                                     "pmoa",
	"POST /api/v1/matching-runs/{run}/cancellation":                       "mo",
	"GET /api/v1/matches":                                                 "lrpmoa",
	"GET /api/v1/matches/{match}":                                         "lrpmoa",
	"POST /api/v1/matches/{match}/decisions":                              "lrpo",
	"POST /api/v1/matches/{match}/hand-over":                              "lo",
	"POST /api/v1/matches/{match}/receipt":                                "ro",
	"POST /api/v1/matches/{match}/no-show":                                "lro",
	"GET /api/v1/matches/{match}/override":                                "pmoa",
	"GET /api/v1/approvals":                                               "lrp",
	"GET /api/v1/events":                                                  "lrpmoa",
	"GET /api/v1/valuations":                                              "pmoa",
	"POST /api/v1/valuations":                                             "mo",
	"GET /api/v1/valuations/{valuation}":                                  "pmoa",
	"GET /api/v1/valuations/{valuation}/difference":                       "pmoa",
	"POST /api/v1/onboardings/{participant}/appeal":                       "lro",
	"GET /api/v1/participants/{participant}/documents":                    "lrpmoa",
	"POST /api/v1/participants/{participant}/documents":                   "lro",
	"POST /api/v1/participants/{participant}/documents/{document}/review": "p",
	"POST /api/v1/resources/confirmation-requests":                        "mo",
	"GET /api/v1/contacts":                                                "lrpmoa",
	"POST /api/v1/contacts":                                               "lrpmo",
	"POST /api/v1/contacts/{contact}/removal":                             "lrpmo",
	"GET /api/v1/notices":                                                 "lrpmoa",
	"POST /api/v1/notices/{notice}/retry":                                 "o",
	"GET /api/v1/delegations":                                             "poa",
	"POST /api/v1/delegations":                                            "po",
	"POST /api/v1/delegations/{delegation}/end":                           "po",
	"GET /api/v1/decision-reasons":                                        "pmoa",
	"POST /api/v1/participants/{participant}/vouches":                     "lro",
	"GET /api/v1/graph/status":                                            "pmoa",
	"GET /api/v1/graph/trust-path":                                        "pmoa",
	"GET /api/v1/graph/duplicates":                                        "pmoa",
	"GET /api/v1/graph/substitutes":                                       "lrpmoa",
	"GET /api/v1/graph/chains":                                            "pmoa",
	"POST /api/v1/graph/reconciliations":                                  "o",
	"GET /api/v1/schedules":                                               "pmoa",
	"GET /api/v1/schedules/{schedule}":                                    "pmoa",
	"POST /api/v1/schedules/{schedule}/pause":                             "o",
	"POST /api/v1/schedules/{schedule}/resume":                            "o",
	"POST /api/v1/schedules/{schedule}/trigger":                           "o",
	"POST /api/v1/schedules/{schedule}/backfill":                          "o",
	"POST /api/v1/approvals/decisions":                                    "lrpo",
	"GET /api/v1/maintenance":                                             "lrpmoa",
	"POST /api/v1/maintenance":                                            "o",
}

func TestRolesOfEveryOperation(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	keys := map[string]string{
		"l": b.key("only-lists", "stranger", city.Lister), "r": b.key("only-requests", "stranger", city.Requester),
		"p": b.approver(), "m": b.matcher(), "o": b.operator(), "a": b.auditor(),
	}
	spec, err := document()
	require.NoError(t, err)
	seen := 0
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Security != nil && len(*operation.Security) == 0 {
				continue
			}
			seen++
			allowed, known := matrix[method+" "+path]
			require.True(t, known, "%s %s is missing in the matrix", method, path)
			for role, key := range keys {
				// An empty body is refused by validation, which comes after the roles: nothing is changed by asking.
				a := b.do(call{method: method, path: examples.Replace(path), key: key})
				if slices.Contains([]byte(allowed), role[0]) {
					require.NotEqual(t, http.StatusForbidden, a.status, "%s %s with role %s: %s", method, path, role, a.body)
				} else {
					require.Equal(t, http.StatusForbidden, a.status, "%s %s with role %s: %s", method, path, role, a.body)
				}
			}
		}
	}
	require.Len(t, matrix, seen)
}

// Whatever is of somebody else is not there: neither to be read nor to be changed.
func TestObjectsOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	b.resource("unconfirmed", "giver", 10, city.ListingUnconfirmed)
	stranger := b.stranger()
	for _, path := range []string{
		"/api/v1/participants/giver", "/api/v1/onboardings/giver", "/api/v1/resources/r", "/api/v1/needs/r-need",
		"/api/v1/matches/" + match.String(),
	} {
		b.get(stranger, path).problem(http.StatusNotFound, "not-found")
		require.Equal(t, http.StatusOK, b.get(b.auditor(), path).status, path)
	}
	for path, body := range map[string]any{
		"/api/v1/resources/r/withdrawal":                   wire.NewWithdrawal{},
		"/api/v1/needs/r-need/withdrawal":                  wire.NewWithdrawal{},
		decisions(match):                                   wire.NewDecision{Decision: "approve", Party: "giver"},
		"/api/v1/matches/" + match.String() + "/hand-over": wire.NewHandOver{MeasuredQuantity: 1},
		"/api/v1/matches/" + match.String() + "/receipt":   wire.NewReceipt{MeasuredQuantity: 1},
		"/api/v1/matches/" + match.String() + "/no-show":   wire.NewNoShow{Absent: "giver"},
	} {
		b.post(stranger, path, body).problem(http.StatusNotFound, "not-found")
	}
	b.post(stranger, "/api/v1/resources", wire.NewResource{Leaf: "food.produce", Quantity: 1, Holder: "giver"}).
		problem(http.StatusForbidden, "forbidden")
	confirmed := want[wire.Confirmations](b.post(stranger, "/api/v1/resources/confirmations", wire.NewConfirmations{
		Answers: []wire.NewConfirmation{{Resource: "unconfirmed", Usable: true}},
	}), http.StatusOK)
	require.Zero(t, confirmed.Confirmed)
	require.Len(t, confirmed.Refused, 1)
	for _, list := range []string{"/api/v1/resources", "/api/v1/needs", "/api/v1/matches", "/api/v1/resources?holder=giver", "/api/v1/matches?participant=giver"} {
		require.Empty(t, want[wire.ListingPage](b.get(stranger, list), http.StatusOK).Items, list)
	}
	own := want[wire.ParticipantPage](b.get(stranger, "/api/v1/participants"), http.StatusOK).Items
	require.Len(t, own, 1)
	require.Equal(t, "stranger", own[0].ID)
}

// From the approval on each side has to find the other; nothing else of it is there.
func TestTheSidesOfAnApprovedMatchSeeEachOther(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.participant("person", city.Person, city.Observed)
	person := b.key("person", "person", city.Lister)
	match := b.recordMatch("bread", "person", oneApprover())
	b.openWorkflow(match)
	b.resource("bike", "person", 1, city.ListingOpen)
	seen := func() []int {
		return []int{
			b.get(b.receiver(), "/api/v1/participants/person").status, b.get(b.receiver(), "/api/v1/resources/bread").status,
			b.get(person, "/api/v1/participants/receiver").status, b.get(person, "/api/v1/needs/bread-need").status,
		}
	}
	require.Equal(t, []int{404, 404, 404, 404}, seen(), "while it is proposed both stay unknown")
	b.take(want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted).ID, city.MatchApproved)
	require.Equal(t, []int{200, 200, 200, 200}, seen())
	where := want[wire.Listing](b.get(b.receiver(), "/api/v1/resources/bread"), http.StatusOK)
	require.InDelta(t, 9.51234, where.Point.Lon, 1e-9, "the exact place, to go there")

	b.get(b.receiver(), "/api/v1/resources/bike").problem(http.StatusNotFound, "not-found")
	b.get(b.stranger(), "/api/v1/participants/person").problem(http.StatusNotFound, "not-found")
	b.post(b.receiver(), "/api/v1/resources/bread/withdrawal", wire.NewWithdrawal{}).problem(http.StatusForbidden, "forbidden")
}

// A key without a participant takes applications in and is a side of nothing, not of everything.
func TestAKeyWithoutAParticipantOwnsNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	intake := b.key("front desk", "", city.Lister, city.Requester)
	for _, list := range []string{"/api/v1/resources", "/api/v1/needs", "/api/v1/matches", "/api/v1/participants", "/api/v1/approvals"} {
		require.Empty(t, want[wire.ListingPage](b.get(intake, list), http.StatusOK).Items, list)
	}
	b.get(intake, "/api/v1/matches/"+match.String()).problem(http.StatusNotFound, "not-found")
	b.get(intake, "/api/v1/resources/r").problem(http.StatusNotFound, "not-found")
}

func TestAKeyOfAnotherCityOpensNothingHere(t *testing.T) {
	t.Parallel()
	b, other := newBed(t), newBed(t)
	b.get(other.auditor(), "/api/v1/needs").problem(http.StatusUnauthorized, "unauthenticated")
}

func TestKeysEnd(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	text, id, err := api.CreateKey(t.Context(), b.store, api.NewKey{City: b.city, Actor: "eve", Roles: []city.Role{city.Auditor}})
	require.NoError(t, err)
	require.Regexp(t, `^crg_[A-Za-z0-9_-]{43}$`, text)
	require.Equal(t, text[:12], id)
	require.Equal(t, http.StatusOK, b.get(text, "/api/v1/needs").status)
	require.NoError(t, b.store.RevokeKey(t.Context(), b.city, id))
	b.get(text, "/api/v1/needs").problem(http.StatusUnauthorized, "unauthenticated")
	for _, wrong := range []string{"crg_", "nonsense", text + "x"} {
		b.get(wrong, "/api/v1/needs").problem(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestKeysThatNobodyShouldHave(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for name, key := range map[string]api.NewKey{
		"nobody's":                      {City: b.city, Roles: []city.Role{city.Auditor}},
		"without a role":                {City: b.city, Actor: "x"},
		"of an unknown role":            {City: b.city, Actor: "x", Roles: []city.Role{"king"}},
		"of a side and the city":        {City: b.city, Actor: "x", Participant: "giver", Roles: []city.Role{city.Lister, city.Approver}},
		"of an approver who is a party": {City: b.city, Actor: "x", Participant: "giver", Roles: []city.Role{city.Approver}},
		"of a participant that is not":  {City: b.city, Actor: "x", Participant: "ghost", Roles: []city.Role{city.Lister}},
		"of a city that is not":         {City: "atlantis", Actor: "x", Roles: []city.Role{city.Auditor}},
	} {
		_, _, err := api.CreateKey(t.Context(), b.store, key)
		require.Error(t, err, name)
	}
}
