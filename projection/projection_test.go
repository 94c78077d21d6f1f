package projection_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
)

const town = city.ID("town")

func TestRowsBecomeTheGraph(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Zero(t, w.project())
	w.participant("giver", city.ParticipantActive)
	w.participant("receiver", city.ParticipantActive)
	w.participant("applicant", city.ParticipantApplied)
	require.Equal(t, 3, w.project())
	w.requireEqual(3, 3) // each has an operator
	w.confirmed("giver", "receiver")
	require.NoError(t, w.Store.Vouch(t.Context(), town, "receiver", "applicant", "ann"))
	require.Positive(t, w.project())
	w.requireEqual(3, 5) // delivered, vouched; both listings are closed

	path, err := w.Graph.TrustPath(t.Context(), town, "applicant", "giver")
	require.NoError(t, err)
	require.Equal(t, graph.Permille(375), path.Trust)
	require.Len(t, path.Steps, 2)
	require.True(t, path.Steps[0].Vouch)
	require.Equal(t, int64(1), path.Steps[1].Count)

	_, err = w.Store.TransitionParticipant(t.Context(), town, "applicant", city.ParticipantRejected, "no such place")
	require.NoError(t, err)
	require.NoError(t, w.Store.TakeBackVouch(t.Context(), town, "receiver", "applicant"))
	require.ErrorIs(t, w.Store.TakeBackVouch(t.Context(), town, "receiver", "applicant"), postgres.ErrNotFound)
	w.project()
	w.requireEqual(2, 3)
}

