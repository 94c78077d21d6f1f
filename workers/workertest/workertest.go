// Package workertest gives a test an installation of its own on the real servers: a database, a bucket, task queues that
// nobody else serves, and a running worker. A test without the servers fails; it is never skipped.
package workertest

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workflows"
)

// Installation is what one test works with.
type Installation struct {
	Client    client.Client
	Namespace string
	Store     *postgres.Store
	Cache     *cache.Cache // nil = its workers have no Redis
	Objects   *blobs.Bucket
	Graph     *graph.Graph // nil: without one
	Folder    string       // of the objects
	Prefix    string       // of the task queues and of the deployment
	Starter   workflows.Starter
	Senders   map[city.Channel]notices.Sender // of notices; set before the worker starts
	Links     notices.Links
	Grace     time.Duration // of the workers' stop; 5 s when zero
}

// New prepares an installation without a worker.
func New(t testing.TB) *Installation {
	t.Helper()
	return NewWith(t, func(*client.Options) {})
}

// NewWith is New with a client of its own kind.
func NewWith(t testing.TB, configure func(*client.Options)) *Installation {
	t.Helper()
	address := os.Getenv("TEMPORAL_ADDRESS")
	require.NotEmpty(t, address, "TEMPORAL_ADDRESS is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`")
	namespace := os.Getenv("TEMPORAL_NAMESPACE")
	if namespace == "" {
		namespace = client.DefaultNamespace
	}
	options := client.Options{
		HostPort: address, Namespace: namespace, Identity: "workertest", Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	}
	configure(&options)
	c, err := client.Dial(options)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	folder := t.TempDir()
	objects, err := blobs.Open(t.Context(), "file://"+folder)
	require.NoError(t, err)
	t.Cleanup(func() { _ = objects.Close() })
	prefix := "test-" + strings.ToLower(rand.Text()[:10])
	return &Installation{
		Client: c, Namespace: namespace, Store: pgtest.Open(t), Objects: objects, Folder: folder, Prefix: prefix,
		Starter: workflows.Starter{Client: c, QueuePrefix: prefix},
	}
}

// WithGraph gives the installation a graph of its own, which its workers will project.
func (i *Installation) WithGraph(t testing.TB) *Installation {
	t.Helper()
	i.Graph = graphtest.Connect(t, graphtest.Config(t))
	return i
}

// Worker starts a versioned worker and returns when it gets work. It is stopped by the returned function, or when the
// test ends.
func (i *Installation) Worker(t testing.TB, build string, queues ...workflows.Queue) (stop func()) {
	t.Helper()
	ready := &workers.Readiness{}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		ended <- workers.Run(ctx, workers.Config{
			Client: i.Client, Namespace: i.Namespace, Queues: queues, QueuePrefix: i.Prefix, Store: i.Store, Objects: i.Objects, Cache: i.Cache, Graph: i.Graph,
			Senders: i.Senders, Links: i.Links, Version: workers.Version{Deployment: i.Prefix, BuildID: build}, MakeCurrent: true,
			GraceTime: cmp.Or(i.Grace, 5*time.Second), Logger: slog.New(slog.DiscardHandler), Readiness: ready,
		})
	}()
	stop = func() {
		cancel()
		require.NoError(t, <-ended)
		ended <- nil
	}
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			require.NoError(t, err, "the worker ended")
		default:
		}
		return ready.Check() == nil
	}, 2*time.Minute, 20*time.Millisecond, "the worker never got ready: %v", ready.Check())
	return stop
}
