package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ConfirmRef names a request to a listing's holder. It is the input of the workflow ConfirmListing.
type ConfirmRef struct {
	City    city.ID        `json:"city"`
	Listing city.ListingID `json:"listing"`
	Request string         `json:"request"`
}

// AskHolderInput says up to when the workflow has waited, by the server's clock, or that it waits no longer.
type AskHolderInput struct {
	ConfirmRef
	Waited  time.Time `json:"waited"`
	GivenUp bool      `json:"given_up,omitempty"` // an operator cancelled it, or a step failed for good
}

// ConfirmView is what the workflow needs to know of a request.
type ConfirmView struct {
	Listing city.ListingState `json:"listing"`
	Outcome string            `json:"outcome,omitempty"` // confirmed, denied, silent or overtaken; empty while it is open
	Next    Deadline          `json:"next"`              // while it is open
}

// ConfirmStore is what asking a holder needs of the database.
type ConfirmStore interface {
	Listing(ctx context.Context, id city.ID, listing city.ListingID) (postgres.Listing, error)
	ConfirmationRequest(ctx context.Context, id city.ID, request string) (postgres.ConfirmationRequest, error)
	CloseConfirmationRequest(ctx context.Context, id city.ID, request, outcome string) error
	TransitionListing(ctx context.Context, id city.ID, listing city.ListingID, to city.ListingState) (postgres.Listing, error)
}

// Confirmations asks holders whether their unconfirmed listings are still there. The answer itself is written by the API,
// over a link or with a key: here it is only seen.
type Confirmations struct {
	Store  ConfirmStore
	Cities *Cities
	Teller *Teller
	Now    func() time.Time
}

// AskHolder does whatever is due for a request: it asks, reminds at half-time, and closes the request at its deadline. All
// of it follows from what is recorded and the city clock, so that asking twice changes nothing.
func (c *Confirmations) AskHolder(ctx context.Context, in AskHolderInput) (ConfirmView, error) {
	view, err := c.ask(ctx, in)
	return view, classify(err)
}

func (c *Confirmations) ask(ctx context.Context, in AskHolderInput) (ConfirmView, error) {
	r, err := c.Store.ConfirmationRequest(ctx, in.City, in.Request)
	if err != nil {
		return ConfirmView{}, err
	}
	l, err := c.Store.Listing(ctx, in.City, r.Listing)
	if err != nil {
		return ConfirmView{}, err
	}
	t, err := c.Cities.of(ctx, in.City)
	if err != nil {
		return ConfirmView{}, err
	}
	wall := c.Now()
	if in.Waited.After(wall) {
		wall = in.Waited
	}
	now := t.clock.Now(wall)
	half := r.AskedAt.Add(r.ExpiresAt.Sub(r.AskedAt) / 2)
	switch {
	case r.Outcome != "":
		return ConfirmView{Listing: l.State, Outcome: r.Outcome}, nil
	case l.State != city.ListingUnconfirmed || in.GivenUp:
		return c.close(ctx, r, "overtaken")
	case !now.Before(r.ExpiresAt):
		return c.silent(ctx, r)
	}
	note := postgres.Announcement{
		City: in.City, Key: fmt.Sprintf("listing:%s:%s:asked", l.ID, r.ID), Event: city.NoticeListingAsked, Kind: "listing",
		Subject: string(l.ID), Participants: []city.ParticipantID{l.Holder},
	}
	view := ConfirmView{Listing: l.State, Next: Deadline{StepRemind, t.wall(half)}}
	if !now.Before(half) {
		note.Key, note.Event = fmt.Sprintf("listing:%s:%s:reminder", l.ID, r.ID), city.NoticeListingReminder
		view.Next = Deadline{StepExpire, t.wall(r.ExpiresAt)}
	}
	return view, c.Teller.tell(ctx, note)
}

// silent ends a request that nobody answered. An answer may arrive in the same moment: whoever writes first, counts.
func (c *Confirmations) silent(ctx context.Context, r postgres.ConfirmationRequest) (ConfirmView, error) {
	if r.IfSilent == city.ExpireIfSilent {
		_, err := c.Store.TransitionListing(ctx, r.City, r.Listing, city.ListingExpired)
		if err != nil && !errors.Is(err, postgres.ErrConflict) {
			return ConfirmView{}, err
		}
	}
	return c.close(ctx, r, "silent")
}

// close closes a request, unless an answer did so first, and says how it stands then.
func (c *Confirmations) close(ctx context.Context, r postgres.ConfirmationRequest, outcome string) (ConfirmView, error) {
	if err := c.Store.CloseConfirmationRequest(ctx, r.City, r.ID, outcome); err != nil {
		return ConfirmView{}, err
	}
	r, err := c.Store.ConfirmationRequest(ctx, r.City, r.ID)
	if err != nil {
		return ConfirmView{}, err
	}
	l, err := c.Store.Listing(ctx, r.City, r.Listing)
	return ConfirmView{Listing: l.State, Outcome: r.Outcome}, err
}
