package watch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/watch"
)

// Without a graph nobody waits for its reader, whatever cursor it left behind.
func TestHowLongEventsWait(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	_, err := w.Store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload, created_at)
		VALUES ('town', 'participant', '{"id":"x"}', now() - interval '3 minutes')`)
	require.NoError(t, err)
	require.NoError(t, w.Store.MoveCursor(t.Context(), projection.Consumer, 0, 0))
	w.look()
	w.reaches("outbox_lag_seconds", labels{"consumer": "relay"}, func(lag float64) bool { return lag > 170 && lag < 240 })
	w.number()
	w.shows(0, "outbox_lag_seconds", labels{"consumer": "relay"})
	_, there := w.value("outbox_lag_seconds", labels{"consumer": projection.Consumer})
	require.False(t, there)
}

// number gives every event its position, as the relay would.
func (w *watched) number() {
	w.t.Helper()
	for {
		numbered, err := w.Store.NumberEvents(w.t.Context(), 1000)
		require.NoError(w.t, err)
		if numbered == 0 {
			return
		}
	}
}

func TestMatchesThatStandStill(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	match := w.match()
	w.look()
	w.shows(0, "matches_overdue", labels{"city": "town"})
	age := func(by time.Duration) {
		pgtest.Forge(t, w.Store, "UPDATE match SET created_at = created_at - $2::interval WHERE city = $1", town, by.String())
	}
	age(time.Hour + watch.Grace/2)
	w.another("matches")
	w.shows(0, "matches_overdue", labels{"city": "town"}) // a worker that restarts needs some of the grace
	age(watch.Grace)
	w.shows(1, "matches_overdue", labels{"city": "town"})
	require.NoError(t, w.Store.CloseMatch(t.Context(), town, match, city.MatchExpired, "a test"))
	w.shows(0, "matches_overdue", labels{"city": "town"})
}

// match records a proposal between two participants of the town.
func (w *watched) match() city.MatchID {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	require.NoError(t, w.Store.UpsertCategories(ctx, []postgres.Category{{Leaf: produce, Unit: city.Kilogram}}))
	w.participant("giver")
	w.participant("receiver")
	listing := func(id city.ListingID, side city.Side, holder city.ParticipantID) postgres.Listing {
		return postgres.Listing{Listing: city.Listing{
			ID: id, City: town, Side: side, Holder: holder, Leaf: produce, Title: "Apples",
			Quantity: city.Quantity{Amount: 100, Unit: city.Kilogram, Quality: city.Declared}, LocationQuality: city.Area,
			Temperature: city.Chilled, State: city.ListingOpen, Origin: city.Observed, Source: "test", SourceKey: string(id),
		}}
	}
	resource, need := listing("r", city.ResourceSide, "giver"), listing("n", city.NeedSide, "receiver")
	resource.Resource = &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 1, ReceiverKinds: []city.Kind{}}
	need.Need = &city.NeedTerms{MaxDistanceMetres: 8000, Urgency: city.Normal, Substitutes: []city.Leaf{}, Constraints: []city.Constraint{}}
	require.NoError(t, w.Store.InsertListing(ctx, resource))
	require.NoError(t, w.Store.InsertListing(ctx, need))
	require.NoError(t, w.Store.CreateRun(ctx, postgres.Run{City: town, ID: "r1"}))
	recorded, err := w.Store.RecordProposals(ctx, town, "r1", []postgres.Proposal{
		{Leaf: produce, N: 1, Resource: "r", Need: "n", Quantity: 40, ScoreMinor: 120, ExpectedMinor: 4800},
	})
	require.NoError(t, err)
	require.Len(t, recorded.Matches, 1)
	return recorded.Matches[0]
}

func (w *watched) participant(id city.ParticipantID) {
	w.t.Helper()
	require.NoError(w.t, w.Store.InsertParticipant(w.t.Context(), city.Participant{
		ID: id, City: town, Kind: city.Organisation, Name: "The " + string(id), LocationQuality: city.Area,
		State: city.ParticipantActive, Origin: city.Observed, Source: "test", SourceKey: string(id),
	}))
}

// The last import of each profile counts, whatever its version; one under way says nothing yet.
func TestWhatTheLastImportLeftOut(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	begin := func(imp, profile string, rows ...postgres.ImportRow) {
		require.NoError(t, w.Store.StartImport(t.Context(), postgres.Import{City: town, ID: imp, Profile: profile, Datasets: []string{"stores"}}))
		_, err := w.Store.LoadBatch(t.Context(), postgres.Batch{City: town, Import: imp, Dataset: "stores", File: "stores.csv", Rows: rows})
		require.NoError(t, err)
	}
	finish := func(imp string, to postgres.ImportState, problem string) {
		_, err := w.Store.FinishImport(t.Context(), town, imp, to, problem)
		require.NoError(t, err)
	}
	rejected := postgres.ImportRow{Line: 2, Key: "1", Digest: []byte("a"), Outcome: postgres.RowRejected, Reason: "no quantity"}
	kept := postgres.ImportRow{Line: 3, Key: "2", Digest: []byte("b"), Outcome: postgres.RowHistory}
	of := labels{"city": "town", "profile": "stores"}
	w.look()
	begin("one", "stores@1", rejected, kept)
	w.another("imports")
	_, there := w.value("import_rows_read", of)
	require.False(t, there)

	finish("one", postgres.ImportCompleted, "")
	w.shows(2, "import_rows_read", of)
	w.shows(1, "import_rows_rejected", of)
	w.shows(0, "import_failed", of)
	begin("two", "stores@2")
	finish("two", postgres.ImportFailed, "no such file")
	w.shows(1, "import_failed", of)
	w.shows(0, "import_rows_read", of)
	begin("three", "stores@2", kept)
	finish("three", postgres.ImportCompleted, "")
	w.shows(0, "import_failed", of)
	w.shows(1, "import_rows_read", of)
}

// The last run that came to an end of its own counts.
func TestHowTheLastRunEnded(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	of := labels{"city": "town"}
	run := func(id city.RunID, to postgres.RunState, u postgres.RunUpdate) {
		require.NoError(t, w.Store.CreateRun(t.Context(), postgres.Run{City: town, ID: id}))
		require.NoError(t, w.Store.UpdateRun(t.Context(), town, id, u))
		require.NoError(t, w.Store.FinishRun(t.Context(), town, id, to, ""))
	}
	w.look()
	bound, achieved := int64(1000), int64(750)
	ref, err := w.Objects.Put(t.Context(), "town/runs/one/certificate.json", []byte(`{"value":750}`))
	require.NoError(t, err)
	certificate, err := json.Marshal(ref)
	require.NoError(t, err)
	run("one", postgres.RunCompleted, postgres.RunUpdate{BoundMinor: &bound, AchievedMinor: &achieved, Certificate: certificate})
	w.shows(0.25, "run_gap_ratio", of)
	w.shows(0, "run_failed", of)
	w.shows(0, "run_files_damaged", of)
	w.shows(1, "run_unvalued", of) // until somebody states its value
	_, err = w.Store.AppendValuations(t.Context(), []postgres.Valuation{{
		City: town, ID: "v1", Scope: "run", ScopeID: "one", Moment: postgres.ExAnte, Method: "m@1",
		ParametersSHA256: strings.Repeat("0", 64), Currency: "USD", PriceYear: 2023, Author: "crg",
	}})
	require.NoError(t, err)
	w.shows(0, "run_unvalued", of)

	// Files that were whole are read again: a disk forgets later, too.
	path := filepath.Join(w.Folder, filepath.FromSlash(ref.Key))
	require.NoError(t, os.WriteFile(path, []byte(`{"value":999}`), 0o600))
	w.shows(1, "run_files_damaged", of)
	require.NoError(t, os.WriteFile(path, []byte(`{"value":750}`), 0o600))
	w.shows(0, "run_files_damaged", of)

	run("two", postgres.RunFailed, postgres.RunUpdate{})
	w.shows(1, "run_failed", of)
	w.shows(0, "run_unvalued", of) // it proposed nothing that could be worth anything
	run("three", postgres.RunCancelled, postgres.RunUpdate{})
	require.NoError(t, w.Store.CreateRun(t.Context(), postgres.Run{City: town, ID: "four"}))
	w.another("runs")
	w.shows(1, "run_failed", of) // neither what somebody cancelled nor what is under way says anything
	require.NoError(t, w.Store.FinishRun(t.Context(), town, "four", postgres.RunCompleted, ""))
	w.shows(0, "run_failed", of)
}