// What was read before, and events that nobody can read, change nothing; the next ones come through.
func TestDoubleLateAndStrangeEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.participant("giver", city.ParticipantActive)
	w.project()
	_, err := w.Store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload)
		SELECT city, topic, payload FROM outbox
		UNION ALL VALUES ('town', 'participant', '{"id": "nobody", "state": "active"}'::jsonb), ('nowhere', 'participant', '{"id": "x"}'),
			('town', 'match', '{"id": "no:such.match:1"}'), ('town', 'listing', '{}'), ('town', 'something new', '[1]')`)
	require.NoError(t, err)
	require.Equal(t, 6, w.project())
	w.requireEqual(1, 1)
	w.participant("receiver", city.ParticipantActive)
	require.Equal(t, 1, w.project())
	w.requireEqual(2, 2)
}

func TestAWipedGraphIsBuiltAnewFromTheRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.participant("giver", city.ParticipantActive)
	w.participant("receiver", city.ParticipantActive)
	w.confirmed("giver", "receiver")
	w.project()
	later := time.Now().Add(time.Hour)
	dropped, err := w.Store.DropEvents(t.Context(), later, later, 1000)
	require.NoError(t, err)
	require.Positive(t, dropped, "there is nothing to project it from again")
	require.NoError(t, w.Graph.Wipe(t.Context()))

	w.participant("late", city.ParticipantActive)
	_, err = w.Project(t.Context())
	require.ErrorIs(t, err, graph.ErrIncomplete)
	require.NoError(t, w.Begin(t.Context(), noBeat))
	w.requireEqual(3, 4)
	require.Zero(t, w.project(), "what is built holds every event")
}

// Somebody wipes the graph while it is built: it is not taken for whole, and the next attempt builds all of it.
func TestAGraphThatIsWipedWhileItIsBuilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.participant("giver", city.ParticipantActive)
	wipe := func() { require.NoError(t, w.Graph.Wipe(t.Context())) } // behind the first page
	require.ErrorIs(t, w.Begin(t.Context(), wipe), graph.ErrIncomplete)
	w.requireMissing("giver")
	w.participant("late", city.ParticipantActive)
	w.project()
	w.requireEqual(2, 2)
	for _, leaf := range city.DefaultTaxonomy().Leaves() {
		if len(leaf.Substitutes) > 0 {
			found, err := w.Graph.Substitutes(t.Context(), town, leaf.Leaf)
			require.NoError(t, err)
			require.NotEmpty(t, found)
		}
	}
}

// A graph that is switched off holds back no event for ever: they go when they are old enough, read or not, and it is built
// from the rows when it is back.
func TestEventsThatTheGraphNeverReadAreNotKeptForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.participant("giver", city.ParticipantActive)
	w.project()
	w.participant("missed", city.ParticipantActive)
	_, err := w.Store.NumberEvents(t.Context(), 100)
	require.NoError(t, err)
	now := time.Now()
	drop := func(unread time.Time) int {
		dropped, err := w.Store.DropEvents(t.Context(), now.Add(time.Hour), unread, 1000)
		require.NoError(t, err)
		return dropped
	}
	require.Equal(t, 1, drop(now.Add(-time.Hour)), "what it has not read is kept for a while")
	w.requireMissing("missed")
	require.Equal(t, 1, drop(now.Add(time.Hour)))

	w.participant("late", city.ParticipantActive)
	_, err = w.Project(t.Context())
	require.ErrorIs(t, err, graph.ErrIncomplete)
	require.Zero(t, w.project(), "what is built holds every event")
	w.requireEqual(3, 3)
}

// A listing that an import changes and leaves open is announced: the graph holds what is left of it and how it is kept.
func TestAChangedListingComesToTheGraph(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.participant("giver", city.ParticipantActive)
	l := city.Listing{
		ID: "r", City: town, Side: city.ResourceSide, Holder: "giver", Leaf: "food.produce", Title: "x",
		Quantity: city.Quantity{Amount: 100, Unit: city.Kilogram, Quality: city.Declared}, LocationQuality: city.Default,
		Temperature: city.Ambient, State: city.ListingOpen, Origin: city.Generated, Source: "test", SourceKey: "r",
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 1},
	}
	require.NoError(t, w.Store.InsertListing(t.Context(), postgres.Listing{Listing: l}))
	w.project()
	w.requireEqual(1, 2)
	for _, change := range []string{"quantity = 40", "temperature = 'chilled'"} {
		_, err := w.Store.Pool().Exec(t.Context(), "UPDATE listing SET "+change)
		require.NoError(t, err)
		w.requireMissing("giver")
		require.Equal(t, 1, w.project(), change)
		w.requireEqual(1, 2)
	}
}

func TestReconcileFindsAndMendsWhatSomebodyElseDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.participant(fmt.Sprint("p", i), city.ParticipantActive)
	}
	w.project()
	// One was changed, one is missing, one is too many.
	require.NoError(t, w.Graph.Repair(t.Context(), []graph.Subject{
		{City: town, ID: "p1", Kind: city.Person, Name: "Somebody else", State: city.ParticipantActive},
		{City: town, ID: "p2", Gone: true},
		{City: town, ID: "ghost", Kind: city.Person, Name: "Ghost", State: city.ParticipantActive, Vouches: []city.ParticipantID{"p3"}},
	}))
	_, differ, err := w.Compare(t.Context(), town, noBeat)
	require.NoError(t, err)
	require.Equal(t, []city.ParticipantID{"ghost", "p1", "p2"}, differ)
	w.participant("late", city.ParticipantActive) // is not damage
	found, err := w.Reconcile(t.Context(), false, noBeat)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, int64(3), found[0].Differing)
	w.requireEqual(6, 6)
	for _, rebuild := range []bool{false, true} {
		again, err := w.Reconcile(t.Context(), rebuild, noBeat)
		require.NoError(t, err)
		found[0].Differing = 0
		require.Equal(t, found, again)
		w.requireEqual(6, 6)
	}
}

// Many at once, some of them interrupted, still leave the graph equal to the rows.
func TestManyProjectorsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.Begin(t.Context(), noBeat))
	const writers, each = 3, 20
	done := make(chan error, 2*writers)
	for i := range writers {
		go func() {
			for j := range each {
				w.participant(fmt.Sprintf("p-%d-%d", i, j), city.ParticipantActive)
			}
			done <- nil
		}()
		go func() {
			var last error
			for j := range each {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Duration(20*j)*time.Millisecond)
				_, last = w.Project(ctx)
				cancel()
			}
			_ = last // interrupted or not
			done <- nil
		}()
	}
	for range 2 * writers {
		require.NoError(t, <-done)
	}
	w.project()
	w.requireEqual(writers*each, writers*each)
}
