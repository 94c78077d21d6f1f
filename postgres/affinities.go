package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Affinity is how far the graph trusts that two participants get on, in thousandths.
type Affinity struct {
	Giver, Receiver city.ParticipantID
	Permille        int32
}

// ReplaceAffinities keeps what the graph found between givers and receivers, as it was at a position of the outbox,
// instead of what it found between them before.
func (s *Store) ReplaceAffinities(
	ctx context.Context, id city.ID, position int64, givers, receivers []city.ParticipantID, affinities []Affinity,
) error {
	p := gen.InsertAffinitiesParams{City: string(id)}
	for _, a := range affinities {
		p.Givers, p.Receivers = append(p.Givers, string(a.Giver)), append(p.Receivers, string(a.Receiver))
		p.Permilles = append(p.Permilles, a.Permille)
	}
	return s.write(ctx, "keep the affinities", func(_ pgx.Tx, q *gen.Queries) error {
		if err := q.DeleteAffinities(ctx, gen.DeleteAffinitiesParams{City: p.City, Givers: texts(givers), Receivers: texts(receivers)}); err != nil {
			return err
		}
		if err := q.InsertAffinities(ctx, p); err != nil {
			return err
		}
		return q.SetAffinityState(ctx, gen.SetAffinityStateParams{City: p.City, Position: position})
	})
}

// Affinities are those kept last, by giver and receiver, and the city time at which they were found; nil when none ever
// were.
func (s *Store) Affinities(ctx context.Context, id city.ID) ([]Affinity, *time.Time, error) {
	state, err := s.q.AffinityState(ctx, string(id))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, translate("read the state of affinities", err)
	}
	rows, err := s.q.Affinities(ctx, string(id))
	affinities := make([]Affinity, len(rows))
	for i, row := range rows {
		affinities[i] = Affinity{Giver: city.ParticipantID(row.Giver), Receiver: city.ParticipantID(row.Receiver), Permille: row.Permille}
	}
	return affinities, &state.AsOf, translate("read affinities", err)
}
