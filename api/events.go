package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
)

// maxListeners is how many streams one process serves.
const maxListeners = 4000

// FollowEvents sends the city's events as they happen (Server-Sent Events), from where the caller left off.
func (s *server) FollowEvents(ctx context.Context, request wire.FollowEventsRequestObject) (wire.FollowEventsResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	oldest, newest, err := s.store.EventRange(ctx)
	if err != nil {
		return nil, err
	}
	from, err := resumeAt(p.LastEventID, p.After, oldest, newest)
	if err != nil {
		return nil, err
	}
	if s.listeners.Add(1) > maxListeners {
		s.listeners.Add(-1)
		return nil, &problem{kind: rateLimited, detail: "this process has no more room for listeners; another one may", retry: 10 * time.Second}
	}
	feed, leave, err := s.live.join(ctx, caller.City)
	if err != nil {
		s.listeners.Add(-1)
		return nil, err
	}
	s.metrics.Listeners.Inc()
	return &eventStream{
		ctx: ctx, server: s, caller: caller, feed: feed, position: from,
		leave: func() { leave(); s.listeners.Add(-1); s.metrics.Listeners.Dec() },
	}, nil
}

// resumeAt is the position from which a stream begins: behind the last event that the client got, else from now on. A
// browser repeats the address with which it began and adds the header, so the header goes first.
func resumeAt(header, query string, oldest, newest int64) (int64, error) {
	name, text := "Last-Event-ID", header
	if text == "" {
		name, text = "after", query
	}
	if text == "" {
		return newest, nil
	}
	position, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || position < 0 || strconv.FormatInt(position, 10) != text:
		return 0, invalidRequest.field(name,
			"%.40q is no event's id: want the id of the last event that you got, a whole number from %d to %d, or 0 for all that are kept",
			text, max(oldest-1, 0), newest)
	case position > newest:
		return 0, invalidRequest.field(name, "there is no event %d yet: want at most %d, the newest; leave it out to begin now", position, newest)
	case position == 0:
		return max(oldest-1, 0), nil
	case position < oldest-1:
		return 0, eventsGone.because("the events behind %d are no longer kept: read what you show anew, then begin without an id, or after %d", position, oldest-1)
	}
	return position, nil
}

// writeTime is how long a client may take to accept what is sent.
const writeTime = 10 * time.Second

// eventStream is one client's stream. It is the answer to its request.
type eventStream struct {
	ctx      context.Context //nolint:containedctx // of the request that it answers
	server   *server
	caller   Caller
	feed     *feed
	position int64
	leave    func()

	w       http.ResponseWriter
	control *http.ResponseController
}

// VisitFollowEventsResponse sends events until the client leaves, is too slow, loses its key, or the process stops.
func (e *eventStream) VisitFollowEventsResponse(w http.ResponseWriter) error {
	defer e.leave()
	e.w, e.control = w, http.NewResponseController(w)
	_ = e.control.SetReadDeadline(time.Time{}) // a stream outlives a request's time
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would collect them
	w.WriteHeader(http.StatusOK)
	err := e.send(fmt.Appendf(nil, "retry: 2000\nid: %d\n\n", e.position))
	if err == nil {
		err = e.run()
	}
	var end cut
	if errors.As(err, &end) {
		_ = e.send(end.frame(e.position)) // the last words, if the client still reads
	}
	return nil // the status is sent: whoever left has left
}

func (e *eventStream) run() error {
	beats := time.NewTicker(e.server.config.Heartbeat)
	defer beats.Stop()
	listening := false
	for {
		events, changed, covered := e.feed.after(e.position)
		switch {
		case !covered && listening:
			return cutSlow
		case !covered:
			if err := e.catchUp(); err != nil {
				return err
			}
			continue
		case len(events) > 0:
			listening = true
			if err := e.sendAll(events); err != nil {
				return err
			}
			continue
		}
		listening = true
		select {
		case <-changed:
		case <-beats.C:
			if err := e.beat(); err != nil {
				return err
			}
		case <-e.server.live.stopping:
			return cutStopping
		case <-e.ctx.Done():
			return e.ctx.Err()
		}
	}
}

// catchUp sends a page of what happened before the feed began.
func (e *eventStream) catchUp() error {
	begins := e.feed.begins() // before the page is read, which therefore has all that came until then
	events, last, err := e.server.live.history(e.ctx, e.caller.City, e.position)
	if err != nil {
		e.server.logger.WarnContext(e.ctx, "a listener cannot catch up", "error", err)
		return cutAway
	}
	page := make([]heard, len(events))
	for i, event := range events {
		page[i] = heard{event, frame(event)}
	}
	if err := e.sendAll(page); err != nil {
		return err
	}
	if last {
		e.position = max(e.position, begins)
	}
	return nil
}

// sendAll sends those of events that the caller may see, in one go, and moves on behind all of them.
func (e *eventStream) sendAll(events []heard) error {
	var frames []byte
	for _, event := range events {
		if e.caller.seesAll() || event.Concerns(e.caller.Participant) {
			frames = append(frames, event.frame...)
		}
	}
	if len(frames) > 0 {
		if err := e.send(frames); err != nil {
			return err
		}
	}
	if len(events) > 0 {
		e.position = events[len(events)-1].Position
	}
	return nil
}

// beat says that the stream lives, and ends it when the key does. An id without data moves the client's last id on, so that
// one to whom little is visible resumes near the present.
func (e *eventStream) beat() error {
	if ended, err := e.server.keyEnded(e.ctx, e.caller); err == nil && ended {
		return cutKey
	}
	return e.send(fmt.Appendf(nil, ": alive\nid: %d\n\n", e.position))
}

func (e *eventStream) send(text []byte) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := e.w.Write(text); err != nil {
		return err
	}
	return e.control.Flush()
}

// keyEnded reports whether the caller's key was revoked or has expired since the stream began.
func (s *server) keyEnded(ctx context.Context, caller Caller) (bool, error) {
	keys, err := s.store.ListKeys(ctx, caller.City)
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		if key.ID == caller.Key {
			return key.RevokedAt != nil || (key.ExpiresAt != nil && key.ExpiresAt.Before(time.Now())), nil
		}
	}
	return true, nil
}
