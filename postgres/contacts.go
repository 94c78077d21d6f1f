package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Contact is how somebody is reached: a participant, or a person of the city. Times are wall time.
type Contact struct {
	City        city.ID
	ID          string
	Participant city.ParticipantID // or
	Actor       string             // a person of the city, as decisions name it
	Channel     city.Channel
	Address     string
	Secret      string // of a webhook
	QuietFrom   int    // minutes after midnight in the city's time zone; equal to QuietUntil: no quiet hours
	QuietUntil  int
	Events      []city.NoticeEvent // empty: all
	CreatedAt   time.Time
	EndedAt     *time.Time
	EndedReason string
}

// ContactFilter narrows a list; empty fields ask for nothing.
type ContactFilter struct {
	Participant city.ParticipantID
	Actor       string
}

const contactColumns = `city, id, coalesce(participant, ''), coalesce(actor, ''), channel, address, secret, quiet_from, quiet_until,
	events, created_at, ended_at, ended_reason`

func scanContact(row pgx.CollectableRow) (Contact, error) {
	var c Contact
	var events []string
	err := row.Scan(&c.City, &c.ID, &c.Participant, &c.Actor, &c.Channel, &c.Address, &c.Secret, &c.QuietFrom, &c.QuietUntil,
		&events, &c.CreatedAt, &c.EndedAt, &c.EndedReason)
	c.Events = words[city.NoticeEvent](events)
	return c, err
}

// AddContact records a contact. The same one twice is a success; another one under its id is an ErrConflict.
func (s *Store) AddContact(ctx context.Context, c Contact) error {
	rows, err := s.q.InsertContact(ctx, gen.InsertContactParams{
		City: string(c.City), ID: c.ID, Participant: optional(string(c.Participant)), Actor: optional(c.Actor),
		Channel: string(c.Channel), Address: c.Address, Secret: c.Secret, QuietFrom: int16(c.QuietFrom),
		QuietUntil: int16(c.QuietUntil), Events: texts(c.Events),
	})
	doing := fmt.Sprintf("record contact %s", c.ID)
	if err != nil || rows == 1 {
		return translate(doing, err)
	}
	there, err := s.Contact(ctx, c.City, c.ID)
	if err == nil && (there.Participant != c.Participant || there.Actor != c.Actor || there.Channel != c.Channel || there.Address != c.Address) {
		err = fmt.Errorf("%s: it exists with other content: %w", doing, ErrConflict)
	}
	return err
}

// Contact reads one contact, ended ones too.
func (s *Store) Contact(ctx context.Context, id city.ID, contact string) (Contact, error) {
	var q query
	q.equal("city", string(id))
	q.equal("id", contact)
	found, err := list(ctx, s, &q, contactColumns, "contact", "id", 1, scanContact)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Contact{}, translate("read contact "+contact, err)
	}
	return found[0], nil
}

// ListContacts reads a page of those in use, by id.
func (s *Store) ListContacts(ctx context.Context, id city.ID, f ContactFilter, page Page) ([]Contact, string, error) {
	var q query
	q.equal("city", string(id))
	equalIfSet(&q, "participant", f.Participant)
	equalIfSet(&q, "actor", f.Actor)
	q.where = append(q.where, "ended_at IS NULL")
	var after string
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("id", after)
	items, err := list(ctx, s, &q, contactColumns, "contact", "id", page.limit()+1, scanContact)
	items, next := paged(items, page, func(c Contact) string { return cursor(c.ID) })
	return items, next, translate("list contacts", err)
}

// EndContact stops using a contact; what waits for it is not sent any more. One that ended before stays as it is.
func (s *Store) EndContact(ctx context.Context, id city.ID, contact, reason string) error {
	_, err := s.q.EndContact(ctx, gen.EndContactParams{City: string(id), ID: contact, Reason: reason})
	return translate("end contact "+contact, err)
}
