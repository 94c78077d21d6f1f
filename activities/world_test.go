package activities_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

const (
	town = city.ID("testville")
	leaf = city.Leaf("food.grocery-mixed")
)

// world is a small city in a database of its own.
type world struct {
	t       *testing.T
	store   *postgres.Store
	now     time.Time // wall time of the activities
	policy  city.ApprovalPolicy
	cities  *activities.Cities
	inWard  string       // of new listings
	urgency city.Urgency // of new needs; 0 = normal
	tract   any          // median income of the tract around new needs, as their attribute
	asked   int64        // for each unit of new resources, in minor units
	woken   int          // how often the delivery of notices was woken
	asleep  error
}

func (w *world) teller() *activities.Teller { return &activities.Teller{Store: w.store, Courier: w} }

// DeliverNotices counts the wake-ups of the delivery.
func (w *world) DeliverNotices(context.Context, activities.CityRef) error {
	w.woken++
	return w.asleep
}

// policy is a city's approval policy: below 100 automatic, below 250 both sides and one approver, above that two.
func policy() city.ApprovalPolicy {
	return city.ApprovalPolicy{
		ID: "testville@1", Currency: "USD",
		Rules: []city.ApprovalRule{
			{Name: "small", Below: "100"},
			{Name: "middle", Below: "250", AskSides: []city.Party{city.Giver, city.Receiver}, CityApprover: 1},
			{Name: "large", CityApprover: 2},
		},
		RemindAfter: 24 * time.Hour, EscalateAfter: 48 * time.Hour, ExpireAfter: 72 * time.Hour, PickUpWithin: 96 * time.Hour,
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: pgtest.Open(t), now: time.Now().UTC().Truncate(time.Microsecond), policy: policy()}
	clock, err := city.NewClock(time.Time{}, w.now, 3600)
	require.NoError(t, err)
	rules, err := json.Marshal(w.policy)
	require.NoError(t, err)
	require.NoError(t, w.store.UpsertCity(t.Context(), postgres.City{
		ID: town, Name: "Testville", TimeZone: "UTC", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
		PolicyID: w.policy.ID, Policy: rules,
	}))
	require.NoError(t, w.store.UpsertCategories(t.Context(), []postgres.Category{{Leaf: leaf, Unit: city.Kilogram}}))
	w.cities = activities.NewCities(w.store, func() time.Time { return w.now })
	return w
}

// holder records an active participant at the given distance east of the centre.
func (w *world) holder(id city.ParticipantID, metres float64) {
	w.t.Helper()
	require.NoError(w.t, w.store.InsertParticipant(w.t.Context(), city.Participant{
		ID: id, City: town, Kind: city.Organisation, Name: "Holder " + string(id), Point: east(metres), LocationQuality: city.Exact,
		State: city.ParticipantActive, Origin: city.Generated, Source: "test", SourceKey: string(id),
	}))
}

func east(metres float64) *city.Point { return &city.Point{Lon: 10 + metres/71_500, Lat: 50} }

// listing records an open listing of a new holder and returns its id.
func (w *world) listing(side city.Side, name string, quantity int64, metres float64) city.ListingID {
	w.t.Helper()
	holder := city.ParticipantID(name)
	w.holder(holder, metres)
	l := city.Listing{
		ID: city.ListingID(name + ".food"), City: town, Side: side, Holder: holder, Leaf: leaf, Title: name,
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared},
		Point:    east(metres), LocationQuality: city.Exact, Temperature: city.Ambient, State: city.ListingOpen,
		Windows: []city.Window{{Start: w.now.Add(-time.Hour), End: w.now.Add(1000 * time.Hour)}},
		Origin:  city.Generated, Source: "test", SourceKey: name, Ward: w.inWard,
	}
	if side == city.NeedSide && w.tract != nil {
		l.Attributes = map[string]any{city.AreaIncomeAttribute: w.tract}
	}
	if side == city.ResourceSide {
		l.Resource = &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 1, CostPerUnit: w.asked}
	} else {
		l.Need = &city.NeedTerms{Urgency: cmp.Or(w.urgency, city.Normal), BudgetPerUnit: 1000}
	}
	require.NoError(w.t, w.store.InsertListing(w.t.Context(), postgres.Listing{Listing: l}))
	return l.ID
}

// need records an open need with terms of its own.
func (w *world) need(name string, quantity int64, metres float64, terms city.NeedTerms) {
	w.t.Helper()
	w.holder(city.ParticipantID(name), metres)
	terms.Urgency, terms.BudgetPerUnit = city.Normal, 1000
	require.NoError(w.t, w.store.InsertListing(w.t.Context(), postgres.Listing{Listing: city.Listing{
		ID: city.ListingID(name + ".food"), City: town, Side: city.NeedSide, Holder: city.ParticipantID(name), Leaf: leaf, Title: name,
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared},
		Point:    east(metres), LocationQuality: city.Exact, Temperature: city.Ambient, State: city.ListingOpen,
		Origin: city.Generated, Source: "test", SourceKey: name, Need: &terms,
	}}))
}

// scoring changes the city's scoring.
func (w *world) scoring(change func(*candidates.Scoring)) {
	w.t.Helper()
	row, err := w.store.City(w.t.Context(), town)
	require.NoError(w.t, err)
	scoring := candidates.NeutralScoring()
	change(&scoring)
	row.ScoringID = scoring.ID
	row.Scoring, err = json.Marshal(scoring)
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.UpsertCity(w.t.Context(), row))
}

// proposal records a run with one proposal of 100 kg that is expected to be worth the given amount.
func (w *world) proposal(expectedMinor int64) activities.MatchRef {
	w.t.Helper()
	resource, need := w.listing(city.ResourceSide, "store", 100, 0), w.listing(city.NeedSide, "pantry", 100, 1200)
	require.NoError(w.t, w.store.CreateRun(w.t.Context(), postgres.Run{City: town, ID: "r1"}))
	recorded, err := w.store.RecordProposals(w.t.Context(), town, "r1", []postgres.Proposal{{
		Leaf: leaf, N: 1, Resource: resource, Need: need, Quantity: 100, ScoreMinor: expectedMinor / 100,
		ExpectedMinor: expectedMinor, DistanceM: 1200,
	}})
	require.NoError(w.t, err)
	require.Len(w.t, recorded.Matches, 1)
	return activities.MatchRef{City: town, Match: recorded.Matches[0]}
}

// decide records a pending decision as the API does.
func (w *world) decide(ref activities.MatchRef, kind city.DecisionKind, party city.Party, actor string, measured int64) city.DecisionID {
	w.t.Helper()
	role := city.Approver
	if party != city.CityHall {
		role = city.Lister
	}
	id := city.DecisionID(fmt.Sprintf("%s-%s-%s", kind, party, actor))
	d := postgres.Decision{
		City: town, ID: id, Kind: kind, Party: party, Actor: actor, Role: role, Match: &ref.Match, Origin: city.Generated,
	}
	if measured > 0 {
		d.MeasuredQuantity = &measured
	}
	require.NoError(w.t, w.store.RecordDecision(w.t.Context(), d))
	return id
}

// held is what a listing's matches hold and have committed.
func (w *world) held(id city.ListingID) (held, committed int64) {
	w.t.Helper()
	l, err := w.store.Listing(w.t.Context(), town, id)
	require.NoError(w.t, err)
	return l.Held, l.Committed
}

func (w *world) outcome(id city.DecisionID) (city.DecisionOutcome, string) {
	w.t.Helper()
	d, err := w.store.Decision(w.t.Context(), town, id)
	require.NoError(w.t, err)
	return d.Outcome, d.OutcomeReason
}
