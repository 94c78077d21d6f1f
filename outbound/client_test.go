package outbound_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/outbound"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// newClient may call the test's own servers, and nothing else that is not public.
func newClient(t *testing.T, change func(*outbound.Policy)) *outbound.Client {
	t.Helper()
	policy := outbound.Policy{Hosts: []string{"*"}, Private: loopback, PlainHTTP: true, Redirects: 3, MaxBytes: 1 << 10, Timeout: 5 * time.Second}
	if change != nil {
		change(&policy)
	}
	client, err := outbound.New(policy)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

// A server that holds one file and knows its version.
func fileServer(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file.csv":
			w.Header().Set("ETag", `"v1"`)
			w.Header().Set("Last-Modified", "Mon, 02 Jun 2025 00:00:00 GMT")
			w.Header().Set("Content-Type", "text/csv")
			if r.Header.Get("If-None-Match") == `"v1"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			_, _ = io.WriteString(w, "id,name\n1,Pantry\n")
		case "/large-stated":
			_, _ = io.WriteString(w, strings.Repeat("x", 1025))
		case "/large-streamed":
			for range 1025 {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
			}
		case "/just-fits":
			_, _ = io.WriteString(w, strings.Repeat("x", 1024))
		case "/to-file":
			http.Redirect(w, r, "/file.csv", http.StatusFound)
		case "/to-metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "/to-disk":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAFileIsFetchedOnce(t *testing.T) {
	t.Parallel()
	server, client := fileServer(t), newClient(t, nil)
	var content bytes.Buffer
	first, err := client.Fetch(t.Context(), server.URL+"/to-file", outbound.Validators{}, &content)
	require.NoError(t, err)
	require.Equal(t, "id,name\n1,Pantry\n", content.String())
	require.Equal(t, outbound.Fetched{
		Validators: outbound.Validators{ETag: `"v1"`, LastModified: "Mon, 02 Jun 2025 00:00:00 GMT"},
		Bytes:      17, SHA256: "a0e96fab675a75af3ac36318207f09ad4f3b0f973b0cc21b51c4a279e5083fc1", Type: "text/csv",
	}, first)

	content.Reset()
	second, err := client.Fetch(t.Context(), server.URL+"/file.csv", first.Validators, &content)
	require.NoError(t, err)
	require.True(t, second.Unchanged)
	require.Equal(t, first.Validators, second.Validators)
	require.Zero(t, content.Len())
}

func TestWhatIsRefusedAndWhatFails(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	tests := map[string]struct {
		url    string
		change func(*outbound.Policy)
		want   string
	}{
		"loopback":               {server.URL + "/file.csv", func(p *outbound.Policy) { p.Private = nil }, "127.0.0.1 is not a public address"},
		"a name for loopback":    {"http://localhost" + port + "/file.csv", func(p *outbound.Policy) { p.Private = nil }, "the host resolves to"},
		"loopback in IPv6":       {"http://[::1]:9/", nil, "::1 is not a public address"},
		"mapped into IPv6":       {"http://[::ffff:10.0.0.1]/", nil, "10.0.0.1 is not a public address"},
		"cloud metadata":         {"http://169.254.169.254/latest", nil, "169.254.169.254 is not a public address"},
		"a private network":      {"http://10.1.2.3/", nil, "10.1.2.3 is not a public address"},
		"shared address space":   {"http://100.64.0.1/", nil, "100.64.0.1 is not a public address"},
		"any address":            {"http://0.0.0.0/", nil, "not a public address"},
		"redirect to metadata":   {server.URL + "/to-metadata", nil, "169.254.169.254 is not a public address"},
		"redirect to the disk":   {server.URL + "/to-disk", nil, `scheme "file": want https or http`},
		"redirects without end":  {server.URL + "/round", nil, "more than 3 redirects"},
		"host not on the list":   {server.URL, func(p *outbound.Policy) { p.Hosts = []string{"a.example"} }, "not on the list of allowed hosts (a.example)"},
		"an empty list":          {server.URL, func(p *outbound.Policy) { p.Hosts = nil }, "not on the list of allowed hosts (which is empty)"},
		"plain http":             {server.URL, func(p *outbound.Policy) { p.PlainHTTP = false }, `scheme "http": want https`},
		"a file":                 {"file:///etc/passwd", nil, `scheme "file": want https or http`},
		"a password":             {"https://me:secret@data.example.org/", nil, "a name or password stands in the URL"},
		"no URL":                 {"https://[", nil, "not a URL"},
		"no host":                {"https:///file.csv", nil, "no host"},
		"too large, stated":      {server.URL + "/large-stated", nil, "1025 bytes, want at most 1024"},
		"too large, not stated":  {server.URL + "/large-streamed", nil, "more than 1024 bytes"},
		"redirects not followed": {server.URL + "/to-file", func(p *outbound.Policy) { p.Redirects = 0 }, "answers 302 Found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, test.change).Fetch(t.Context(), test.url, outbound.Validators{}, io.Discard)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "secret")
			if !strings.Contains(test.want, "answers") {
				require.ErrorIs(t, err, outbound.ErrRefused)
			}
		})
	}
}

func TestLimitsThatMayPass(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	fetched, err := newClient(t, nil).Fetch(t.Context(), server.URL+"/just-fits", outbound.Validators{}, io.Discard)
	require.NoError(t, err)
	require.EqualValues(t, 1024, fetched.Bytes)

	_, err = newClient(t, func(p *outbound.Policy) { p.Timeout = 50 * time.Millisecond }).
		Fetch(t.Context(), server.URL+"/slow", outbound.Validators{}, io.Discard)
	require.Error(t, err)
	require.NotErrorIs(t, err, outbound.ErrRefused, "a slow server may be faster the next time")

	_, err = newClient(t, nil).Fetch(t.Context(), server.URL+"/nothing", outbound.Validators{}, io.Discard)
	var status *outbound.StatusError
	require.ErrorAs(t, err, &status)
	require.True(t, status.Lasting())
	require.False(t, (&outbound.StatusError{Status: http.StatusServiceUnavailable}).Lasting())
}

// Networks that are not public stay closed whatever the list of hosts says.
func TestNoReservedNetworkIsPublic(t *testing.T) {
	t.Parallel()
	client := newClient(t, func(p *outbound.Policy) { p.Private = nil })
	for _, host := range []string{
		"127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.0.1", "100.127.255.254", "192.0.0.1", "192.0.2.1",
		"198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.1",
		"[::]", "[::1]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]",
		"[::ffff:127.0.0.1]", "[2001::1]",
	} {
		_, err := client.Fetch(t.Context(), "http://"+host+"/", outbound.Validators{}, io.Discard)
		require.ErrorIs(t, err, outbound.ErrRefused, host)
	}
}

func TestHostsOfThePolicy(t *testing.T) {
	t.Parallel()
	policy := outbound.Policy{Hosts: []string{"data.example.org", "*.city.example"}}
	for address, allowed := range map[string]bool{
		"https://data.example.org/a": true, "https://DATA.example.org./a": true, "https://a.b.city.example/": true,
		"https://example.org/": false, "https://city.example/": false, "https://notcity.example/": false,
		"https://data.example.org.evil.example/": false, "https://data.example.org:8443/": true,
	} {
		_, err := policy.Check(address)
		require.Equal(t, allowed, err == nil, address)
	}
	policy = outbound.Policy{Hosts: []string{"*"}, Private: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for address, allowed := range map[string]bool{
		"https://127.0.0.1/": false, "https://169.254.169.254/latest": false, "https://[::1]/": false, "https://10.1.2.3/": true, "https://8.8.8.8/": true,
	} {
		_, err := policy.Check(address)
		require.Equal(t, allowed, err == nil, "%s: whoever states an address that is not public hears of it at once", address)
	}
	require.NoError(t, policy.Validate())
	for _, host := range []string{"", "*.", "a*b.org", "https://a.org", "A.org", "a b"} {
		require.Error(t, outbound.Policy{Hosts: []string{host}}.Validate(), host)
	}
}
