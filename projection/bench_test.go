package projection_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/projection"
)

// A city of 20,000 participants: an address and an e-mail domain each, shared by two and by three, and two vouches.
const many = 20_000

func manyTown(b *testing.B) *projection.Projector {
	b.Helper()
	store := pgtest.Open(b)
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(b, err)
	require.NoError(b, store.UpsertCity(b.Context(), postgres.City{
		ID: town, Name: "Town", TimeZone: "UTC", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
	}))
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO participant (city, id, kind, name, email_domain, address_id, location_quality, lon, lat, state, origin,
			source, source_key, created_at, updated_at)
		SELECT 'town', 'p' || n, 'organisation', concat_ws(' ',
				(ARRAY['Saint Mary', 'Maple', 'Hearth', 'Second Chance', 'Riverside', 'Grace', 'Union', 'Hope', 'Eastside', 'Lincoln'])[1 + n %% 10],
				(ARRAY['Street', 'Community', 'Family', 'Neighborhood', 'Memorial', 'Open Door', 'Harbor', 'Valley'])[1 + n / 10 %% 8],
				(ARRAY['Food Pantry', 'Kitchen', 'Church', 'Shelter', 'Bakery', 'Market', 'School', 'Center', 'Library'])[1 + n / 80 %% 9],
				left(md5(n::text), 6)),
			'org' || n / 3 || '.example', 'street ' || n / 2, 'exact', 10 + (n %% 200) * 0.001, 50 + (n / 200) * 0.001, 'active', 'generated', 'bench', n, now(), now()
		FROM generate_series(1, %d) n`, many),
		fmt.Sprintf(`INSERT INTO vouch (city, voucher, vouched, actor, created_at)
		SELECT 'town', 'p' || n, 'p' || 1 + (n * k + k) %% %d, 'bench', now() FROM generate_series(1, %d) n, unnest(ARRAY[7, 7919]) k
		WHERE n <> 1 + (n * k + k) %% %d ON CONFLICT DO NOTHING`, many, many, many),
		`ANALYZE participant`, `ANALYZE vouch`,
	} {
		_, err := store.Pool().Exec(b.Context(), sql)
		require.NoError(b, err)
	}
	return &projection.Projector{Store: store, Graph: graphtest.Connect(b, graphtest.Config(b))}
}

// projectAll projects what is in the outbox and answers how many events that were.
func projectAll(b *testing.B, p *projection.Projector) (events int) {
	b.Helper()
	require.NoError(b, p.Begin(b.Context(), noBeat))
	for {
		n, err := p.Project(b.Context())
		require.NoError(b, err)
		if n == 0 {
			return events
		}
		events += n
	}
}

// BenchmarkGraph measures what issue and docs promise, on one graph: its projection from the outbox, from nothing, paths of trust, duplicates.
func BenchmarkGraph(b *testing.B) {
	p := manyTown(b)
	seconds := map[string]float64{}
	timed := func(name string, do func()) {
		began := time.Now()
		do()
		seconds[name] = time.Since(began).Seconds()
	}
	require.NoError(b, p.Begin(b.Context(), noBeat)) // what is there is built
	require.NoError(b, p.Graph.Wipe(b.Context()))
	timed("build-s", func() { require.NoError(b, p.Begin(b.Context(), noBeat)) })
	timed("events-s", func() { require.Positive(b, projectAll(b, p)) }) // all equal already
	var compared projection.Comparison
	timed("compare-s", func() {
		var differ []city.ParticipantID
		var err error
		compared, differ, err = p.Compare(b.Context(), town, noBeat)
		require.NoError(b, err)
		require.Empty(b, differ)
	})
	b.ReportMetric(float64(compared.Relations), "relations")
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a benchmark's
	id := func() city.ParticipantID { return city.ParticipantID(fmt.Sprint("p", 1+random.IntN(many))) }
	var took []time.Duration
	for range 1000 {
		from, to := id(), id()
		began := time.Now()
		_, err := p.Graph.TrustPath(b.Context(), town, from, to)
		require.NoError(b, err)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[500].Microseconds())/1000, "path-p50-ms")
	b.ReportMetric(float64(took[990].Microseconds())/1000, "path-p99-ms")
	for name, s := range seconds {
		b.ReportMetric(s, name)
	}
}

// newcomers applies 10,000 organisations to the town, one in ten of which is there already under a name that is written
// a little otherwise.
func newcomers(b *testing.B, p *projection.Projector) []postgres.Participant {
	b.Helper()
	_, err := p.Store.Pool().Exec(b.Context(), `INSERT INTO participant (city, id, kind, name, email_domain, address_id, operator,
			location_quality, state, origin, source, source_key, lon, lat, created_at, updated_at)
		SELECT city, 'new' || n, kind, CASE WHEN n % 10 = 0 THEN replace(name, 'Saint', 'St.') || ' Inc'
				ELSE name || ' ' || left(md5('new' || n), 4) END,
			CASE WHEN n % 10 = 0 THEN email_domain ELSE 'new' || n || '.example' END,
			CASE WHEN n % 10 = 0 THEN address_id ELSE 'alley ' || n END, operator, location_quality, 'applied', origin, 'bench', 'new' || n,
			lon + 0.01, lat, now(), now()
		FROM participant JOIN generate_series(1, 10000) n ON id = 'p' || 2 * n`)
	require.NoError(b, err)
	_, err = p.Store.Pool().Exec(b.Context(), `ANALYZE participant`)
	require.NoError(b, err)
	var all []postgres.Participant
	for page := (postgres.Page{Limit: 500}); ; {
		found, after, err := p.Store.ListParticipants(b.Context(), town, postgres.ParticipantFilter{State: city.ParticipantApplied}, page)
		require.NoError(b, err)
		all = append(all, found...)
		if after == "" {
			return all
		}
		page.After = after
	}
}

// BenchmarkDuplicates measures what is asked about newcomers when they apply, of PostgreSQL and of the graph: 10,000
// organisations that come to 20,000.
func BenchmarkDuplicates(b *testing.B) {
	p := manyTown(b)
	require.NoError(b, p.Begin(b.Context(), noBeat))
	found := map[city.ParticipantID]bool{}
	var rows, nodes time.Duration
	all := newcomers(b, p)
	for page := range slices.Chunk(all, 500) {
		ids, subjects := make([]city.ParticipantID, len(page)), make([]graph.Subject, len(page))
		for i, one := range page {
			ids[i], subjects[i] = one.ID, projection.Subject(postgres.Neighbourhood{Participant: one})
		}
		began := time.Now()
		ofRows, err := p.Store.FindDuplicates(b.Context(), town, ids)
		require.NoError(b, err)
		rows += time.Since(began)
		for _, d := range ofRows {
			found[d.Participant] = true
		}
		began = time.Now()
		ofGraph, err := p.Graph.Duplicates(b.Context(), town, subjects)
		require.NoError(b, err)
		nodes += time.Since(began)
		for _, d := range ofGraph {
			found[d.Participant] = true
		}
	}
	require.Len(b, all, 10_000)
	require.GreaterOrEqual(b, len(found), 1000, "each that is there already is found")
	b.ReportMetric(rows.Seconds(), "postgres-s")
	b.ReportMetric(nodes.Seconds(), "graph-s")
	b.ReportMetric((rows + nodes).Seconds(), "whole-s")
	b.ReportMetric(float64(len(found)), "flagged")
}
