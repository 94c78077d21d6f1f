package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/city-resource-graph/crg/migrations"
)

// MigrateUp applies every migration that the database does not have yet and returns the version it stands at. Two at
// once wait for each other by an advisory lock; each file is one transaction.
func MigrateUp(ctx context.Context, url string) (uint, error) {
	return migrated(ctx, url, func(m *migrate.Migrate) error { return m.Up() })
}

// MigrateDown takes the newest steps migrations back, with their data. It is for development.
func MigrateDown(ctx context.Context, url string, steps int) (uint, error) {
	if steps < 1 {
		return 0, fmt.Errorf("steps %d: want at least 1: %w", steps, ErrInvalid)
	}
	return migrated(ctx, url, func(m *migrate.Migrate) error { return m.Steps(-steps) })
}

// MigrateTo moves the database up or down to one version.
func MigrateTo(ctx context.Context, url string, version uint) (uint, error) {
	return migrated(ctx, url, func(m *migrate.Migrate) error { return m.Migrate(version) })
}

// MigrationVersion is the version the database stands at, 0 when nothing was applied; dirty means that a migration
// broke off and a person has to look.
func MigrationVersion(ctx context.Context, url string) (version uint, dirty bool, err error) {
	m, closeAll, err := migrator(ctx, url)
	if err != nil {
		return 0, false, err
	}
	defer closeAll()
	version, dirty, err = m.Version()
	if errors.Is(err, migrate.ErrNilVersion) {
		return 0, false, nil
	}
	return version, dirty, translate("read the migration version", err)
}

func migrated(ctx context.Context, url string, move func(*migrate.Migrate) error) (uint, error) {
	m, closeAll, err := migrator(ctx, url)
	if err != nil {
		return 0, err
	}
	defer closeAll()
	stop := context.AfterFunc(ctx, func() { m.GracefulStop <- true })
	defer stop()
	if err := move(m); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return 0, translate("migrate the database", err)
	}
	version, _, err := m.Version()
	if err != nil && !errors.Is(err, migrate.ErrNilVersion) {
		return 0, translate("read the migration version", err)
	}
	return version, ctx.Err()
}

func migrator(ctx context.Context, url string) (*migrate.Migrate, func(), error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("read the database's address: %w", err)
	}
	db := stdlib.OpenDB(*config)
	m, err := newMigrator(ctx, db)
	if err != nil {
		return nil, nil, errors.Join(translate("prepare the migrations", err), db.Close())
	}
	return m, func() { _, _ = m.Close(); _ = db.Close() }, nil
}

func newMigrator(ctx context.Context, db *sql.DB) (*migrate.Migrate, error) {
	if err := db.PingContext(ctx); err != nil { // the driver below asks without a context
		return nil, err
	}
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{})
	if err != nil {
		return nil, err
	}
	files, err := iofs.New(migrations.Files, ".")
	if err != nil {
		return nil, err
	}
	return migrate.NewWithInstance("iofs", files, "pgx5", driver)
}
