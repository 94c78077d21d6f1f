package crgclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// New is a client of the API at baseURL that signs its requests with apiKey. For one that repeats requests, bring an
// http.Client by WithHTTPClient: a POST may be repeated safely with the same Idempotency-Key.
func New(baseURL, apiKey string, options ...ClientOption) (*ClientWithResponses, error) {
	sign := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+apiKey)
		leaveOutEmpty(request.URL)
		return nil
	}
	return NewClientWithResponses(baseURL, append([]ClientOption{WithRequestEditorFn(sign)}, options...)...)
}

// leaveOutEmpty takes parameters out that were not set: the generated code writes them as empty ones.
func leaveOutEmpty(target *url.URL) {
	query := target.Query()
	for name := range query {
		if query.Get(name) == "" {
			query.Del(name)
		}
	}
	target.RawQuery = query.Encode()
}

// NewKey is a fresh Idempotency-Key: one per intended effect.
func NewKey() string { return uuid.NewString() }

// Error is an answer that was not the expected one. Problem is nil when the answer was no problem document, as when a
// proxy in between answered.
type Error struct {
	Status  int
	Problem *Problem
}

// Error says what the API said, field errors included.
func (e *Error) Error() string {
	if e.Problem == nil {
		return fmt.Sprintf("api answered %d without a problem document", e.Status)
	}
	text := fmt.Sprintf("api answered %d %s: %s", e.Status, e.Problem.Title, e.Problem.Detail)
	fields := make([]string, 0, len(e.Problem.Errors))
	for _, field := range e.Problem.Errors {
		fields = append(fields, field.Field+": "+field.Detail)
	}
	if len(fields) > 0 {
		text += " (" + strings.Join(fields, "; ") + ")"
	}
	return text
}

// Check is nil for a status of the 200s, else an *Error: Check(r.StatusCode(), r.ApplicationProblemJSONDefault).
func Check(status int, problem *Problem) error {
	if status >= 200 && status < 300 {
		return nil
	}
	return &Error{Status: status, Problem: problem}
}
