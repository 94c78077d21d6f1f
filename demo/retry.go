package demo

import (
	"net/http"
	"strconv"
	"time"
)

// patient repeats what did not get through: a connection that was refused or broke, or an answer that asks for a repeat.
// Every POST carries an Idempotency-Key, so repeating cannot do anything twice.
type patient struct {
	next http.RoundTripper
	wait time.Duration // how long one request may keep trying
}

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 3 * time.Second
)

// RoundTrip sends the request until it gets through or the time is up.
func (p patient) RoundTrip(request *http.Request) (*http.Response, error) {
	deadline := time.Now().Add(p.wait)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		attempt := request.Clone(request.Context())
		if request.GetBody != nil {
			body, err := request.GetBody()
			if err != nil {
				return nil, err
			}
			attempt.Body = body
		}
		response, err := p.next.RoundTrip(attempt)
		if err == nil && !repeatable(response) {
			return response, nil
		}
		if time.Now().Add(pause).After(deadline) || request.Context().Err() != nil {
			return response, err
		}
		if err == nil {
			if seconds, bad := strconv.Atoi(response.Header.Get("Retry-After")); bad == nil {
				pause = min(max(pause, time.Duration(seconds)*time.Second), longestPause)
			}
			_ = response.Body.Close()
		}
		select {
		case <-request.Context().Done():
			return nil, request.Context().Err()
		case <-time.After(pause):
		}
	}
}

// repeatable reports whether an answer says that the same request may succeed later: a dependency is away, the caller is
// too fast, or (409) an API that died in the middle of the request still holds its Idempotency-Key.
func repeatable(response *http.Response) bool {
	return response.StatusCode == http.StatusServiceUnavailable || response.Header.Get("Retry-After") != ""
}
