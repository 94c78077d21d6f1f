package postgres_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// seedListings writes n resources and n needs of 1,000 kg each, in eight wards, by SQL.
func seedListings(t testing.TB, store *postgres.Store, n int) {
	t.Helper()
	exec(t, store, `INSERT INTO participant (city, id, kind, name, location_quality, state, origin, source, source_key, created_at, updated_at)
		SELECT 'town', side || i, 'organisation', 'Participant ' || side || i, 'exact', 'active', 'generated', 'seed', side || i,
			now(), now()
		FROM generate_series(1, $1::int) i, unnest(ARRAY['giver-', 'receiver-']) side`, n/10)
	exec(t, store, `INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, lon, lat, location_quality,
			ward, state, source, source_key, created_at, updated_at, radius_metres, divisible, minimum_lot, condition, cost_per_unit,
			usable_chance, receiver_kinds, confirm_by_asker)
		SELECT 'town', 'r' || i, 'resource', 'giver-' || 1 + i % ($1::int / 10), 'food.produce', 'kg', 1000, 'declared', 'generated', 9.5, 50, 'exact',
			(1 + i % 8)::text, 'open', 'seed', 'r' || i, now(), now(), 0, true, 1, 1, 0, 1, '{}', false
		FROM generate_series(1, $1) i`, n)
	exec(t, store, `INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, lon, lat, location_quality,
			ward, state, source, source_key, created_at, updated_at, substitutes, max_distance_metres, urgency, constraints,
			budget_per_unit, storage_capacity)
		SELECT 'town', 'n' || i, 'need', 'receiver-' || 1 + i % ($1::int / 10), 'food.produce', 'kg', 1000, 'declared', 'generated', 9.5, 50, 'exact',
			(1 + i % 8)::text, 'open', 'seed', 'n' || i, now(), now(), '{}', 8000, 2, '[]', 0, 0
		FROM generate_series(1, $1) i`, n)
	exec(t, store, "ANALYZE")
}

// seedMatches writes runs of 5,000 matches, of which every tenth is still proposed and waits for an approver.
func seedMatches(t testing.TB, store *postgres.Store, runs int) {
	t.Helper()
	seedListings(t, store, 5000)
	for i := range runs {
		id := city.RunID(fmt.Sprintf("2026-%03d", i))
		startRun(t, store, id)
		proposals := make([]postgres.Proposal, 5000)
		for j := range proposals {
			proposals[j] = proposal(j+1, city.ListingID(fmt.Sprintf("r%d", j+1)), city.ListingID(fmt.Sprintf("n%d", 5000-j)), 2)
		}
		_, err := store.RecordProposals(t.Context(), town, id, proposals)
		require.NoError(t, err)
	}
	exec(t, store, `UPDATE match SET requirement_rule = 'one', requirement_sides = '{}', requirement_approvers = 1 WHERE n % 10 = 0`)
	exec(t, store, `UPDATE match SET requirement_rule = 'all', requirement_sides = '{}', requirement_approvers = 0 WHERE n % 10 <> 0`)
	exec(t, store, `INSERT INTO decision (city, id, kind, party, actor, role, match, origin, created_at, outcome, outcome_at)
		SELECT city, 'policy.' || run || '.' || n, 'approve', 'city', 'policy:bench@1', 'policy', id, 'generated', now(), 'applied', now()
		FROM match WHERE n % 10 <> 0`)
	exec(t, store, `UPDATE match SET state = 'approved', approved_at = now() WHERE n % 10 <> 0`)
	exec(t, store, `UPDATE match SET state = 'handed_over', handed_over_at = now() WHERE n % 10 > 1`)
	exec(t, store, `UPDATE match SET state = 'confirmed', measured_quantity = quantity, ended_at = now() WHERE n % 10 > 2`)
	exec(t, store, "VACUUM ANALYZE")
}

// BenchmarkRecordProposals records a run of 5,000 proposals in one write.
func BenchmarkRecordProposals(b *testing.B) {
	store := aTown(b)
	seedListings(b, store, 5000)
	proposals := make([]postgres.Proposal, 5000)
	for j := range proposals {
		proposals[j] = proposal(j+1, city.ListingID(fmt.Sprintf("r%d", j+1)), city.ListingID(fmt.Sprintf("n%d", 5000-j)), 1)
	}
	for i := 0; b.Loop(); i++ {
		id := city.RunID(fmt.Sprintf("run-%d", i))
		startRun(b, store, id)
		recorded, err := store.RecordProposals(b.Context(), town, id, proposals)
		require.NoError(b, err)
		require.Len(b, recorded.Matches, 5000)
	}
}

