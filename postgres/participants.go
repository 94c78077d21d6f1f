package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Participant is a participant as it is recorded.
type Participant struct {
	city.Participant
	StateReason string // why it was rejected or suspended
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ParticipantFilter narrows a list; empty fields ask for nothing.
type ParticipantFilter struct {
	State    city.ParticipantState
	Kind     city.Kind
	Ward     string
	Source   string
	NameLike string // similar by trigrams, or containing the text
}

const participantColumns = `city, id, kind, name, email_domain, address_id, operator, lon, lat, location_quality, ward, state,
	state_reason, origin, source, source_key, created_at, updated_at`

func scanParticipant(row pgx.CollectableRow) (Participant, error) {
	var p Participant
	var lon, lat *float64
	err := row.Scan(&p.City, &p.ID, &p.Kind, &p.Name, &p.EmailDomain, &p.AddressID, &p.Operator, &lon, &lat, &p.LocationQuality, &p.Ward,
		&p.State, &p.StateReason, &p.Origin, &p.Source, &p.SourceKey, &p.CreatedAt, &p.UpdatedAt)
	p.Point = point(lon, lat)
	return p, err
}

// InsertParticipant records a new participant, applied or active. One that exists, by id or by its source's key, is an
// ErrConflict.
func (s *Store) InsertParticipant(ctx context.Context, p city.Participant) error {
	lon, lat := coordinates(p.Point)
	err := s.q.InsertParticipant(ctx, gen.InsertParticipantParams{
		City: string(p.City), ID: string(p.ID), Kind: string(p.Kind), Name: p.Name, EmailDomain: p.EmailDomain,
		AddressID: p.AddressID, Operator: p.Operator, Lon: lon, Lat: lat, LocationQuality: string(p.LocationQuality), Ward: p.Ward,
		State: string(p.State), Origin: string(p.Origin), Source: p.Source, SourceKey: p.SourceKey,
	})
	return translate(fmt.Sprintf("record participant %s", p.ID), err)
}

// Participant reads one participant.
func (s *Store) Participant(ctx context.Context, id city.ID, participant city.ParticipantID) (Participant, error) {
	found, err := s.Participants(ctx, id, []city.ParticipantID{participant})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("read participant %s: %w", participant, ErrNotFound)
	}
	if err != nil {
		return Participant{}, err
	}
	return found[0], nil
}

// Participants reads those of the ids that exist, by id.
func (s *Store) Participants(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]Participant, error) {
	var q query
	q.equal("city", string(id))
	q.where = append(q.where, "id = ANY ("+q.arg(texts(ids))+")")
	items, err := list(ctx, s, &q, participantColumns, "participant", "id", len(ids), scanParticipant)
	return items, translate("read participants", err)
}

// ListParticipants reads a page, by id.
func (s *Store) ListParticipants(ctx context.Context, id city.ID, f ParticipantFilter, page Page) ([]Participant, string, error) {
	var q query
	q.equal("city", string(id))
	equalIfSet(&q, "state", f.State)
	equalIfSet(&q, "kind", f.Kind)
	equalIfSet(&q, "ward", f.Ward)
	equalIfSet(&q, "source", f.Source)
	if f.NameLike != "" {
		name := q.arg(f.NameLike)
		q.where = append(q.where, fmt.Sprintf("(name %% %s OR strpos(lower(name), lower(%s)) > 0)", name, name))
	}
	var after string
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("id", after)
	items, err := list(ctx, s, &q, participantColumns, "participant", "id", page.limit()+1, scanParticipant)
	items, next := paged(items, page, func(p Participant) string { return cursor(p.ID) })
	return items, next, translate("list participants", err)
}

// TransitionParticipant moves a participant to a state; one that is there already is a success. A StateError names the
// state that is in the way.
func (s *Store) TransitionParticipant(
	ctx context.Context, id city.ID, participant city.ParticipantID, to city.ParticipantState, reason string,
) (Participant, error) {
	err := s.write(ctx, fmt.Sprintf("move participant %s to %s", participant, to), func(_ pgx.Tx, q *gen.Queries) error {
		return moveParticipant(ctx, q, id, participant, to, reason)
	})
	if err != nil {
		return Participant{}, err
	}
	return s.Participant(ctx, id, participant)
}

func moveParticipant(ctx context.Context, q *gen.Queries, id city.ID, participant city.ParticipantID, to city.ParticipantState, reason string) error {
	state, err := q.ParticipantStateForUpdate(ctx, gen.ParticipantStateForUpdateParams{City: string(id), ID: string(participant)})
	if err != nil || state == string(to) {
		return err
	}
	if !city.ParticipantTransitions().Allows(city.ParticipantState(state), to) {
		return &StateError{Subject: "participant " + string(participant), State: state, Wanted: string(to)}
	}
	if to == city.ParticipantRejected {
		if err := nothingPromised(ctx, q, id, participant); err != nil {
			return err
		}
	}
	return q.SetParticipantState(ctx, gen.SetParticipantStateParams{
		City: string(id), ID: string(participant), State: string(to), StateReason: reason,
	})
}

// nothingPromised refuses to reject a participant while a match under way holds something of it.
func nothingPromised(ctx context.Context, q *gen.Queries, id city.ID, participant city.ParticipantID) error {
	promised, err := q.SomethingPromised(ctx, gen.SomethingPromisedParams{City: string(id), Holder: string(participant)})
	if err == nil && promised {
		err = &StateError{Subject: "participant " + string(participant), State: underWay, Wanted: "rejection"}
	}
	return err
}

// underWay is what keeps a participant from being rejected.
const underWay = "part of matches under way: cancel them first"

// LocateParticipant writes where a participant is, and how well that is known.
func (s *Store) LocateParticipant(
	ctx context.Context, id city.ID, participant city.ParticipantID, at *city.Point, quality city.LocationQuality, ward string,
) error {
	lon, lat := coordinates(at)
	rows, err := s.q.LocateParticipant(ctx, gen.LocateParticipantParams{
		City: string(id), ID: string(participant), Lon: lon, Lat: lat, LocationQuality: string(quality), Ward: ward,
	})
	return found(fmt.Sprintf("locate participant %s", participant), rows, err)
}

// ParticipantCounts counts a city's participants by state.
func (s *Store) ParticipantCounts(ctx context.Context, id city.ID) (map[city.ParticipantState]int64, error) {
	rows, err := s.q.ParticipantCounts(ctx, string(id))
	counts := make(map[city.ParticipantState]int64, len(rows))
	for _, row := range rows {
		counts[city.ParticipantState(row.State)] = row.Participants
	}
	return counts, translate("count participants", err)
}
