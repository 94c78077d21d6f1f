package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// NoticeStore is what the delivery of notices needs of the database.
type NoticeStore interface {
	DueNotices(ctx context.Context, id city.ID, limit int) ([]postgres.DueNotice, error)
	NextNotice(ctx context.Context, id city.ID) (wait time.Duration, pending bool, err error)
	ClaimNotice(ctx context.Context, n postgres.Notice, lease time.Duration) (bool, error)
	HoldNotice(ctx context.Context, n postgres.Notice, until time.Time) error
	RecordAttempt(ctx context.Context, n postgres.Notice, a postgres.Attempt, becomes city.NoticeState, due time.Time) error
	SuppressNotice(ctx context.Context, n postgres.Notice, reason string) error
	EndContact(ctx context.Context, id city.ID, contact, reason string) error
	Match(ctx context.Context, id city.ID, match city.MatchID) (postgres.Match, error)
	Participant(ctx context.Context, id city.ID, participant city.ParticipantID) (postgres.Participant, error)
	Documents(ctx context.Context, id city.ID, participant city.ParticipantID) ([]postgres.Document, error)
	Listing(ctx context.Context, id city.ID, listing city.ListingID) (postgres.Listing, error)
	OpenConfirmationRequest(ctx context.Context, id city.ID, listing city.ListingID) (postgres.ConfirmationRequest, error)
}

// Notices delivers notices.
type Notices struct {
	Store   NoticeStore
	Cities  *Cities
	Senders map[city.Channel]notices.Sender // a channel without one is not served
	Links   notices.Links
	Now     func() time.Time
}

// Delivered counts what a delivery did. Notices are told apart by nothing else here: who is told what stays in the
// database.
type Delivered struct {
	Sent       int `json:"sent"`
	Retried    int `json:"retried"` // tried without success, and due again later
	Failed     int `json:"failed"`
	Suppressed int `json:"suppressed"`
	Held       int `json:"held"` // until quiet hours end, or because too many went out lately

	Pending bool          `json:"pending"`        // whether something is left
	Wait    time.Duration `json:"wait,omitempty"` // until it is due
}

const (
	noticePage = 100
	together   = 8 // contacts that are served at a time
	// noticeLease is for how long an attempt is its maker's: longer than any sender takes.
	noticeLease = 2 * time.Minute
	// mostAnHour is how many notices a contact gets within an hour; the rest waits. No person reads more, and a webhook
	// whose owner answers each notice with a change that causes the next one goes round slowly instead of as fast as it can.
	mostAnHour = 200
	crowded    = 10 * time.Minute
)

// DeliverNotices sends whatever is due in a city and says when the next attempt is. Notices to one contact go out one
// after the other. A repeated attempt goes on: what was sent is settled, and what an attempt died in is tried again when
// its lease has ended. So a notice may arrive twice, under the same id.
func (n *Notices) DeliverNotices(ctx context.Context, ref CityRef) (Delivered, error) {
	defer beating(ctx)()
	done, err := n.deliver(ctx, ref.City)
	return done, classify(err)
}

func (n *Notices) deliver(ctx context.Context, id city.ID) (Delivered, error) {
	t, err := n.Cities.of(ctx, id)
	if err != nil {
		return Delivered{}, err
	}
	var done Delivered
	for {
		due, err := n.Store.DueNotices(ctx, id, noticePage)
		if err != nil {
			return done, err
		}
		if len(due) == 0 {
			break
		}
		if err := n.page(ctx, t, due, &done); err != nil {
			return done, err
		}
	}
	wait, pending, err := n.Store.NextNotice(ctx, id)
	done.Pending, done.Wait = pending, max(wait, 0)
	return done, err
}

// page serves a page of notices, contacts side by side.
func (n *Notices) page(ctx context.Context, t terms, due []postgres.DueNotice, done *Delivered) error {
	of := map[string][]postgres.DueNotice{}
	var contacts []string
	for _, notice := range due {
		if of[notice.Contact] == nil {
			contacts = append(contacts, notice.Contact)
		}
		of[notice.Contact] = append(of[notice.Contact], notice)
	}
	group, side := errgroup.WithContext(ctx)
	group.SetLimit(together)
	parts := make([]Delivered, len(contacts))
	for i, contact := range contacts {
		group.Go(func() error {
			sent := of[contact][0].SentLately
			for _, notice := range of[contact] {
				notice.SentLately = sent + int64(parts[i].Sent)
				if err := n.one(side, t, notice, &parts[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	for _, part := range parts {
		done.Sent += part.Sent
		done.Retried += part.Retried
		done.Failed += part.Failed
		done.Suppressed += part.Suppressed
		done.Held += part.Held
	}
	return err
}

// one sends a notice, unless there is a reason not to, or not now.
func (n *Notices) one(ctx context.Context, t terms, due postgres.DueNotice, done *Delivered) error {
	facts, overtaken, err := n.facts(ctx, t, due.Notice)
	if err != nil {
		return err
	}
	sender := n.Senders[due.Channel]
	if sender == nil {
		overtaken = fmt.Sprintf("this installation sends nothing by %s", due.Channel)
	}
	if overtaken != "" {
		done.Suppressed++
		return n.Store.SuppressNotice(ctx, due.Notice, overtaken)
	}
	quiet := notices.Quiet{From: due.QuietFrom, Until: due.QuietUntil}
	if ends, now := quiet.Ends(t.local(n.Now())); now {
		done.Held++
		return n.Store.HoldNotice(ctx, due.Notice, t.wall(ends))
	}
	if due.SentLately >= mostAnHour {
		done.Held++
		return n.Store.HoldNotice(ctx, due.Notice, n.Now().Add(crowded))
	}
	text, err := notices.Write(due.Event, facts)
	if err != nil {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	claimed, err := n.Store.ClaimNotice(ctx, due.Notice, noticeLease)
	if err != nil || !claimed {
		return err
	}
	sent := sender.Send(ctx, notices.Message{
		ID: due.ID, City: due.City, Event: due.Event, Kind: due.Kind, Subject: due.Subject, Address: due.Address,
		Secret: due.Secret, CreatedAt: due.CreatedAt, Text: text,
	})
	if sent != nil && ctx.Err() != nil {
		return ctx.Err() // told to stop; the lease brings it back
	}
	return n.record(ctx, due.Notice, sent, done)
}

func (n *Notices) record(ctx context.Context, notice postgres.Notice, sent error, done *Delivered) error {
	attempt := postgres.Attempt{N: notice.Attempts + 1, Outcome: "sent"}
	switch {
	case sent == nil:
		done.Sent++
		return n.Store.RecordAttempt(ctx, notice, attempt, city.NoticeSent, n.Now())
	case errors.Is(sent, notices.ErrRefused), attempt.N >= notices.Attempts:
		done.Failed++
		attempt.Outcome, attempt.Detail = "failed", shorten(sent.Error())
		err := n.Store.RecordAttempt(ctx, notice, attempt, city.NoticeFailed, n.Now())
		if err == nil && errors.Is(sent, notices.ErrGone) {
			err = n.Store.EndContact(ctx, notice.City, notice.Contact, "the address says that it is gone")
		}
		return err
	}
	done.Retried++
	attempt.Outcome, attempt.Detail = "retry", shorten(sent.Error())
	return n.Store.RecordAttempt(ctx, notice, attempt, city.NoticePending, n.Now().Add(notices.Pause(attempt.N, sent)))
}

// shorten keeps what a foreign server says from filling the database.
func shorten(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
