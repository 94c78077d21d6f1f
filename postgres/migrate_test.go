package postgres_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/migrations"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

// Each migration goes up, gets data (testdata/seed has a file for each), goes down with the data in it, leaves what was
// there before as it was, and goes up again.
func TestEachMigrationGoesUpDownAndUpOnData(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.EmptyURL(t)
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(ctx))) }()

	versions := migrationVersions(t)
	last := uint(0)
	for _, version := range versions {
		before, rows := catalog(t, conn), rowCounts(t, conn)
		migrateTo(t, url, version)
		after := catalog(t, conn)
		require.NotEqual(t, before, after)
		seed(t, conn, version)

		migrateTo(t, url, last)
		if last > 0 { // the first one leaves its extensions, which may have been there before us
			require.Equal(t, before, catalog(t, conn), "after version %d went down", version)
			require.Equal(t, rows, rowCounts(t, conn), "the rows of the versions before %d", version)
		}
		migrateTo(t, url, version)
		require.Equal(t, after, catalog(t, conn))
		seed(t, conn, version)
		last = version
	}
	version, err := postgres.MigrateDown(ctx, url, len(versions))
	require.NoError(t, err)
	require.Zero(t, version)
	version, err = postgres.MigrateUp(ctx, url)
	require.NoError(t, err)
	require.Equal(t, last, version)
	again, err := postgres.MigrateUp(ctx, url)
	require.NoError(t, err, "nothing to do is no failure")
	require.Equal(t, last, again)
}

func TestMigrationVersionOfAnEmptyDatabaseIsZero(t *testing.T) {
	t.Parallel()
	version, dirty, err := postgres.MigrationVersion(t.Context(), pgtest.EmptyURL(t))
	require.NoError(t, err)
	require.False(t, dirty)
	require.Zero(t, version)
}

func TestMigrateNamesABadAddressAndBadSteps(t *testing.T) {
	t.Parallel()
	_, err := postgres.MigrateUp(t.Context(), "postgres://127.0.0.1:1/none?connect_timeout=2")
	require.Error(t, err)
	require.True(t, postgres.Unavailable(err), err)
	_, err = postgres.MigrateDown(t.Context(), "postgres://127.0.0.1:1/none", 0)
	require.ErrorIs(t, err, postgres.ErrInvalid)
}

func TestTwoMigrationsAtOnceWaitForEachOther(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	failures := make(chan error)
	for range 4 {
		go func() {
			_, err := postgres.MigrateUp(t.Context(), url)
			failures <- err
		}()
	}
	for range 4 {
		require.NoError(t, <-failures)
	}
}

// migrationVersions are the numbers of all migrations, ascending; each has a way down.
func migrationVersions(t *testing.T) []uint {
	t.Helper()
	up, err := fs.Glob(migrations.Files, "*.up.sql")
	require.NoError(t, err)
	require.NotEmpty(t, up)
	var versions []uint
	for _, name := range up {
		_, err := fs.Stat(migrations.Files, strings.Replace(name, ".up.", ".down.", 1))
		require.NoError(t, err)
		number, err := strconv.ParseUint(name[:4], 10, 32)
		require.NoError(t, err)
		versions = append(versions, uint(number))
	}
	require.True(t, slices.IsSorted(versions) && len(slices.Compact(slices.Clone(versions))) == len(versions), "%v", versions)
	return versions
}

func migrateTo(t *testing.T, url string, version uint) {
	t.Helper()
	if version == 0 {
		_, err := postgres.MigrateDown(t.Context(), url, 1)
		require.NoError(t, err)
		return
	}
	at, err := postgres.MigrateTo(t.Context(), url, version)
	require.NoError(t, err)
	require.Equal(t, version, at)
}

func seed(t *testing.T, conn *pgx.Conn, version uint) {
	t.Helper()
	sql, err := os.ReadFile(fmt.Sprintf("testdata/seed/%04d.sql", version))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), string(sql))
	require.NoError(t, err)
}

// catalog describes every table, column, index, constraint, trigger and function of ours.
func catalog(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
		WHERE table_schema = 'public'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
		WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
		UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
		  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
		ORDER BY 1`)
	require.NoError(t, err)
	described, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return described
}

// rowCounts counts the rows of every table but the outbox, into which later tables' triggers may write.
func rowCounts(t *testing.T, conn *pgx.Conn) map[string]int {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('schema_migrations', 'spatial_ref_sys', 'outbox')`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	counts := make(map[string]int, len(tables))
	for _, table := range tables {
		var n int
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()).Scan(&n))
		counts[table] = n
	}
	return counts
}

// A program on a schema that lacks a step says which command brings it; one on a newer schema works on.
func TestASchemaThatIsTooOldIsNamed(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.EmptyURL(t)
	store, err := postgres.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	versions := migrationVersions(t)
	before, latest := versions[len(versions)-2], versions[len(versions)-1]
	require.Equal(t, latest, migrations.Latest())

	var old *postgres.SchemaError
	require.ErrorAs(t, store.Ping(ctx), &old)
	require.ErrorContains(t, old, fmt.Sprintf("schema version 0, this program needs %d: crg migrate up", latest))
	migrateTo(t, url, before)
	require.ErrorAs(t, store.Ping(ctx), &old)
	require.Equal(t, before, old.At)
	migrateTo(t, url, latest)
	require.NoError(t, store.Ping(ctx))

	_, err = store.Pool().Exec(ctx, "UPDATE schema_migrations SET version = version + 1")
	require.NoError(t, err)
	require.NoError(t, store.Ping(ctx), "the release after this one was here")
	_, err = store.Pool().Exec(ctx, "UPDATE schema_migrations SET dirty = true")
	require.NoError(t, err)
	require.ErrorContains(t, store.Ping(ctx), "is broken off half-way")
}
