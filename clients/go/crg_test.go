package crgclient_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

func TestRequestsAreSignedAndProblemsAreErrors(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer crg_key" || r.Header.Get("Idempotency-Key") == "" {
			w.WriteHeader(http.StatusBadGateway) // as a proxy would, without a problem document
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"type":"urn:crg:problem:refused","title":"It cannot be done as asked","status":422,
			"detail":"/ward: no such ward","errors":[{"field":"/ward","detail":"no such ward"}]}`))
	}))
	t.Cleanup(server.Close)
	start := func(key, once string) error {
		client, err := crgclient.New(server.URL, key)
		require.NoError(t, err)
		r, err := client.StartRunWithResponse(t.Context(), &crgclient.StartRunParams{IdempotencyKey: once}, crgclient.NewRun{Ward: "77"})
		require.NoError(t, err)
		return crgclient.Check(r.StatusCode(), r.ApplicationProblemJSONDefault)
	}

	var failed *crgclient.Error
	require.ErrorAs(t, start("crg_key", crgclient.NewKey()), &failed)
	require.Equal(t, http.StatusUnprocessableEntity, failed.Status)
	require.Equal(t, "urn:crg:problem:refused", failed.Problem.Type)
	require.ErrorContains(t, failed, "/ward: no such ward")

	require.ErrorAs(t, start("another", crgclient.NewKey()), &failed)
	require.Nil(t, failed.Problem)
	require.ErrorContains(t, failed, "502")
	require.NoError(t, crgclient.Check(http.StatusAccepted, nil))
	first, second := crgclient.NewKey(), crgclient.NewKey()
	require.NotEqual(t, first, second)
}
