package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/projection"
)

// projected gives a bed a graph that holds what its rows say.
func (b *bed) projected() {
	b.t.Helper()
	b.deps.Graph = graphtest.Open(b.t)
	var err error
	b.handler, err = api.New(api.Config{WebUI: "http://web.example", QueuePrefix: string(b.city)}, b.deps)
	require.NoError(b.t, err)
	b.project()
}

func (b *bed) project() {
	b.t.Helper()
	p := &projection.Projector{Store: b.store, Graph: b.deps.Graph}
	require.NoError(b.t, p.Begin(b.t.Context(), func() {}))
	_, err := p.Project(b.t.Context())
	require.NoError(b.t, err)
}

func TestTheGraphAnswers(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	require.Equal(t, wire.GraphStatusStateOff, want[wire.GraphStatus](b.get(b.auditor(), "/api/v1/graph/status"), http.StatusOK).State)
	b.get(b.auditor(), "/api/v1/graph/trust-path?from=giver&to=receiver").problem(http.StatusServiceUnavailable, "dependency-away")
	b.projected()
	status := want[wire.GraphStatus](b.get(b.auditor(), "/api/v1/graph/status"), http.StatusOK)
	require.Equal(t, wire.GraphStatusStateCurrent, status.State)
	require.Positive(t, status.Head)

	none := want[wire.TrustPath](b.get(b.auditor(), "/api/v1/graph/trust-path?from=giver&to=receiver"), http.StatusOK)
	require.Empty(t, none.Steps)
	said := b.post(b.giver(), "/api/v1/participants/giver/vouches", wire.NewVouch{For: "receiver"})
	require.Equal(t, http.StatusNoContent, said.status, "%s", said.body)
	b.post(b.giver(), "/api/v1/participants/receiver/vouches", wire.NewVouch{For: "giver"}).problem(http.StatusForbidden, "forbidden")
	b.post(b.giver(), "/api/v1/participants/giver/vouches", wire.NewVouch{For: "giver"}).problem(http.StatusUnprocessableEntity, "refused")
	b.post(b.giver(), "/api/v1/participants/giver/vouches", wire.NewVouch{For: "nobody"}).problem(http.StatusNotFound, "not-found")
	b.project()
	path := want[wire.TrustPath](b.get(b.auditor(), "/api/v1/graph/trust-path?from=receiver&to=giver"), http.StatusOK)
	require.Equal(t, wire.TrustPath{From: "receiver", To: "giver", Trust: 0.75, Steps: []wire.TrustStep{
		{Giver: "giver", Receiver: "receiver", By: wire.TrustStepByVouch, Trust: 0.75},
	}}, path)
	b.get(b.auditor(), "/api/v1/graph/trust-path?from=receiver&to=nobody").problem(http.StatusNotFound, "not-found")

	require.Empty(t, want[wire.DuplicateList](b.get(b.auditor(), "/api/v1/graph/duplicates?participant=giver"), http.StatusOK).Items)
	require.NotEmpty(t, want[wire.SubstituteList](b.get(b.giver(), "/api/v1/graph/substitutes?leaf=food.produce"), http.StatusOK).Items)
	require.Empty(t, want[wire.ChainList](b.get(b.auditor(), "/api/v1/graph/chains?leaf=food.produce"), http.StatusOK).Items)
	b.get(b.auditor(), "/api/v1/graph/chains?leaf=food.nothing").problem(http.StatusUnprocessableEntity, "refused")
	started := want[wire.Started](b.post(b.operator(), "/api/v1/graph/reconciliations", wire.NewReconciliation{}), http.StatusAccepted)
	require.Equal(t, "graph/reconcile/"+string(b.city), started.WorkflowID)
}

// Who works for a party does not sign for the city on its matches, nor who is bound to one.
func TestAConflictOfInterestIsRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.projected()
	match := b.match(city.Requirement{Rule: "one", CityApprovers: 1})
	key := func(actor string, worksFor city.ParticipantID) string {
		text, _, err := api.CreateKey(t.Context(), b.store, api.NewKey{
			City: b.city, Actor: actor, WorksFor: worksFor, Roles: []city.Role{city.Approver},
		})
		require.NoError(t, err)
		return text
	}
	refusal := b.post(key("gil", "giver"), decisions(match), approve()).problem(http.StatusForbidden, "conflict-of-interest")
	require.Contains(t, refusal.Detail, "gil works for giver, which is the party itself")

	require.NoError(t, b.store.InsertParticipant(t.Context(), city.Participant{
		ID: "friend", City: b.city, Kind: city.Organisation, Name: "A friend", LocationQuality: city.Default,
		State: city.ParticipantActive, Origin: city.Generated, Source: "test", SourceKey: "friend",
	}))
	require.NoError(t, b.store.Vouch(t.Context(), b.city, "friend", "receiver", "a test"))
	b.project()
	friend := key("fay", "friend")
	refusal = b.post(friend, decisions(match), approve()).problem(http.StatusForbidden, "conflict-of-interest")
	require.Contains(t, refusal.Detail, "vouches for it (receiver)")
	require.NoError(t, b.store.TakeBackVouch(t.Context(), b.city, "friend", "receiver"))
	b.project()
	want[wire.Decision](b.post(friend, decisions(match), approve()), http.StatusAccepted)

	_, _, err := api.CreateKey(t.Context(), b.store, api.NewKey{City: b.city, Participant: "giver", WorksFor: "receiver", Roles: []city.Role{city.Lister}})
	require.ErrorContains(t, err, "only a person of the city does")
}
