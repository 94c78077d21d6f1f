package postgres_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// rows of a small data set: two listings of one holder, one fact of each kind, one rejected.
func smallDataset() []postgres.ImportRow {
	holder := participant("stores.1", city.Business)
	holder.Source, holder.SourceKey, holder.Ward, holder.Operator = "stores", "1", "", "Chain"
	offer := resource("stores.1.food.produce", 40)
	offer.Holder, offer.Ward = holder.ID, ""
	second := resource("stores.1.food.prepared", 15)
	second.Holder, second.Leaf = holder.ID, "food.prepared-chilled"
	return []postgres.ImportRow{
		{
			Line: 2, Key: "1", Digest: []byte("a"), Outcome: postgres.RowListing, Participants: []city.Participant{holder},
			Listings: []postgres.ImportListing{{Listing: offer.Listing}, {Listing: second.Listing}},
		},
		{Line: 3, Key: "2", Digest: []byte("b"), Outcome: postgres.RowPlaceFact, Point: &city.Point{Lon: 10.5, Lat: 50}, Payload: []byte(`{"name":"Hall"}`)},
		{Line: 4, Key: "3", Digest: []byte("c"), Outcome: postgres.RowHistory, Point: &city.Point{Lon: 20, Lat: 50}},
		{Line: 5, Key: "4", Digest: []byte("d"), Outcome: postgres.RowPriceEvidence, Payload: []byte(`{"usd":"12.50"}`)},
		{Line: 6, Key: "5", Digest: []byte("e"), Outcome: postgres.RowRejected, Reason: "quantity -4: want more than 0"},
	}
}

func load(t testing.TB, store *postgres.Store, imp string, number int, rows []postgres.ImportRow) postgres.ImportCounts {
	t.Helper()
	require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: imp, Profile: "stores@1", Datasets: []string{"stores"}}))
	counts, err := store.LoadBatch(t.Context(), postgres.Batch{
		City: town, Import: imp, Dataset: "stores", File: "stores.csv", Number: number, Rows: rows,
	})
	require.NoError(t, err)
	return counts
}

func TestEveryRowOfAnImportIsAccountedFor(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	want := postgres.ImportCounts{Read: 5, Listing: 1, PlaceFact: 1, History: 1, PriceEvidence: 1, Rejected: 1}
	require.Equal(t, want, load(t, store, "one", 0, smallDataset()))
	require.Equal(t, want, load(t, store, "one", 0, smallDataset()), "the same batch again answers the same")

	done, err := store.FinishImport(t.Context(), town, "one", postgres.ImportCompleted, "")
	require.NoError(t, err)
	require.Equal(t, want, done.Counts)
	require.Equal(t, int64(4), done.Counts.Accepted())
	rejected, next, err := store.RejectedRows(t.Context(), town, "one", postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, []postgres.RejectedRow{{Dataset: "stores", File: "stores.csv", Line: 6, Key: "5", Reason: "quantity -4: want more than 0"}}, rejected)

	l, err := store.Listing(t.Context(), town, "stores.1.food.produce")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "stores", "1"}, []string{l.Ward, l.Source, l.SourceKey}, "ward by polygon, source from the row")
	p, err := store.Participant(t.Context(), town, "stores.1")
	require.NoError(t, err)
	require.Equal(t, "1", p.Ward)
	facts, _, err := store.Facts(t.Context(), town, "stores", postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, []postgres.Fact{
		{Key: "2", Kind: postgres.RowPlaceFact, Payload: json.RawMessage(`{"name": "Hall"}`), Point: &city.Point{Lon: 10.5, Lat: 50}, Ward: "2"},
		{Key: "3", Kind: postgres.RowHistory, Payload: json.RawMessage(`{}`), Point: &city.Point{Lon: 20, Lat: 50}},
		{Key: "4", Kind: postgres.RowPriceEvidence, Payload: json.RawMessage(`{"usd": "12.50"}`)},
	}, facts)
	requireSound(t, store)
}

func TestTheSecondImportOfTheSameFileChangesNothing(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	load(t, store, "one", 0, smallDataset())
	const state = `SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id)::text, '') FROM (
		SELECT id, to_jsonb(l) AS row FROM listing l UNION ALL SELECT id, to_jsonb(p) FROM participant p) x`
	var before, after string
	require.NoError(t, store.Pool().QueryRow(t.Context(), state).Scan(&before))
	shifted := smallDataset()
	for i := range shifted {
		shifted[i].Line += 10 // lines moved, rows did not
	}
	require.Equal(t, postgres.ImportCounts{Read: 5, Unchanged: 4, Rejected: 1}, load(t, store, "two", 0, shifted))
	require.NoError(t, store.Pool().QueryRow(t.Context(), state).Scan(&after))
	require.Equal(t, before, after)
	requireSound(t, store)
}

