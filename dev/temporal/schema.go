package temporal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // registers the plugin
	"go.temporal.io/server/tools/common/schema"
	toolsql "go.temporal.io/server/tools/sql"
)

const plugin = "postgres12_pgx"

// prepareDatabases creates both databases where they are missing and brings them to the schema that this server embeds.
func (s *Server) prepareDatabases(ctx context.Context, cfg *config.Config, logger log.Logger) error {
	for store, name := range map[string]string{
		mainStore:       "postgresql/v12/temporal",
		visibilityStore: "postgresql/v12/visibility",
	} {
		if err := s.prepareDatabase(ctx, *cfg.Persistence.DataStores[store].SQL, name, logger); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
	}
	return nil
}

// prepareDatabase makes a new database under another name and renames it when it is whole: the schema tool cannot go on
// with one that it left half made.
func (s *Server) prepareDatabase(ctx context.Context, cfg config.SQL, schemaName string, logger log.Logger) error {
	u, err := s.postgres.URL("postgres")
	if err != nil {
		return err
	}
	admin, err := pgx.Connect(ctx, u)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = admin.Close(context.WithoutCancel(ctx)) }()

	var exists bool
	err = admin.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", cfg.DatabaseName).Scan(&exists)
	if err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if exists {
		return update(&cfg, schemaName, logger)
	}
	final := cfg.DatabaseName
	cfg.DatabaseName += "_making"
	making := pgx.Identifier{cfg.DatabaseName}.Sanitize()
	for _, statement := range []string{"drop database if exists " + making + " with (force)", "create database " + making} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := setUp(&cfg, logger); err != nil {
		return err
	}
	if err := update(&cfg, schemaName, logger); err != nil {
		return err
	}
	if err := s.signFor(ctx, cfg.DatabaseName, final); err != nil {
		return err
	}
	if _, err := admin.Exec(ctx, "alter database "+making+" rename to "+pgx.Identifier{final}.Sanitize()); err != nil {
		return fmt.Errorf("rename database: %w", err)
	}
	return nil
}

// signFor writes the final name into the row of the schema version, which is found by the database's name.
func (s *Server) signFor(ctx context.Context, making, final string) error {
	u, err := s.postgres.URL(making)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, u)
	if err != nil {
		return fmt.Errorf("connect to database: %w", err)
	}
	if _, err := conn.Exec(ctx, "update schema_version set db_name = $1", final); err != nil {
		return errors.Join(fmt.Errorf("name the schema version: %w", err), conn.Close(ctx))
	}
	return conn.Close(ctx) // a database in use cannot be renamed
}

func setUp(cfg *config.SQL, logger log.Logger) error {
	conn, err := toolsql.NewConnection(cfg, logger)
	if err != nil {
		return fmt.Errorf("connect to database: %w", err)
	}
	defer conn.Close()
	if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, logger).Run(); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	return nil
}

func update(cfg *config.SQL, schemaName string, logger log.Logger) error {
	conn, err := toolsql.NewConnection(cfg, logger)
	if err != nil {
		return fmt.Errorf("connect to database: %w", err)
	}
	defer conn.Close()
	task := schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{DBName: cfg.DatabaseName, SchemaName: schemaName}, logger)
	if err := task.Run(); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}
