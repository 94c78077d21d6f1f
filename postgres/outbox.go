package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// OutboxMessage announces a change of a participant, listing or match. The database writes it in the transaction of
// the change. Topic is the kind of subject; Payload holds its id and state.
type OutboxMessage struct {
	ID        int64
	City      city.ID
	Topic     string
	Payload   json.RawMessage
	CreatedAt time.Time // wall time
}

// PendingOutbox reads what was not published yet, in order of writing. A message may appear after one with a higher id,
// because transactions end in any order: go by what is pending, not by the last id seen.
func (s *Store) PendingOutbox(ctx context.Context, limit int) ([]OutboxMessage, error) {
	rows, err := s.q.PendingOutbox(ctx, int32(limit))
	if err != nil {
		return nil, translate("read the outbox", err)
	}
	messages := make([]OutboxMessage, len(rows))
	for i, row := range rows {
		messages[i] = OutboxMessage{
			ID: row.ID, City: city.ID(row.City), Topic: row.Topic, Payload: row.Payload, CreatedAt: row.CreatedAt,
		}
	}
	return messages, nil
}

// MarkPublished records that messages went out.
func (s *Store) MarkPublished(ctx context.Context, ids []int64) error {
	_, err := s.q.MarkPublished(ctx, ids)
	return translate("mark messages as published", err)
}
