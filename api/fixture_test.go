package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

const (
	produce   = city.Leaf("food.produce")
	furniture = city.Leaf("goods.furniture")
)

// furnish writes a city of two wards with a giver, a receiver and a stranger who is a side of nothing.
func (b *bed) furnish() {
	t, ctx := b.t, b.t.Context()
	t.Helper()
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(t, err)
	policy, err := json.Marshal(city.ApprovalPolicy{
		ID: "test@1", Currency: "USD", Rules: []city.ApprovalRule{{Name: "all", CityApprover: 1}},
		ExpireAfter: time.Hour, PickUpWithin: time.Hour,
	})
	require.NoError(t, err)
	require.NoError(t, b.store.UpsertCity(ctx, postgres.City{
		ID: b.city, Name: "Town", TimeZone: "America/New_York", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50},
		Clock: clock, PolicyID: "test@1", Policy: policy,
	}))
	require.NoError(t, b.store.UpsertWards(ctx, b.city, []postgres.Ward{
		{ID: "1", Name: "West", Boundary: []byte(`{"type":"Polygon","coordinates":[[[9,49],[10,49],[10,51],[9,51],[9,49]]]}`)},
		{ID: "2", Name: "East", Boundary: []byte(`{"type":"Polygon","coordinates":[[[10,49],[11,49],[11,51],[10,51],[10,49]]]}`)},
	}))
	var categories []postgres.Category
	for _, category := range city.DefaultTaxonomy().Leaves() {
		categories = append(categories, postgres.Category{Leaf: category.Leaf, Unit: category.Unit})
	}
	require.NoError(t, b.store.UpsertCategories(ctx, categories))
	for _, id := range []city.ParticipantID{"giver", "receiver", "stranger"} {
		b.participant(id, city.Organisation, city.Observed)
	}
}

func (b *bed) participant(id city.ParticipantID, kind city.Kind, origin city.Origin) {
	b.t.Helper()
	require.NoError(b.t, b.store.InsertParticipant(b.t.Context(), city.Participant{
		ID: id, City: b.city, Kind: kind, Name: "The " + string(id), Point: &city.Point{Lon: 9.51234, Lat: 50.12345},
		LocationQuality: city.Exact, Ward: "1", State: city.ParticipantActive, Origin: origin, Source: "test", SourceKey: string(id),
	}))
}

func (b *bed) resource(id city.ListingID, holder city.ParticipantID, quantity int64, state city.ListingState) {
	b.t.Helper()
	require.NoError(b.t, b.store.InsertListing(b.t.Context(), postgres.Listing{Listing: city.Listing{
		ID: id, City: b.city, Side: city.ResourceSide, Holder: holder, Leaf: produce, Title: "Apples",
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared},
		Point:    &city.Point{Lon: 9.51234, Lat: 50.12345}, LocationQuality: city.Exact, Ward: "1", Temperature: city.Chilled,
		State: state, Origin: city.Observed, Source: "test", SourceKey: string(id),
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 0.5, ReceiverKinds: []city.Kind{}},
	}}))
}

func (b *bed) need(id city.ListingID, quantity int64) {
	b.t.Helper()
	require.NoError(b.t, b.store.InsertListing(b.t.Context(), postgres.Listing{Listing: city.Listing{
		ID: id, City: b.city, Side: city.NeedSide, Holder: "receiver", Leaf: produce, Title: "Fruit",
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared},
		Point:    &city.Point{Lon: 10.5, Lat: 50}, LocationQuality: city.Exact, Ward: "2", Temperature: city.Chilled,
		State: city.ListingOpen, Origin: city.Observed, Source: "test", SourceKey: string(id),
		Need: &city.NeedTerms{MaxDistanceMetres: 8000, Urgency: city.Normal, Substitutes: []city.Leaf{}, Constraints: []city.Constraint{}},
	}}))
}

// match records a proposal of 40 kg between giver and receiver that asks for what the requirement says, and opens its
// workflow, which nobody works on: the API only has to reach it.
func (b *bed) match(requirement city.Requirement) city.MatchID {
	b.t.Helper()
	id := b.recordMatch("r", "giver", requirement)
	b.openWorkflow(id)
	return id
}

func (b *bed) recordMatch(name string, giver city.ParticipantID, requirement city.Requirement) city.MatchID {
	t, ctx := b.t, b.t.Context()
	t.Helper()
	b.resource(city.ListingID(name), giver, 100, city.ListingOpen)
	b.need(city.ListingID(name+"-need"), 100)
	run := city.RunID("run-" + name)
	require.NoError(t, b.store.CreateRun(ctx, postgres.Run{City: b.city, ID: run}))
	recorded, err := b.store.RecordProposals(ctx, b.city, run, []postgres.Proposal{{
		Leaf: produce, N: 1, Resource: city.ListingID(name), Need: city.ListingID(name + "-need"), Quantity: 40,
		ScoreMinor: 120, ChargeMinor: 300, ExpectedMinor: 4500, DistanceM: 1200,
	}})
	require.NoError(t, err)
	require.Len(t, recorded.Matches, 1)
	_, err = b.store.ApproveByPolicy(ctx, b.city, recorded.Matches[0], "test@1", requirement)
	require.NoError(t, err)
	return recorded.Matches[0]
}

func (b *bed) openWorkflow(id city.MatchID) {
	b.t.Helper()
	b.registerAttributes()
	ref := activities.MatchRef{City: b.city, Match: id}
	starter := workflows.Starter{Client: b.temporal, QueuePrefix: string(b.city)}
	_, err := starter.Match(b.t.Context(), activities.Proposal{MatchRef: ref, Ward: "2", Quantity: 40, Unit: city.Kilogram, Currency: "USD"})
	require.NoError(b.t, err)
	b.endLater(workflows.MatchID(ref))
}

// take does what the workflow would: it gives a pending decision its outcome and moves the match.
func (b *bed) take(decision string, to city.MatchState) {
	b.t.Helper()
	_, err := b.store.TakeDecision(b.t.Context(), b.city, city.DecisionID(decision),
		postgres.Verdict{Outcome: city.DecisionApplied, MatchState: to})
	require.NoError(b.t, err)
}

// signals counts the signals of a name in the match's history.
func (b *bed) signals(id city.MatchID, name string) int {
	b.t.Helper()
	count := 0
	history := b.temporal.GetWorkflowHistory(b.t.Context(), workflows.MatchID(activities.MatchRef{City: b.city, Match: id}), "", false, 1)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(b.t, err)
		if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
			count++
		}
	}
	return count
}

// oneApprover is the requirement of one signature of the city.
func oneApprover() city.Requirement {
	return city.Requirement{Rule: "one", Sides: []city.Party{}, CityApprovers: 1}
}

func replaceHost(t testing.TB, address, host string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parsed.Host = host
	return parsed.String()
}

// syncBuffer collects log lines from several goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
