package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Announcement says who is told what. Everybody's contacts get a notice each, once for the key.
type Announcement struct {
	City         city.ID
	Key          string // subject and step: the same announcement twice has the same key
	Event        city.NoticeEvent
	Kind         string // of the subject: match, participant or listing
	Subject      string
	Participants []city.ParticipantID
	Actors       []string
	Roles        []city.Role // whoever has a key with one of them
	ButNot       []string    // actors who are not told, such as those who signed already
}

// Notice is what one contact is told. Times are wall time.
type Notice struct {
	City        city.ID
	ID          string
	Key         string
	Contact     string
	Participant city.ParticipantID // whose contact it is, or
	Actor       string
	Channel     city.Channel
	Event       city.NoticeEvent
	Kind        string
	Subject     string
	State       city.NoticeState
	Reason      string // why it failed or was suppressed, or why the last attempt did not succeed
	Attempts    int
	DueAt       time.Time
	CreatedAt   time.Time
	SettledAt   *time.Time
}

// DueNotice is a notice whose attempt is due, with what it takes to send it.
type DueNotice struct {
	Notice

	Address    string
	Secret     string
	QuietFrom  int
	QuietUntil int
	SentLately int64 // to the same contact within the last hour
}

// Attempt is one try to send a notice, numbered from 1.
type Attempt struct {
	N       int
	At      time.Time
	Outcome string // sent, retry or failed
	Detail  string
}

// Announce records a notice for each contact of the people named. It answers how many of them still have to be sent: also
// when the same was announced before, so that a repeated attempt wakes the delivery again.
func (s *Store) Announce(ctx context.Context, a Announcement) (pending int, err error) {
	n, err := s.q.AnnounceNotices(ctx, gen.AnnounceNoticesParams{
		City: string(a.City), Kind: a.Kind, Subject: a.Subject, Key: a.Key, Event: string(a.Event),
		Participants: texts(a.Participants), Actors: texts(a.Actors), Roles: texts(a.Roles), ButNot: texts(a.ButNot),
	})
	return int(n), translate("announce "+a.Key, err)
}

// DueNotices reads what should be sent now, longest due first.
func (s *Store) DueNotices(ctx context.Context, id city.ID, limit int) ([]DueNotice, error) {
	rows, err := s.q.DueNotices(ctx, gen.DueNoticesParams{City: string(id), PageLimit: int32(limit)})
	if err != nil {
		return nil, translate("read due notices", err)
	}
	due := make([]DueNotice, len(rows))
	for i, row := range rows {
		due[i] = DueNotice{
			Notice: Notice{
				City: id, ID: row.ID, Contact: row.Contact, Channel: city.Channel(row.Channel), Event: city.NoticeEvent(row.Event),
				Kind: row.Kind, Subject: row.Subject, State: city.NoticePending, Attempts: int(row.Attempts), CreatedAt: row.CreatedAt,
			},
			Address: row.Address, Secret: row.Secret, QuietFrom: int(row.QuietFrom), QuietUntil: int(row.QuietUntil),
			SentLately: row.SentLately,
		}
		if row.Participant != nil {
			due[i].Participant = city.ParticipantID(*row.Participant)
		}
	}
	return due, nil
}

// NextNotice says how long until the next attempt is due, zero or less when one is; false when nothing is pending.
func (s *Store) NextNotice(ctx context.Context, id city.ID) (wait time.Duration, pending bool, err error) {
	row, err := s.q.NextNotice(ctx, string(id))
	return time.Duration(row.Seconds * float64(time.Second)), row.Pending > 0, translate("read the next notice", err)
}

// ClaimNotice counts an attempt before it is made; false when somebody else made it meanwhile. Until the lease ends
// nobody else tries.
func (s *Store) ClaimNotice(ctx context.Context, n Notice, lease time.Duration) (bool, error) {
	rows, err := s.q.ClaimNotice(ctx, gen.ClaimNoticeParams{
		City: string(n.City), ID: n.ID, Attempts: int32(n.Attempts), LeaseSeconds: lease.Seconds(),
	})
	return rows == 1, translate("claim notice "+n.ID, err)
}

// HoldNotice puts a notice off without an attempt, for quiet hours.
func (s *Store) HoldNotice(ctx context.Context, n Notice, until time.Time) error {
	return translate("hold notice "+n.ID, s.q.HoldNotice(ctx, gen.HoldNoticeParams{City: string(n.City), ID: n.ID, DueAt: until}))
}

