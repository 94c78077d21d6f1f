package demo

import (
	"net/http"
	"strconv"
	"time"
)

// patient repeats what did not get through: a refused connection, or 503 with its Retry-After. Every POST carries an
// Idempotency-Key, so repeating cannot do anything twice.
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
		if err == nil && response.StatusCode != http.StatusServiceUnavailable && response.StatusCode != http.StatusTooManyRequests {
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
