package workers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadinessSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	r := &Readiness{}
	ask := func() (int, string) {
		recorder := httptest.NewRecorder()
		r.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ready", http.NoBody))
		return recorder.Code, recorder.Body.String()
	}
	requireAnswer := func(status int, text string) {
		t.Helper()
		gotStatus, gotText := ask()
		require.Equal(t, status, gotStatus)
		require.Equal(t, text, gotText)
	}
	requireAnswer(http.StatusServiceUnavailable, "not started yet\n")

	gone := map[string]bool{}
	named := func(name string) server {
		return server{name, func(context.Context) error {
			if gone[name] {
				return errors.New("connection refused")
			}
			return nil
		}}
	}
	r.needs([]server{named("postgres"), named("temporal")})
	r.set("")
	requireAnswer(http.StatusOK, "ready\n")

	gone["temporal"] = true
	requireAnswer(http.StatusServiceUnavailable, "temporal does not answer: connection refused\n")
	gone["postgres"] = true
	requireAnswer(http.StatusServiceUnavailable,
		"postgres does not answer: connection refused\ntemporal does not answer: connection refused\n")
	gone = map[string]bool{}
	r.set("version v2 of deployment crg is not current (v1 is): roll it out")
	requireAnswer(http.StatusServiceUnavailable, "version v2 of deployment crg is not current (v1 is): roll it out\n")
}

// A server that hangs is as good as away, and it is the only one that is.
func TestReadinessDoesNotWaitForAServerThatHangs(t *testing.T) {
	t.Parallel()
	r := &Readiness{}
	r.set("")
	r.needs([]server{
		{"postgres", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{"temporal", func(context.Context) error { return nil }},
	})
	require.Equal(t, []string{"postgres does not answer: context deadline exceeded"}, r.away(t.Context()))
}
