package projection_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/projection"
)

func noBeat() {}

type world struct {
	*projection.Projector
	t *testing.T
}

// newWorld is an empty town with a graph.
func newWorld(t *testing.T) *world {
	t.Helper()
	store := pgtest.Open(t)
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(t, err)
	require.NoError(t, store.UpsertCity(t.Context(), postgres.City{
		ID: town, Name: "Town", TimeZone: "UTC", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
	}))
	require.NoError(t, store.UpsertCategories(t.Context(), []postgres.Category{{Leaf: "food.produce", Unit: city.Kilogram}}))
	return &world{Projector: &projection.Projector{Store: store, Graph: graphtest.Connect(t, graphtest.Config(t))}, t: t}
}

func (w *world) participant(id string, state city.ParticipantState) {
	w.t.Helper()
	require.NoError(w.t, w.Store.InsertParticipant(w.t.Context(), city.Participant{
		ID: city.ParticipantID(id), City: town, Kind: city.Organisation, Name: "The " + id, Operator: "Chain", Point: &city.Point{Lon: 10, Lat: 50},
		LocationQuality: city.Exact, State: state, Origin: city.Generated, Source: "test", SourceKey: id,
	}))
}

// confirmed brings 100 kg from one participant to another one, from the listing to the receipt.
func (w *world) confirmed(giver, receiver string) {
	w.t.Helper()
	ctx := w.t.Context()
	run := city.RunID(giver + "-" + receiver)
	resource := city.Listing{
		ID: city.ListingID(run) + "-r", City: town, Side: city.ResourceSide, Holder: city.ParticipantID(giver), Leaf: "food.produce", Title: "x",
		Quantity: city.Quantity{Amount: 100, Unit: city.Kilogram, Quality: city.Declared}, LocationQuality: city.Default,
		Temperature: city.Chilled, State: city.ListingOpen, Origin: city.Generated, Source: "test", SourceKey: string(run) + "-r",
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 1},
	}
	need := resource
	need.ID, need.SourceKey, need.Side, need.Holder = city.ListingID(run)+"-n", string(run)+"-n", city.NeedSide, city.ParticipantID(receiver)
	need.Temperature, need.Resource, need.Need = city.Ambient, nil, &city.NeedTerms{Urgency: city.Normal}
	for _, l := range []city.Listing{resource, need} {
		require.NoError(w.t, w.Store.InsertListing(ctx, postgres.Listing{Listing: l}))
	}
	require.NoError(w.t, w.Store.CreateRun(ctx, postgres.Run{City: town, ID: run}))
	recorded, err := w.Store.RecordProposals(ctx, town, run, []postgres.Proposal{
		{Leaf: "food.produce", N: 1, Resource: resource.ID, Need: need.ID, Quantity: 100, ScoreMinor: 1, ExpectedMinor: 100},
	})
	require.NoError(w.t, err)
	match := recorded.Matches[0]
	approved, err := w.Store.ApproveByPolicy(ctx, town, match, "policy@1", city.Requirement{Rule: "all"})
	require.NoError(w.t, err)
	require.True(w.t, approved)
	amount := int64(100)
	for kind, to := range map[city.DecisionKind]city.MatchState{city.DecisionHandOver: city.MatchHandedOver} {
		w.decide(match, kind, city.Giver, to, &amount)
	}
	w.decide(match, city.DecisionConfirmReceipt, city.Receiver, city.MatchConfirmed, &amount)
}

func (w *world) decide(match city.MatchID, kind city.DecisionKind, party city.Party, to city.MatchState, amount *int64) {
	w.t.Helper()
	d := postgres.Decision{
		City: town, ID: city.DecisionID(fmt.Sprintf("%s.%s", match.Run, kind)), Kind: kind, Party: party, Actor: "ann", Role: city.Operator,
		Match: &match, MeasuredQuantity: amount, Origin: city.Generated,
	}
	require.NoError(w.t, w.Store.RecordDecision(w.t.Context(), d))
	_, err := w.Store.TakeDecision(w.t.Context(), town, d.ID, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: to})
	require.NoError(w.t, err)
}

// project projects all that there is to project, as a worker does.
func (w *world) project() (events int) {
	w.t.Helper()
	require.NoError(w.t, w.Begin(w.t.Context(), noBeat))
	for {
		n, err := w.Project(w.t.Context())
		require.NoError(w.t, err)
		if n == 0 {
			return events
		}
		events += n
	}
}

func (w *world) requireEqual(participants, relations int64) {
	w.t.Helper()
	compared, differ, err := w.Compare(w.t.Context(), town, noBeat)
	require.NoError(w.t, err)
	require.Empty(w.t, differ)
	require.Equal(w.t, []int64{participants, relations}, []int64{compared.Participants, compared.Relations})
}

func (w *world) requireMissing(ids ...city.ParticipantID) {
	w.t.Helper()
	_, differ, err := w.Compare(w.t.Context(), town, noBeat)
	require.NoError(w.t, err)
	require.Equal(w.t, ids, differ)
}
