package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
)

// Announcements reads at most limit events behind a position with what listeners need to know of each; of one city, or of
// all when c is empty. Fewer than limit are all there are. Who is concerned never changes, so late readers see the same.
func (s *Store) Announcements(ctx context.Context, c city.ID, position int64, limit int) ([]city.Announcement, error) {
	q := &query{}
	q.after("o.position", position)
	equalIfSet(q, "o.city", c)
	found, err := list(ctx, s, q, announcementColumns, "outbox o", "o.position", limit, pgx.RowToStructByPos[city.Announcement])
	return found, translate("read announcements", err)
}

const announcementColumns = `o.position,
	coalesce((SELECT p.position FROM outbox p WHERE p.city = o.city AND p.position < o.position
	          ORDER BY p.position DESC LIMIT 1), 0),
	o.city, o.topic, o.payload,
	CASE o.topic
	    WHEN 'participant' THEN ARRAY[o.payload->>'id']
	    WHEN 'listing' THEN ARRAY(SELECT l.holder FROM listing l WHERE l.city = o.city AND l.id = o.payload->>'id')
	    WHEN 'match' THEN ARRAY(SELECT unnest(ARRAY[m.giver, m.receiver]) FROM match m
	                            WHERE m.city = o.city AND m.id = o.payload->>'id')
	    ELSE '{}'
	END,
	o.created_at`
