package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"

	"github.com/city-resource-graph/crg/postgres/gen"
)

// Store is a pool of connections to one database and what can be asked of it. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	q    *gen.Queries
	bell *bell
}

// Open connects to the database at url. It does not wait for the server: Ping tells whether it is there.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	return OpenConfig(ctx, config)
}

// OpenTraced is Open for a store that records a span for each statement, named as the query is in postgres/queries. What
// statements are given as parameters is not recorded.
func OpenTraced(ctx context.Context, url string, provider trace.TracerProvider) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	config.ConnConfig.Tracer = otelpgx.NewTracer(
		otelpgx.WithTracerProvider(provider), otelpgx.WithSpanNameFunc(spanName), otelpgx.WithDisableConnectionDetailsInAttributes(),
		otelpgx.WithDisableAcquireTracer())
	return OpenConfig(ctx, config)
}

// spanName is the name that a generated query carries in its first line, else the statement's first word.
func spanName(statement string) string {
	for {
		if named, is := strings.CutPrefix(statement, "-- name: "); is {
			name, _, _ := strings.Cut(named, " ")
			return "SQL " + name
		}
		statement = strings.TrimSpace(statement)
		if !strings.HasPrefix(statement, "--") {
			break
		}
		_, statement, _ = strings.Cut(statement, "\n")
	}
	word := strings.FieldsFunc(statement, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == ';' })
	if len(word) == 0 {
		return "SQL"
	}
	return "SQL " + strings.ToUpper(word[0])
}

// OpenConfig is Open for a caller that sets up its own pool, such as one with a tracer.
func OpenConfig(ctx context.Context, config *pgxpool.Config) (*Store, error) {
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	// Times leave as UTC and text is compared in UTC, whatever the machine's zone.
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// Statements here take milliseconds; compiling one, for an estimate that was too high, takes hundreds.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &Store{pool: pool, q: gen.New(pool), bell: &bell{config: config.ConnConfig}}, nil
}

// Close waits for the connections in use and closes all.
func (s *Store) Close() {
	s.bell.close()
	s.pool.Close()
}

// Pool is the store's pool, for metrics and for tests.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// write runs do in one transaction and names what was being done when it fails.
func (s *Store) write(ctx context.Context, doing string, do func(tx pgx.Tx, q *gen.Queries) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return do(tx, s.q.WithTx(tx)) })
	return translate(doing, err)
}
