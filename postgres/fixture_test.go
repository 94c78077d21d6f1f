package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

const (
	town    = city.ID("town")
	produce = city.Leaf("food.produce")
	run     = city.RunID("run-1")
)

// aTown opens a store on a database with a city of two wards, two leaves, a rule, a giver and a receiver.
func aTown(t testing.TB) *postgres.Store {
	t.Helper()
	store, ctx := pgtest.Open(t), t.Context()
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(t, err)
	require.NoError(t, store.UpsertCity(ctx, postgres.City{
		ID: town, Name: "Town", TimeZone: "America/New_York", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
	}))
	require.NoError(t, store.UpsertWards(ctx, town, []postgres.Ward{
		{ID: "1", Name: "West", Boundary: []byte(`{"type":"Polygon","coordinates":[[[9,49],[10,49],[10,51],[9,51],[9,49]]]}`)},
		{ID: "2", Name: "East", Boundary: []byte(`{"type":"Polygon","coordinates":[[[10,49],[11,49],[11,51],[10,51],[10,49]]]}`)},
	}))
	require.NoError(t, store.UpsertCategories(ctx, []postgres.Category{
		{Leaf: produce, Unit: city.Kilogram}, {Leaf: "food.prepared-chilled", Unit: city.Kilogram}, {Leaf: "goods.furniture", Unit: city.Piece},
	}))
	require.NoError(t, store.UpsertRules(ctx, town, []city.Rule{
		{ID: "town.rule@1", Low: 1, Central: 2, High: 3, Unit: "kg", Source: "a test", Evidence: "assumption"},
	}))
	require.NoError(t, store.InsertParticipant(ctx, participant("giver", city.Business)))
	require.NoError(t, store.InsertParticipant(ctx, participant("receiver", city.Organisation)))
	return store
}

func participant(id string, kind city.Kind) city.Participant {
	return city.Participant{
		ID: city.ParticipantID(id), City: town, Kind: kind, Name: "The " + id, Point: &city.Point{Lon: 9.5, Lat: 50},
		LocationQuality: city.Exact, Ward: "1", State: city.ParticipantActive, Origin: city.Observed, Source: "test", SourceKey: id,
	}
}

func resource(id string, quantity int64) postgres.Listing {
	return postgres.Listing{Listing: city.Listing{
		ID: city.ListingID(id), City: town, Side: city.ResourceSide, Holder: "giver", Leaf: produce, Title: "Apples",
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared}, Point: &city.Point{Lon: 9.5, Lat: 50},
		LocationQuality: city.Exact, Ward: "1", Temperature: city.Chilled, State: city.ListingOpen, Origin: city.Observed,
		Source: "test", SourceKey: id,
		Windows:    []city.Window{{Start: day(1, 8), End: day(1, 12)}, {Start: day(2, 8), End: day(2, 12)}},
		Attributes: map[string]any{"refrigerated": true, "lift_kg": 500.0},
		Resource: &city.ResourceTerms{
			RadiusMetres: 5000, Divisible: true, MinimumLot: 1, Condition: 1, CostPerUnit: 0, UsableChance: 1,
			ReceiverKinds: []city.Kind{city.Organisation},
		},
	}}
}

func need(id string, quantity int64) postgres.Listing {
	return postgres.Listing{Listing: city.Listing{
		ID: city.ListingID(id), City: town, Side: city.NeedSide, Holder: "receiver", Leaf: "food.prepared-chilled", Title: "Lunch",
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Inferred, Rule: "town.rule@1"},
		Point:    &city.Point{Lon: 10.5, Lat: 50}, LocationQuality: city.Block, Ward: "2", Temperature: city.Ambient,
		State: city.ListingOpen, Origin: city.Modelled, Source: "test", SourceKey: id,
		Need: &city.NeedTerms{
			Substitutes: []city.Leaf{produce}, MaxDistanceMetres: 8000, Urgency: city.High, BudgetPerUnit: 100, StorageCapacity: 400,
			Constraints: []city.Constraint{{Attribute: "refrigerated", Operator: "=", Value: true}},
		},
	}}
}

func day(n, hour int) time.Time { return time.Date(2026, 11, n, hour, 0, 0, 0, time.UTC) }

// stock records listings and a run.
func stock(t testing.TB, store *postgres.Store, listings ...postgres.Listing) {
	t.Helper()
	for _, l := range listings {
		require.NoError(t, store.InsertListing(t.Context(), l))
	}
	startRun(t, store, run)
}

func startRun(t testing.TB, store *postgres.Store, id city.RunID) {
	t.Helper()
	require.NoError(t, store.CreateRun(t.Context(), postgres.Run{City: town, ID: id}))
}

// proposal offers quantity of a resource to a need, as the n-th of its run and leaf.
func proposal(n int, resource, need city.ListingID, quantity int64) postgres.Proposal {
	return postgres.Proposal{
		Leaf: produce, N: n, Resource: resource, Need: need, Quantity: quantity, ScoreMinor: 120, ChargeMinor: 300,
		ExpectedMinor: 120*quantity - 300, DistanceM: 1200,
	}
}

// aMatch records one match of quantity out of 100 on both sides, and asks for one approver of the city.
func aMatch(t testing.TB, store *postgres.Store, quantity int64) city.MatchID {
	t.Helper()
	stock(t, store, resource("r", 100), need("n", 100))
	recorded, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "r", "n", quantity)})
	require.NoError(t, err)
	require.Len(t, recorded.Matches, 1)
	approved, err := store.ApproveByPolicy(t.Context(), town, recorded.Matches[0], "policy@1", city.Requirement{Rule: "one", CityApprovers: 1})
	require.NoError(t, err)
	require.False(t, approved)
	return recorded.Matches[0]
}

// decide records a decision and takes it as applied, leading to a state.
func decide(t testing.TB, store *postgres.Store, match city.MatchID, kind city.DecisionKind, to city.MatchState, measured *int64) postgres.Decision {
	t.Helper()
	d := decision(match, kind)
	d.MeasuredQuantity = measured
	require.NoError(t, store.RecordDecision(t.Context(), d))
	taken, err := store.TakeDecision(t.Context(), town, d.ID, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: to})
	require.NoError(t, err)
	return taken
}

func decision(match city.MatchID, kind city.DecisionKind) postgres.Decision {
	party := map[city.DecisionKind]city.Party{city.DecisionHandOver: city.Giver, city.DecisionConfirmReceipt: city.Receiver}[kind]
	if party == "" {
		party = city.CityHall
	}
	return postgres.Decision{
		City: town, ID: city.DecisionID(fmt.Sprintf("%s.%d.%s", match.Run, match.N, kind)), Kind: kind, Party: party, Actor: "ann",
		Role: city.Approver, Match: &match, Origin: city.Observed,
	}
}

// requireSound fails when any invariant is broken.
func requireSound(t testing.TB, store *postgres.Store) {
	t.Helper()
	findings, err := store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

func requireQuantities(t testing.TB, store *postgres.Store, id city.ListingID, held, committed int64, state city.ListingState) {
	t.Helper()
	l, err := store.Listing(t.Context(), town, id)
	require.NoError(t, err)
	require.Equal(t, []any{held, committed, state}, []any{l.Held, l.Committed, l.State}, "held, committed, state of %s", id)
}

func exec(t testing.TB, store *postgres.Store, sql string, args ...any) {
	t.Helper()
	_, err := store.Pool().Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

func ptr[T any](value T) *T { return &value }
