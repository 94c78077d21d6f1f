package workers_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// Two workers come and go; whoever serves the queue publishes, each event once, without anybody starting it.
func TestWorkersPublishEventsThroughStopsAndAFlush(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	c, err := cache.Open(cachetest.URL(t), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	i.Cache = c
	streams := c.Streams(i.Prefix)
	town := city.ID("town")
	written := int64(0)
	announce := func() {
		t.Helper()
		written++
		_, err := i.Store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload) VALUES ($1, 'test', $2)`,
			town, fmt.Sprintf(`{"id": "%d"}`, written))
		require.NoError(t, err)
	}
	published := func() {
		t.Helper()
		require.Eventually(t, func() bool {
			events, err := streams.Following(t.Context(), town, 0, 100, 0)
			if err != nil || int64(len(events)) != written {
				return false
			}
			for n, event := range events {
				require.Equal(t, int64(n+1), event.Position)
			}
			return true
		}, patience, 20*time.Millisecond, "want %d events in the stream", written)
	}
	announce()
	stopFirst := i.Worker(t, "v1", workflows.CityQueue)
	published()
	i.Worker(t, "v1", workflows.CityQueue)
	stopFirst()
	announce()
	published()
	require.NoError(t, streams.Clear(t.Context()), "FLUSHALL")
	published()
	announce()
	published()
}
