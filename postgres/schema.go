package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/city-resource-graph/crg/migrations"
)

// SchemaError says that the database lacks migrations that this program needs. A newer schema is no error: the release
// before runs on it.
type SchemaError struct {
	At, Wants uint
	Dirty     bool // a migration broke off half-way
}

// Error names the command that mends it.
func (e *SchemaError) Error() string {
	if e.Dirty {
		return fmt.Sprintf("schema version %d is broken off half-way: see crg migrate version", e.At)
	}
	return fmt.Sprintf("schema version %d, this program needs %d: crg migrate up", e.At, e.Wants)
}

// Ping asks the database for an answer, and for a schema that this program can work on.
func (s *Store) Ping(ctx context.Context) error {
	e := &SchemaError{Wants: migrations.Latest()}
	err := s.pool.QueryRow(ctx, "SELECT version, dirty FROM schema_migrations").Scan(&e.At, &e.Dirty)
	var answer *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.As(err, &answer) && answer.Code == "42P01": // nothing was ever migrated
	case err != nil:
		return translate("ping the database", err)
	}
	if e.Dirty || e.At < e.Wants {
		return e
	}
	return nil
}
