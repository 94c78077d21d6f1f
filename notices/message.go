package notices

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Message is a notice on its way to one address.
type Message struct {
	ID        string // the same in every attempt, so that a receiver can drop what it has seen
	City      city.ID
	Event     city.NoticeEvent
	Kind      string // of the subject: match, participant or listing
	Subject   string
	Address   string
	Secret    string // of a webhook
	CreatedAt time.Time
	Text      Text
}

// Sender brings a message to its address. An error that wraps ErrRefused stays what it is however often it is tried; all
// others may pass.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused marks what no later attempt mends: an address that does not exist, a target that says no.
var ErrRefused = errors.New("refused")

// ErrGone marks an address that asks never to be used again. It wraps ErrRefused.
var ErrGone = fmt.Errorf("%w: the address is gone", ErrRefused)

// LaterError is a failure whose other side says when to come back.
type LaterError struct {
	After time.Duration
	Cause error
}

// Error is the cause's message.
func (e *LaterError) Error() string { return e.Cause.Error() }

// Unwrap is the cause.
func (e *LaterError) Unwrap() error { return e.Cause }

// Attempts is how often a notice is tried before it has failed: with the pauses of Pause, for about 18 hours.
const Attempts = 12

// Pause is how long to wait after attempt n (the first is 1), in wall time: 30 s, doubled each time, at most 4 hours. A
// receiver that asks for more patience gets it, up to the same limit.
func Pause(n int, err error) time.Duration {
	const first, longest = 30 * time.Second, 4 * time.Hour
	pause := longest
	if n < 10 {
		pause = min(first<<max(n-1, 0), longest)
	}
	var later *LaterError
	if errors.As(err, &later) {
		pause = min(max(pause, later.After), longest)
	}
	return pause
}
