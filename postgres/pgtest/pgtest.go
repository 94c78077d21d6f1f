// Package pgtest gives each test a database of its own: a clone of a migrated template on the server at DATABASE_URL,
// dropped when the test ends. A test without a server fails; it is never skipped.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/migrations"
	"github.com/city-resource-graph/crg/postgres"
)

// prefix begins the name of every database of this package, so that leftovers are found.
const prefix = "crg_test_"

// Open gives the test a store on a migrated database of its own.
func Open(t testing.TB) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), URL(t))
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return store
}

// URL gives the test the address of a migrated database of its own.
func URL(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	template := migratedTemplate(t, server)
	return create(t, server, template)
}

// EmptyURL gives the test the address of a database of its own without any table of ours.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return create(t, serverURL(t), "template1")
}

func serverURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("DATABASE_URL")
	require.NotEmpty(t, server, "DATABASE_URL is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`")
	return server
}

func create(t testing.TB, server, template string) string {
	t.Helper()
	name := fmt.Sprintf("%s%d_%08x", prefix, time.Now().Unix(), rand.Uint32())
	admin(t, server, func(ctx context.Context, conn *pgx.Conn) {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
		require.NoError(t, err)
	})
	t.Cleanup(func() {
		admin(t, server, func(ctx context.Context, conn *pgx.Conn) {
			_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			require.NoError(t, err)
		})
	})
	return withDatabase(t, server, name)
}

// migratedTemplate makes the template of these migrations once for each server. It is built under another name and
// renamed when it is whole, so that a killed process leaves no half of one; an advisory lock keeps others waiting.
func migratedTemplate(t testing.TB, server string) string {
	t.Helper()
	name := "crg_template_" + digest(t)
	admin(t, server, func(ctx context.Context, conn *pgx.Conn) {
		if exists(ctx, t, conn, name) {
			return
		}
		_, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('crg_template'))")
		require.NoError(t, err)
		if exists(ctx, t, conn, name) {
			return
		}
		dropLeftovers(ctx, t, conn)
		building := name + "_building"
		for _, sql := range []string{"DROP DATABASE IF EXISTS " + building, "CREATE DATABASE " + building + " TEMPLATE template1"} {
			_, err = conn.Exec(ctx, sql)
			require.NoError(t, err)
		}
		_, err = postgres.MigrateUp(ctx, withDatabase(t, server, building))
		require.NoError(t, err)
		_, err = conn.Exec(ctx, "ALTER DATABASE "+building+" RENAME TO "+name)
		require.NoError(t, err)
	})
	return name
}

// dropLeftovers drops what killed test processes left an hour ago or earlier.
func dropLeftovers(ctx context.Context, t testing.TB, conn *pgx.Conn) {
	t.Helper()
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE $1", prefix+"%")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, name := range names {
		made, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
		seconds, err := strconv.ParseInt(made, 10, 64)
		if err != nil || time.Since(time.Unix(seconds, 0)) < time.Hour {
			continue
		}
		_, err = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		require.NoError(t, err)
	}
}

func exists(ctx context.Context, t testing.TB, conn *pgx.Conn, name string) bool {
	t.Helper()
	var found bool
	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&found)
	require.NoError(t, err)
	return found
}

// digest names the template after the migrations in it.
func digest(t testing.TB) string {
	t.Helper()
	hash := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.Files, path)
		hash.Write([]byte(path))
		hash.Write(content)
		return err
	})
	require.NoError(t, err)
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

// admin runs do on the server's own database; the slowest of it, migrating the template, takes seconds.
func admin(t testing.TB, server string, do func(ctx context.Context, conn *pgx.Conn)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, withDatabase(t, server, "postgres"))
	require.NoError(t, err, "the server at DATABASE_URL does not answer")
	defer func() { require.NoError(t, conn.Close(ctx)) }()
	do(ctx, conn)
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	at, err := url.Parse(server)
	require.NoError(t, err, "DATABASE_URL: want postgres://user:password@host:port/database")
	at.Path = "/" + name
	return at.String()
}

// Forge changes rows behind the back of the database's guards, as a bad restore would. It fails if it changes none.
func Forge(t testing.TB, store *postgres.Store, sql string, args ...any) {
	t.Helper()
	ctx := t.Context()
	tx, err := store.Pool().Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, "SET LOCAL session_replication_role = replica")
	require.NoError(t, err)
	changed, err := tx.Exec(ctx, sql, args...)
	require.NoError(t, err)
	require.Positive(t, changed.RowsAffected())
	require.NoError(t, tx.Commit(ctx))
}
