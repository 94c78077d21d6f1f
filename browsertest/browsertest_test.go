package browsertest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/browsertest"
)

// serve serves pages by their paths; a page ends where it says so, and goes on when somebody asks for /on.
func serve(t *testing.T, pages map[string][2]string) *httptest.Server {
	t.Helper()
	on := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/on" {
			on <- struct{}{}
			return
		}
		page := pages[r.URL.Path]
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page[0])
		if page[1] == "" {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-on:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, page[1])
	}))
	t.Cleanup(server.Close)
	return server
}

// A page that replaces itself has no body for a while, and takes down who looks at it.
func TestWhatTheNextPageShowsIsSeen(t *testing.T) {
	t.Parallel()
	server := serve(t, map[string][2]string{
		"/":     {`<body>first<script>onload = () => setTimeout(() => location = "/next", 100)</script>`},
		"/next": {`<!doctype html><script>setTimeout(() => fetch("/on"), 500)</script>`, `<body>second`},
	})
	page := browsertest.Open(t)
	page.Visit(server.URL)
	page.See("second")
	require.Equal(t, "second", page.Text())
}

// A button is clicked where it comes to rest.
func TestAMovingButtonIsHit(t *testing.T) {
	t.Parallel()
	server := serve(t, map[string][2]string{"/": {`<body><button style="position: absolute" onclick="document.body.append('hit')">press</button><script>
		const button = document.querySelector('button')
		let moves = 0
		const moving = setInterval(() => {
			button.style.top = 37 * moves % 600 + 'px'
			if (++moves === 200) clearInterval(moving)
		}, 5)
	</script>`}})
	page := browsertest.Open(t)
	page.Visit(server.URL)
	page.ClickText("button", "press")
	page.See("hit")
}