// BenchmarkListMatches reads pages of 50 from the middle of 100,000 matches, by each filter that the API offers.
func BenchmarkListMatches(b *testing.B) {
	store := aTown(b)
	seedMatches(b, store, 20)
	middle := pageAfter(b, store, postgres.MatchFilter{Run: "2026-009"}, 2000)
	for _, list := range []struct {
		name   string
		filter postgres.MatchFilter
	}{
		{"all", postgres.MatchFilter{}},
		{"run", postgres.MatchFilter{Run: "2026-010"}},
		{"state", postgres.MatchFilter{State: city.MatchProposed}},
		{"rare-state", postgres.MatchFilter{State: city.MatchFailed}},
		{"run-state", postgres.MatchFilter{Run: "2026-010", State: city.MatchApproved}},
		{"ward", postgres.MatchFilter{Ward: "3"}},
		{"ward-state", postgres.MatchFilter{Ward: "3", State: city.MatchHandedOver}},
		{"leaf", postgres.MatchFilter{Leaf: produce}},
		{"leaf-state", postgres.MatchFilter{Leaf: produce, State: city.MatchProposed}},
		{"leaf-absent", postgres.MatchFilter{Leaf: "goods.furniture"}},
		{"giver", postgres.MatchFilter{Giver: "giver-7"}},
		{"giver-state", postgres.MatchFilter{Giver: "giver-7", State: city.MatchConfirmed}},
		{"participant", postgres.MatchFilter{Participant: "receiver-7"}},
	} {
		b.Run(list.name, func(b *testing.B) {
			measure(b, func() error {
				_, _, err := store.ListMatches(b.Context(), town, list.filter, postgres.Page{After: middle})
				return err
			})
		})
	}
	b.Run("work-list", func(b *testing.B) {
		measure(b, func() error {
			_, _, err := store.WorkList(b.Context(), town, "ann", "", postgres.Page{After: middle})
			return err
		})
	})
}

// measure reports the median and the 99th percentile in milliseconds.
func measure(b *testing.B, do func() error) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		require.NoError(b, do())
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// pageAfter is the cursor behind the first n matches of a filter.
func pageAfter(t testing.TB, store *postgres.Store, f postgres.MatchFilter, n int) string {
	t.Helper()
	page := postgres.Page{Limit: postgres.MaxLimit}
	for ; n > 0; n -= page.Limit {
		_, next, err := store.ListMatches(t.Context(), town, f, page)
		require.NoError(t, err)
		page.After = next
	}
	return page.After
}

const importRows = 50_000

// importBatches makes batches of 5,000 rows: 24 of 25 are facts with a payload of 300 bytes, one is a listing.
func importBatches(imp string) []postgres.Batch {
	batches := make([]postgres.Batch, importRows/5000)
	for i := range batches {
		b := &batches[i]
		*b = postgres.Batch{City: town, Import: imp, Dataset: "bench", File: "bench.csv", Number: i}
		for j := range 5000 {
			line := int64(i*5000 + j + 1)
			b.Rows = append(b.Rows, importRow(line))
		}
	}
	return batches
}

// elsewhere makes batches those of another data set without wards.
func elsewhere(batches []postgres.Batch) {
	for i := range batches {
		batches[i].Dataset = "bench2"
		for j := range batches[i].Rows {
			row := &batches[i].Rows[j]
			row.Ward = ""
			for k := range row.Listings {
				row.Listings[k].ID, row.Listings[k].Ward = "bench2."+row.Listings[k].ID, ""
			}
		}
	}
}

func importRow(line int64) postgres.ImportRow {
	digest := sha256.Sum256(fmt.Append(nil, line))
	at := &city.Point{Lon: 9.1 + float64(line%1000)/600, Lat: 49.1 + float64(line%997)/600}
	row := postgres.ImportRow{
		Line: line, Key: fmt.Sprintf("SR-%07d", line), Digest: digest[:], Outcome: postgres.RowHistory, Point: at, Ward: "1",
		Payload: json.RawMessage(fmt.Sprintf(`{"type":"bulk collection","opened":"2016-08-0%d","status":"closed","address":"%d Main Street","note":"%0200d"}`,
			1+line%9, line, line)),
	}
	if line%25 == 0 {
		l := resource(fmt.Sprintf("bench.%d", line), 10)
		l.Point = at
		row.Outcome, row.Payload, row.Point = postgres.RowListing, nil, nil
		row.Participants = []city.Participant{participant("giver", city.Business)}
		row.Listings = []postgres.ImportListing{{Listing: l.Listing}}
	}
	return row
}

// BenchmarkLoadBatch loads 50,000 rows in batches of 5,000, first as new, then as unchanged, beside COPY of the same
// rows into a bare table with the columns and indexes of source_row. As ingest does, the rows of the first two bring
// their ward; the third data set is placed by polygon.
func BenchmarkLoadBatch(b *testing.B) {
	for b.Loop() {
		store := aTown(b)
		for _, imp := range []string{"first", "second", "polygon"} {
			require.NoError(b, store.StartImport(b.Context(), postgres.Import{City: town, ID: imp, Profile: "bench@1"}))
			batches := importBatches(imp)
			if imp == "polygon" {
				elsewhere(batches)
			}
			start := time.Now()
			for _, batch := range batches {
				_, err := store.LoadBatch(b.Context(), batch)
				require.NoError(b, err)
			}
			b.ReportMetric(time.Since(start).Seconds(), imp+"-s")
		}
		b.ReportMetric(copySeconds(b, store), "copy-s")
	}
}

func copySeconds(b *testing.B, store *postgres.Store) float64 {
	b.Helper()
	exec(b, store, "CREATE TABLE bare (LIKE source_row INCLUDING INDEXES)")
	batches := importBatches("bare")
	start := time.Now()
	for _, batch := range batches {
		rows := make([][]any, len(batch.Rows))
		for i, r := range batch.Rows {
			rows[i] = []any{"town", "bench", r.Key, "bench.csv", r.Line, r.Digest, string(r.Outcome), "", "bare", r.Payload, 9.5, 50.0, "1"}
		}
		_, err := store.Pool().CopyFrom(b.Context(), pgx.Identifier{"bare"},
			[]string{"city", "dataset", "key", "file", "line", "digest", "outcome", "reason", "import", "payload", "lon", "lat", "ward"},
			pgx.CopyFromRows(rows))
		require.NoError(b, err)
	}
	return time.Since(start).Seconds()
}
