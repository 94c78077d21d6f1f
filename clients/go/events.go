package crgclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Event is a change as it was announced.
type Event struct {
	ID    string          `json:"id"`    // resume behind it; a larger number came later
	Topic string          `json:"event"` // kind of subject: participant, listing, match, run, import
	Data  json.RawMessage `json:"data"`  // its id, state and the wall time of the change
}

// resumeAfter is how long Follow waits before it connects again.
const resumeAfter = 2 * time.Second

// Follow hands each event behind after to take, in order and once; an empty after begins now, "0" at the oldest that is
// kept. When the connection breaks or the server cuts it, Follow resumes. It ends with ctx, with the error of take, or
// when the server refuses (*Error).
func (c *ClientWithResponses) Follow(ctx context.Context, after string, take func(Event) error) error {
	for {
		err := c.followOnce(ctx, &after, take)
		var refused *Error
		var taken takeError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &taken):
			return taken.error
		case errors.As(err, &refused) && refused.Status < http.StatusInternalServerError && refused.Status != http.StatusTooManyRequests:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(resumeAfter):
		}
	}
}

// takeError carries an error of the caller's through.
type takeError struct{ error }

func (c *ClientWithResponses) followOnce(ctx context.Context, after *string, take func(Event) error) error {
	response, err := c.FollowEvents(ctx, &FollowEventsParams{LastEventID: *after})
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		parsed, err := ParseFollowEventsResponse(response)
		if err != nil {
			return err
		}
		return Check(parsed.StatusCode(), parsed.ApplicationProblemJSONDefault)
	}
	var event Event
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			if event.Data != nil && event.Topic != "cut" {
				if err := take(event); err != nil {
					return takeError{err}
				}
			}
			if event.ID != "" {
				*after = event.ID
			}
			event = Event{}
		case field == "id":
			event.ID = value
		case field == "event":
			event.Topic = value
		case field == "data":
			event.Data = json.RawMessage(value)
		}
	}
	return lines.Err()
}
