package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres/pgtest"
)

func TestScratch(t *testing.T) {
	t.Parallel()
	store := pgtest.Open(t)
	require.NoError(t, store.Ping(t.Context()))
}