// RecordAttempt records how attempt n of a notice went and what becomes of the notice: sent, failed, or pending until due.
func (s *Store) RecordAttempt(ctx context.Context, n Notice, a Attempt, becomes city.NoticeState, due time.Time) error {
	return s.write(ctx, fmt.Sprintf("record attempt %d of notice %s", a.N, n.ID), func(_ pgx.Tx, q *gen.Queries) error {
		err := q.InsertNoticeAttempt(ctx, gen.InsertNoticeAttemptParams{
			City: string(n.City), Notice: n.ID, N: int32(a.N), Outcome: a.Outcome, Detail: a.Detail,
		})
		if err != nil {
			return err
		}
		_, err = q.SettleNotice(ctx, gen.SettleNoticeParams{
			City: string(n.City), ID: n.ID, State: string(becomes), Reason: a.Detail, DueAt: due,
		})
		return err
	})
}

// SuppressNotice settles a notice that is not sent on purpose.
func (s *Store) SuppressNotice(ctx context.Context, n Notice, reason string) error {
	_, err := s.q.SettleNotice(ctx, gen.SettleNoticeParams{
		City: string(n.City), ID: n.ID, State: string(city.NoticeSuppressed), Reason: reason, DueAt: n.CreatedAt,
	})
	return translate("suppress notice "+n.ID, err)
}

// RetryNotice makes a failed notice pending again. Another state is a StateError.
func (s *Store) RetryNotice(ctx context.Context, id city.ID, notice string) error {
	rows, err := s.q.RetryNotice(ctx, gen.RetryNoticeParams{City: string(id), ID: notice})
	if err != nil || rows == 1 {
		return translate("retry notice "+notice, err)
	}
	there, err := s.Notice(ctx, id, notice)
	if err == nil && there.State != city.NoticePending {
		err = &StateError{Subject: "notice " + notice, State: string(there.State), Wanted: "another attempt"}
	}
	return err
}

// NoticeFilter narrows a list; empty fields ask for nothing.
type NoticeFilter struct {
	Participant city.ParticipantID // whose contact it went to
	Actor       string
	State       city.NoticeState
	Kind        string
	Subject     string // with Kind
}

const noticeColumns = `n.city, n.id, n.key, n.contact, coalesce(c.participant, ''), coalesce(c.actor, ''), c.channel, n.event, n.kind,
	n.subject, n.state, n.reason, n.attempts, n.due_at, n.created_at, n.settled_at`

const noticeTables = "notice n JOIN contact c ON c.city = n.city AND c.id = n.contact"

// Notice reads one notice.
func (s *Store) Notice(ctx context.Context, id city.ID, notice string) (Notice, error) {
	var q query
	q.equal("n.city", string(id))
	q.equal("n.id", notice)
	found, err := list(ctx, s, &q, noticeColumns, noticeTables, "n.id", 1, pgx.RowToStructByPos[Notice])
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Notice{}, translate("read notice "+notice, err)
	}
	return found[0], nil
}

// ListNotices reads a page, oldest first.
func (s *Store) ListNotices(ctx context.Context, id city.ID, f NoticeFilter, page Page) ([]Notice, string, error) {
	var q query
	q.equal("n.city", string(id))
	equalIfSet(&q, "c.participant", f.Participant)
	equalIfSet(&q, "c.actor", f.Actor)
	equalIfSet(&q, "n.state", f.State)
	equalIfSet(&q, "n.kind", f.Kind)
	equalIfSet(&q, "n.subject", f.Subject)
	var at time.Time
	var after string
	if err := page.read(&at, &after); err != nil {
		return nil, "", err
	}
	q.after("n.created_at, n.id", at, after)
	items, err := list(ctx, s, &q, noticeColumns, noticeTables, "n.created_at, n.id", page.limit()+1, pgx.RowToStructByPos[Notice])
	items, next := paged(items, page, func(n Notice) string { return cursor(n.CreatedAt, n.ID) })
	return items, next, translate("list notices", err)
}

// Attempts reads the attempts at a notice in their order.
func (s *Store) Attempts(ctx context.Context, id city.ID, notice string) ([]Attempt, error) {
	rows, err := s.q.NoticeAttempts(ctx, gen.NoticeAttemptsParams{City: string(id), Notice: notice})
	attempts := make([]Attempt, len(rows))
	for i, row := range rows {
		attempts[i] = Attempt{N: int(row.N), At: row.At, Outcome: row.Outcome, Detail: row.Detail}
	}
	return attempts, translate("read attempts", err)
}

// NoticeCounts counts a city's notices by state.
func (s *Store) NoticeCounts(ctx context.Context, id city.ID) (map[city.NoticeState]int64, error) {
	rows, err := s.q.NoticeCounts(ctx, string(id))
	counts := make(map[city.NoticeState]int64, len(rows))
	for _, row := range rows {
		counts[city.NoticeState(row.State)] = row.Notices
	}
	return counts, translate("count notices", err)
}
