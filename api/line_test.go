package api_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/loopback/loopbacktest"
)

// line is the network between the API and one of its servers, which a test can cut.
type line struct {
	t        testing.TB
	target   string
	place    string
	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
}

func newLine(t testing.TB, target string) *line {
	t.Helper()
	l := &line{t: t, target: target, place: loopbacktest.Address(t), open: map[net.Conn]bool{}}
	l.mend()
	t.Cleanup(l.cut)
	return l
}

func (l *line) address() string { return l.place }

// mend lets connections through, at the same address as before.
func (l *line) mend() {
	l.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", l.place)
	require.NoError(l.t, err)
	l.mu.Lock()
	l.listener, l.place = listener, listener.Addr().String()
	l.mu.Unlock()
	go l.accept(listener)
}

// cut ends every connection and refuses new ones.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != nil {
		_ = l.listener.Close()
		l.listener = nil
	}
	for conn := range l.open {
		_ = conn.Close()
	}
	clear(l.open)
}

func (l *line) accept(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", l.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.mu.Lock()
		cut := l.listener != listener // while it dialled
		if !cut {
			l.open[near], l.open[far] = true, true
		}
		l.mu.Unlock()
		if cut {
			_, _ = near.Close(), far.Close()
			continue
		}
		go l.pass(near, far)
		go l.pass(far, near)
	}
}

func (l *line) pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = from.Close()
	_ = to.Close()
	l.mu.Lock()
	delete(l.open, from)
	l.mu.Unlock()
}

func hostOf(t testing.TB, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	return parsed.Host
}
