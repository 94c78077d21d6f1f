package pgtest_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres/pgtest"
)

func TestEachDatabaseIsItsOwn(t *testing.T) {
	t.Parallel()
	first, second := pgtest.Open(t), pgtest.Open(t)
	_, err := first.Pool().Exec(t.Context(), "INSERT INTO category (leaf, unit) VALUES ('food.produce', 'kg')")
	require.NoError(t, err)
	var here, there int
	require.NoError(t, first.Pool().QueryRow(t.Context(), "SELECT count(*) FROM category").Scan(&here))
	require.NoError(t, second.Pool().QueryRow(t.Context(), "SELECT count(*) FROM category").Scan(&there))
	require.Equal(t, []int{1, 0}, []int{here, there})
}

// spy is a test that notes its failure instead of failing.
type spy struct {
	testing.TB
	failed, skipped bool
}

func (s *spy) Helper()               {}
func (s *spy) Errorf(string, ...any) {}
func (s *spy) FailNow()              { s.failed = true; runtime.Goexit() }
func (s *spy) Skip(...any)           { s.skipped = true; runtime.Goexit() }

func TestWithoutAServerATestFailsAndIsNotSkipped(t *testing.T) {
	for _, url := range []string{"", "postgres://crg@127.0.0.1:1/none?connect_timeout=2"} {
		t.Setenv("DATABASE_URL", url)
		watched := &spy{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			pgtest.URL(watched)
		}()
		<-done
		require.True(t, watched.failed)
		require.False(t, watched.skipped)
	}
}
