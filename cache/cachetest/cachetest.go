// Package cachetest gives tests the Redis of the local stack. A test without the server fails; it is never skipped.
package cachetest

import (
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// URL is the address of the server at REDIS_URL, with a patience that outlasts a machine on which everything is tested at once:
// the usual one is less than a process there may wait for a core, and Redis would be taken for away.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("REDIS_URL")
	require.NotEmpty(t, server, "REDIS_URL is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`")
	at, err := url.Parse(server)
	require.NoError(t, err, "REDIS_URL: want redis://user:password@host:port/db")
	query := at.Query()
	query.Set("read_timeout", "30s")
	at.RawQuery = query.Encode()
	return at.String()
}
