package graph

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/city-resource-graph/crg/city"
)

const (
	database = "neo4j" // Community has this one

	retryTime   = time.Second // of what the server itself calls transient, such as a deadlock; the driver's own is 30 s
	connectTime = 2 * time.Second
	readTime    = 10 * time.Second // what a question may take; the slowest, a chain through a whole city, takes one
	writeTime   = time.Minute
	breakTime   = 5 * time.Second
	hurried     = time.Second // a caller who waits for less may not take the server for away
)

// Config says where the graph is.
type Config struct {
	URI      string // bolt://host:port or neo4j://host:port
	Username string // empty: the server asks for none
	Password string
	// Prefix keeps installations apart that share a server: 1 to 60 letters, digits, dots, dashes or underscores.
	Prefix string
	Traces trace.TracerProvider // nil: off
}

var prefixes = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// Graph asks and writes the graph of one installation. It is safe for use by many.
type Graph struct {
	driver  neo4j.DriverWithContext
	prefix  string
	breaker breaker
	tracer  trace.Tracer
}

// Open prepares the connection; the server may be away.
func Open(c Config) (*Graph, error) {
	if !prefixes.MatchString(c.Prefix) {
		return nil, fmt.Errorf("graph prefix %q: want 1 to 60 letters, digits, dots, dashes or underscores", c.Prefix)
	}
	auth := neo4j.NoAuth()
	if c.Username != "" {
		auth = neo4j.BasicAuth(c.Username, c.Password, "")
	}
	driver, err := neo4j.NewDriverWithContext(c.URI, auth, func(o *config.Config) {
		o.MaxTransactionRetryTime = retryTime
		o.SocketConnectTimeout = connectTime
		o.ConnectionAcquisitionTimeout = 2 * connectTime
		o.UserAgent = "crg"
	})
	if err != nil {
		return nil, fmt.Errorf("open the graph: %w", err)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	// The driver completes itself when it first connects, without a lock against the next one who does (5.28.4). Nothing is
	// sent by this attempt, for it is over before it begins.
	_ = driver.VerifyConnectivity(over)
	if c.Traces == nil {
		c.Traces = noop.NewTracerProvider()
	}
	return &Graph{
		driver: driver, prefix: c.Prefix, breaker: breaker{pause: breakTime, now: time.Now},
		tracer: c.Traces.Tracer("github.com/city-resource-graph/crg/graph"),
	}, nil
}

// Close lets go of all connections.
func (g *Graph) Close(ctx context.Context) error {
	if err := g.driver.Close(ctx); err != nil {
		return fmt.Errorf("close the graph: %w", err)
	}
	return nil
}

// Ping reports whether the graph can be asked now.
func (g *Graph) Ping(ctx context.Context) error {
	_, err := read(ctx, g, "ping", "RETURN 1 AS one", nil, func(*neo4j.Record) (bool, error) { return true, nil })
	return err
}

// scope is what every key of a city begins with.
func (g *Graph) scope(c city.ID) string { return g.prefix + "/" + string(c) + "/" }

func (g *Graph) key(c city.ID, id string) string { return g.scope(c) + id }

// id is a key without its scope.
func (g *Graph) id(c city.ID, key string) string { return strings.TrimPrefix(key, g.scope(c)) }

func (g *Graph) keys(c city.ID, ids []city.ParticipantID) []string {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = g.key(c, string(id))
	}
	return keys
}

// read asks one question and turns each row of the answer into an R.
func read[R any](ctx context.Context, g *Graph, doing, cypher string, params map[string]any, row func(*neo4j.Record) (R, error)) ([]R, error) {
	var rows []R
	err := g.call(ctx, doing, cypher, readTime, func(ctx context.Context, session neo4j.SessionWithContext) error {
		_, err := session.ExecuteRead(ctx, func(tx neo4j.ManagedTransaction) (any, error) {
			rows = nil // an attempt before this one may have begun
			result, err := tx.Run(ctx, cypher, params)
			if err != nil {
				return nil, err
			}
			for result.Next(ctx) {
				r, err := row(result.Record())
				if err != nil {
					return nil, err
				}
				rows = append(rows, r)
			}
			return nil, result.Err()
		}, neo4j.WithTxTimeout(readTime))
		return err
	})
	return rows, err
}

// statement is one step of a write.
type statement struct {
	cypher string
	params map[string]any
	needed bool // when it gives no row, the write ends with ErrIncomplete
}

func step(cypher string, params map[string]any) statement {
	return statement{cypher: cypher, params: params}
}

// write runs the statements in one transaction.
func (g *Graph) write(ctx context.Context, doing string, statements ...statement) error {
	return g.call(ctx, doing, statements[0].cypher, writeTime, func(ctx context.Context, session neo4j.SessionWithContext) error {
		_, err := session.ExecuteWrite(ctx, func(tx neo4j.ManagedTransaction) (any, error) {
			for _, s := range statements {
				if err := run(ctx, tx, s); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
		return err
	})
}

func run(ctx context.Context, tx neo4j.ManagedTransaction, s statement) error {
	result, err := tx.Run(ctx, s.cypher, s.params)
	if err != nil {
		return err //nolint:wrapcheck // what is done is named by write
	}
	if s.needed && !result.Next(ctx) && result.Err() == nil {
		return ErrIncomplete
	}
	_, err = result.Consume(ctx)
	return err //nolint:wrapcheck // as above
}

// call opens a session for do, within a time, behind the breaker.
func (g *Graph) call(
	ctx context.Context, doing, cypher string, limit time.Duration, do func(context.Context, neo4j.SessionWithContext) error,
) error {
	if err := g.breaker.allow(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	ctx, span := g.tracer.Start(ctx, "neo4j "+doing, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "neo4j"), attribute.String("db.query.text", cypher)))
	defer span.End()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	session := g.driver.NewSession(limited, neo4j.SessionConfig{DatabaseName: database})
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }()
	began := time.Now()
	err := classify(ctx, do(limited, session))
	if ctx.Err() == nil || time.Since(began) >= hurried {
		g.breaker.note(err)
	}
	if err != nil {
		span.SetStatus(codes.Error, doing)
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// classify tells a server that is away, or too slow for its caller, from one that answers something unwelcome. A caller
// who gave up says nothing about the server.
func classify(ctx context.Context, err error) error {
	if err == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	var limit *neo4j.TransactionExecutionLimit
	var answered *neo4j.Neo4jError
	away := neo4j.IsConnectivityError(err) || errors.Is(err, context.DeadlineExceeded) || // the driver's, or ours
		errors.As(err, &limit) && slices.ContainsFunc(limit.Errors, neo4j.IsConnectivityError) ||
		errors.As(err, &answered) && unavailable(answered)
	if away {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// unavailable are answers of a server that is starting or stopping.
func unavailable(err *neo4j.Neo4jError) bool {
	switch err.Code {
	case "Neo.TransientError.General.DatabaseUnavailable", "Neo.TransientError.Database.DatabaseUnavailable",
		"Neo.ClientError.Database.DatabaseNotFound", "Neo.DatabaseError.General.UnknownError":
		return true
	}
	return false
}
