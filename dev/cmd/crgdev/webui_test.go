package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// While the product's API opens payloads for this Web UI, the pages know where and send what the browser remembers of its
// key; without such an API they ask nobody.
func TestWebUIFindsTheCodecEndpoint(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	var origin atomic.Value // of the pages that may ask; none without keys
	origin.Store("")
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions || r.URL.Path != "/codec/decode" || r.Header.Get("Origin") != origin.Load() {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(api.Close)
	m.env = append(m.env, "CRG_API_ADDRESS="+strings.TrimPrefix(api.URL, "http://"))
	out, _ := m.run("exec", "--", "sh", "-c", `echo "$CRG_WEB_UI"`)
	ui := strings.TrimSpace(out)
	require.Empty(t, m.codec(ui).Endpoint)

	origin.Store(ui)
	var found codecSettings
	require.Eventually(t, func() bool { found = m.codec(ui); return found.Endpoint != "" }, patience, 100*time.Millisecond)
	require.Equal(t, api.URL+"/codec", found.Endpoint)
	require.True(t, found.IncludeCredentials)
	require.False(t, found.PassAccessToken)
	require.Contains(t, found.DefaultErrorMessage, api.URL+"/codec/")

	api.Close()
	require.Eventually(t, func() bool { return m.codec(ui).Endpoint == "" }, patience, 100*time.Millisecond)
}

type codecSettings struct {
	Endpoint            string
	PassAccessToken     bool
	IncludeCredentials  bool
	DefaultErrorMessage string
}

// codec is what the Web UI tells its pages.
func (m *machine) codec(ui string) codecSettings {
	m.t.Helper()
	request, err := http.NewRequestWithContext(m.t.Context(), http.MethodGet, ui+"/api/v1/settings", http.NoBody)
	require.NoError(m.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(m.t, err)
	defer func() { require.NoError(m.t, response.Body.Close()) }()
	var settings struct{ Codec codecSettings }
	require.NoError(m.t, json.NewDecoder(response.Body).Decode(&settings))
	return settings.Codec
}