func TestAChangedRowChangesItsListing(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	load(t, store, "one", 0, smallDataset())
	startRun(t, store, run)
	require.NoError(t, store.InsertListing(t.Context(), need("n", 100)))
	_, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "stores.1.food.produce", "n", 30)})
	require.NoError(t, err)

	exec(t, store, "UPDATE listing SET usable_chance = 1 WHERE side = 'resource'") // as an answer of its holder does
	rows := smallDataset()
	rows[0].Digest = []byte("a2")
	rows[0].Listings[0].Resource.UsableChance, rows[0].Listings[0].Resource.ConfirmByAsker = 0.185, true
	before, err := store.Participant(t.Context(), town, "stores.1")
	require.NoError(t, err)
	require.Equal(t, "Chain", before.Operator)
	rows[0].Participants[0].Name, rows[0].Participants[0].Operator = "A better name", "Another chain"
	rows[0].Listings = rows[0].Listings[:1] // the second listing is gone
	rows[0].Listings[0].Quantity.Amount = 20
	rows[0].Listings[0].Title = "Pears"
	rows[1].Digest, rows[1].Outcome, rows[1].Reason, rows[1].Payload = []byte("b2"), postgres.RowRejected, "no name", nil
	require.Equal(t, postgres.ImportCounts{Read: 5, Listing: 1, Unchanged: 2, Rejected: 2}, load(t, store, "two", 0, rows))

	l, err := store.Listing(t.Context(), town, "stores.1.food.produce")
	require.NoError(t, err)
	require.Equal(t, "Pears", l.Title)
	require.Equal(t, int64(30), l.Quantity.Amount, "what is promised stays promised")
	require.Equal(t, city.ListingHeld, l.State)
	require.InDelta(t, 1, l.Resource.UsableChance, 0, "what was confirmed stays confirmed")
	gone, err := store.Listing(t.Context(), town, "stores.1.food.prepared")
	require.NoError(t, err)
	require.Equal(t, city.ListingWithdrawn, gone.State)
	p, err := store.Participant(t.Context(), town, "stores.1")
	require.NoError(t, err)
	require.Equal(t, "A better name", p.Name)
	require.Equal(t, "Another chain", p.Operator)
	facts, _, err := store.Facts(t.Context(), town, "stores", postgres.Page{})
	require.NoError(t, err)
	require.Len(t, facts, 2, "the rejected row is no fact any more")
	requireSound(t, store)
}

func TestOfTwoRowsWithOneKeyTheLaterIsRejected(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	fact := func(line int64, key string) postgres.ImportRow {
		return postgres.ImportRow{Line: line, Key: key, Digest: []byte(key), Outcome: postgres.RowHistory}
	}
	for _, imp := range []string{"one", "two"} { // the second import sees the same
		first := load(t, store, imp, 0, []postgres.ImportRow{fact(1, "a"), fact(2, "b"), fact(3, "a")})
		later := load(t, store, imp, 1, []postgres.ImportRow{fact(4, "b"), fact(5, "c")})
		require.Equal(t, int64(1), first.Rejected)
		require.Equal(t, int64(1), later.Rejected)
		rejected, _, err := store.RejectedRows(t.Context(), town, imp, postgres.Page{})
		require.NoError(t, err)
		require.Equal(t, []postgres.RejectedRow{
			{Dataset: "stores", File: "stores.csv", Line: 3, Key: "a#3", Reason: "same key as line 1 of stores.csv"},
			{Dataset: "stores", File: "stores.csv", Line: 4, Key: "b#4", Reason: "same key as line 2 of stores.csv"},
		}, rejected)
	}
	requireSound(t, store)
}

func TestARowAboutAnotherListingUnderTheSameIDIsRejected(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	load(t, store, "one", 0, smallDataset())
	rows := smallDataset()[:1]
	rows[0].Digest = []byte("a2")
	rows[0].Listings = rows[0].Listings[:1]
	rows[0].Listings[0].Holder = "giver"
	require.Equal(t, postgres.ImportCounts{Read: 1, Rejected: 1}, load(t, store, "two", 0, rows))
	rejected, _, err := store.RejectedRows(t.Context(), town, "two", postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, "listing stores.1.food.produce is recorded as resource of stores.1, food.produce in kg", rejected[0].Reason)
	requireSound(t, store)
}

func TestABatchIsLoadedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for name, spoil := range map[string]func(*postgres.Batch){
		"unknown leaf":     func(b *postgres.Batch) { b.Rows[0].Listings[0].Leaf = "food.unknown" },
		"negative":         func(b *postgres.Batch) { b.Rows[0].Listings[0].Quantity.Amount = -1 },
		"condition":        func(b *postgres.Batch) { b.Rows[0].Listings[0].Resource.Condition = 1.5 },
		"lines fall":       func(b *postgres.Batch) { b.Rows[1].Line = 1 },
		"no key":           func(b *postgres.Batch) { b.Rows[2].Key = "" },
		"no reason":        func(b *postgres.Batch) { b.Rows[4].Reason = "" },
		"holder not there": func(b *postgres.Batch) { b.Rows[0].Participants = nil },
	} {
		b := postgres.Batch{City: town, Import: "one", Dataset: "stores", File: "stores.csv", Rows: smallDataset()}
		require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: "one", Profile: "stores@1"}))
		spoil(&b)
		_, err := store.LoadBatch(t.Context(), b)
		require.ErrorIs(t, err, postgres.ErrInvalid, name)
	}
	var rows int
	require.NoError(t, store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM source_row) + (SELECT count(*) FROM listing)
		+ (SELECT count(*) FROM import_batch)`).Scan(&rows))
	require.Zero(t, rows)
}

func TestAFinishedImportTakesNoMoreBatches(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	load(t, store, "one", 0, smallDataset())
	for range 2 {
		_, err := store.FinishImport(t.Context(), town, "one", postgres.ImportFailed, "the file is cut")
		require.NoError(t, err)
	}
	_, err := store.LoadBatch(t.Context(), postgres.Batch{City: town, Import: "one", Dataset: "stores", File: "stores.csv", Number: 1})
	require.ErrorIs(t, err, postgres.ErrConflict)
	_, err = store.FinishImport(t.Context(), town, "one", postgres.ImportCompleted, "")
	require.ErrorIs(t, err, postgres.ErrConflict)
	_, err = store.Import(t.Context(), town, "unknown")
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func TestDataSetsLoadAtTheSameTime(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: "one", Profile: "p@1"}))
	shared := participant("shared", city.Agency)
	failures := make(chan error)
	for set := range 6 {
		go func() {
			for number := range 4 {
				b := postgres.Batch{City: town, Import: "one", Dataset: fmt.Sprintf("set-%d", set), File: "f", Number: number}
				for i := range 40 {
					key := fmt.Sprintf("%d", number*40+i)
					l := resource(fmt.Sprintf("set-%d.%s", set, key), 5)
					l.Holder = shared.ID
					b.Rows = append(b.Rows, postgres.ImportRow{
						Line: int64(i), Key: key, Digest: []byte(key), Outcome: postgres.RowListing,
						Participants: []city.Participant{shared}, Listings: []postgres.ImportListing{{Listing: l.Listing}},
					})
				}
				if _, err := store.LoadBatch(t.Context(), b); err != nil {
					failures <- err
					return
				}
			}
			failures <- nil
		}()
	}
	for range 6 {
		require.NoError(t, <-failures)
	}
	done, err := store.Import(t.Context(), town, "one")
	require.NoError(t, err)
	require.Equal(t, postgres.ImportCounts{Read: 960, Listing: 960}, done.Counts)
	requireSound(t, store)
}

// Whoever says that a data set is new, where it is not, is not believed.
func TestABatchOfADataSetThatIsNotNew(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	rows := smallDataset()
	load(t, store, "one", 0, rows)
	require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: "two", Profile: "stores@1", Datasets: []string{"stores"}}))
	batch := postgres.Batch{City: town, Import: "two", Dataset: "stores", File: "stores.csv", Rows: rows, New: true}
	counts, err := store.LoadBatch(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, postgres.ImportCounts{Read: 5, Unchanged: 4, Rejected: 1}, counts)

	// Nor does a key that repeats an earlier batch's get in twice.
	some, err := store.HasRows(t.Context(), town, "halls")
	require.NoError(t, err)
	require.False(t, some)
	batch.Dataset, batch.File = "halls", "halls.csv"
	for number, want := range []postgres.ImportCounts{{Read: 1, History: 1}, {Read: 1, Rejected: 1}} {
		batch.Number = number
		batch.Rows = []postgres.ImportRow{{Line: int64(number + 2), Key: "1", Digest: []byte{byte(number)}, Outcome: postgres.RowHistory}}
		counts, err := store.LoadBatch(t.Context(), batch)
		require.NoError(t, err)
		require.Equal(t, want, counts)
	}
	some, err = store.HasRows(t.Context(), town, "halls")
	require.NoError(t, err)
	require.True(t, some)
}
