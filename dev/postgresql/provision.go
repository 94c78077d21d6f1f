package postgresql

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// extensions are what the product's migrations expect to be there: creating PostGIS takes a superuser.
var extensions = []string{"postgis", "pg_trgm", "btree_gist"}

// Ready reports whether the product's database can be used now.
func (s *Server) Ready(ctx context.Context) error {
	return s.with(ctx, Database, func(conn *pgx.Conn) error {
		var found int
		err := conn.QueryRow(ctx, "select count(*) from pg_extension where extname = any($1)", extensions).Scan(&found)
		if err != nil {
			return fmt.Errorf("look for extensions: %w", err)
		}
		if found != len(extensions) {
			return fmt.Errorf("database %s has %d of the extensions %v", Database, found, extensions)
		}
		return nil
	})
}

// Complete gives the server the product's database with its extensions. It can be repeated.
func (s *Server) Complete(ctx context.Context) error {
	err := s.with(ctx, "postgres", func(conn *pgx.Conn) error { return createDatabase(ctx, conn, Database) })
	if err != nil {
		return err
	}
	return s.with(ctx, Database, func(conn *pgx.Conn) error {
		for _, name := range extensions {
			if _, err := conn.Exec(ctx, "create extension if not exists "+name); err != nil {
				return fmt.Errorf("create extension %s: %w", name, err)
			}
		}
		return nil
	})
}

func createDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	var exists bool
	err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists)
	if err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func (s *Server) with(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	u, err := s.URL(database)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, u)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return do(conn)
}
