package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Event announces a change of a participant, listing or match, or how far a run or import is. The database writes it in the transaction of the change;
// NumberEvents gives it its Position, and with that its place in one order that all consumers see: dense, from 1, and
// for each subject the order of its changes. Topic is the kind of subject; Payload holds its id and state.
type Event struct {
	Position  int64
	City      city.ID
	Topic     string
	Payload   json.RawMessage
	CreatedAt time.Time // wall time
}

// eventsNumbered is the channel on which NumberEvents tells that there is something to read.
const eventsNumbered = "crg_events_numbered"

// NumberEvents gives at most limit committed events their positions and answers how many. Of any number of relays at
// once one does it; the others get 0.
func (s *Store) NumberEvents(ctx context.Context, limit int) (int, error) {
	waiting, err := s.q.EventsWait(ctx) // the lock below is written to disk, so it is not taken for nothing
	if err != nil || !waiting {
		return 0, translate("look for new events", err)
	}
	var numbered int64
	err = s.write(ctx, "number events", func(tx pgx.Tx, q *gen.Queries) error {
		head, err := q.LockOutboxHead(ctx)
		if errors.Is(err, pgx.ErrNoRows) { // another relay is at it
			return nil
		}
		if err != nil {
			return err
		}
		// A statement of its own, so that it sees what the last holder of the lock numbered.
		numbered, err = q.NumberEvents(ctx, gen.NumberEventsParams{Head: head, PageLimit: int32(limit)})
		if err != nil || numbered == 0 {
			return err
		}
		if err := q.MoveOutboxHead(ctx, head+numbered); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT pg_notify($1, '')", eventsNumbered)
		return err
	})
	return int(numbered), err
}

// EventsAfter reads at most limit events behind a position, in order. Fewer than limit are all there are.
func (s *Store) EventsAfter(ctx context.Context, position int64, limit int) ([]Event, error) {
	rows, err := s.q.EventsAfter(ctx, gen.EventsAfterParams{After: position, PageLimit: int32(limit)})
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = Event{
			Position: row.Position, City: city.ID(row.City), Topic: row.Topic, Payload: row.Payload, CreatedAt: row.CreatedAt,
		}
	}
	return events, translate("read events", err)
}

// EventRange is what can be read: from the oldest event that was not dropped to the newest that has a position. It is
// empty when newest is oldest - 1.
func (s *Store) EventRange(ctx context.Context) (oldest, newest int64, err error) {
	// In this order: what is numbered in between makes the range longer, never empty.
	if oldest, err = s.q.OldestEvent(ctx); err == nil {
		newest, err = s.q.OutboxHead(ctx)
	}
	return oldest, newest, translate("read the range of events", err)
}

// Cursor is the position of the last event that a consumer has read, 0 when it has read none.
func (s *Store) Cursor(ctx context.Context, consumer string) (int64, error) {
	position, err := s.q.OutboxCursor(ctx, consumer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return position, translate("read the cursor of "+consumer, err)
}

// MoveCursor records that a consumer has read on. It is an ErrConflict when the cursor is not at from (another process
// moved it meanwhile), or when no event has the position to yet.
func (s *Store) MoveCursor(ctx context.Context, consumer string, from, to int64) error {
	doing := "move the cursor of " + consumer
	if to < from || from < 0 {
		return fmt.Errorf("%s from %d to %d: want 0 <= from <= to: %w", doing, from, to, ErrInvalid)
	}
	moved, err := s.q.MoveOutboxCursor(ctx, gen.MoveOutboxCursorParams{Consumer: consumer, Origin: from, Destination: to})
	if err == nil && moved == 0 {
		err = fmt.Errorf("it is not at %d, or nothing has the number %d yet: %w", from, to, ErrConflict)
	}
	return translate(doing, err)
}

// DropEvents deletes at most limit events, the oldest first, and answers how many: those written before the wall time
// before that every consumer has read, and those written before unread, whoever has not. A consumer is whoever moved a
// cursor; one that starts later, or finds that events behind its cursor are gone, begins with the tables.
func (s *Store) DropEvents(ctx context.Context, before, unread time.Time, limit int) (int, error) {
	dropped, err := s.q.DropEvents(ctx, gen.DropEventsParams{Before: before, Unread: unread, PageLimit: int32(limit)})
	return int(dropped), translate("drop old events", err)
}
