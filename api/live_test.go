package api

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

// slowClient takes nothing in until it is released.
type slowClient struct {
	blocked chan struct{} // closed when it is asked to take something in
	release chan struct{}
	mu      sync.Mutex
	text    strings.Builder
	header  http.Header
}

func (c *slowClient) Header() http.Header { return c.header }
func (c *slowClient) WriteHeader(int)     {}
func (c *slowClient) Flush()              {}

func (c *slowClient) Write(text []byte) (int, error) {
	if strings.HasPrefix(string(text), "id: 1\nevent: match\n") {
		close(c.blocked)
		<-c.release
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(text)
}

func announcements(from, to int64) []city.Announcement {
	var all []city.Announcement
	for p := from; p <= to; p++ {
		all = append(all, city.Announcement{
			Position: p, Previous: p - 1, City: "town", Topic: "match", Payload: []byte(fmt.Sprintf(`{"id":"%d"}`, p)),
		})
	}
	return all
}

// A client that does not keep up costs the others nothing, is told so, and learns from where it goes on.
func TestASlowListenerIsCutAndTheOthersAreNot(t *testing.T) {
	t.Parallel()
	s := &server{config: Config{Heartbeat: time.Minute}, live: newLive(nil, nil, nil)}
	f := &feed{live: s.live, city: "town", changed: make(chan struct{})}
	begin := func(client *slowClient) (ended chan struct{}) {
		ended = make(chan struct{})
		stream := &eventStream{
			ctx: t.Context(), server: s, caller: Caller{City: "town", Roles: []city.Role{city.Auditor}}, feed: f, leave: func() {},
		}
		go func() {
			defer close(ended)
			_ = stream.VisitFollowEventsResponse(client)
		}()
		return ended
	}
	slow := &slowClient{blocked: make(chan struct{}), release: make(chan struct{}), header: http.Header{}}
	quick := &slowClient{blocked: make(chan struct{}), release: make(chan struct{}), header: http.Header{}}
	close(quick.release)
	slowEnded, quickEnded := begin(slow), begin(quick)
	f.add(announcements(1, 1))
	<-slow.blocked
	has := func(c *slowClient, text string) func() bool {
		return func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return strings.Contains(c.text.String(), text)
		}
	}
	const all = 3 * ringLength
	for p := int64(2); p <= all; p += livePage {
		last := min(p+livePage-1, all)
		f.add(announcements(p, last))
		require.Eventually(t, has(quick, fmt.Sprintf("id: %d\n", last)), time.Minute, time.Millisecond)
	}
	require.LessOrEqual(t, len(f.ring), ringLength)
	close(slow.release)
	<-slowEnded
	require.True(t, strings.HasSuffix(slow.text.String(), "id: 1\nevent: cut\ndata: {\"reason\":\"slow\",\"resume_after\":\"1\"}\n\n"), slow.text.String())
	s.live.stop()
	<-quickEnded
	require.Equal(t, all+1, strings.Count(quick.text.String(), "\nevent: "), "all of them, once, and the cut")
	require.True(t, strings.HasSuffix(quick.text.String(), fmt.Sprintf("\"reason\":\"stopping\",\"resume_after\":\"%d\"}\n\n", all)))
}
