-- name: EventsWait :one
SELECT EXISTS (SELECT FROM outbox WHERE position IS NULL);

-- name: LockOutboxHead :one
SELECT position FROM outbox_head FOR UPDATE SKIP LOCKED;

-- name: NumberEvents :execrows
WITH unnumbered AS (
    SELECT u.id FROM outbox u WHERE u.position IS NULL ORDER BY u.id LIMIT sqlc.arg('page_limit')
), numbered AS (
    SELECT u.id, row_number() OVER (ORDER BY u.id) AS n FROM unnumbered u
)
UPDATE outbox o SET position = n.n + sqlc.arg('head')::bigint FROM numbered n WHERE o.id = n.id;

-- name: MoveOutboxHead :exec
UPDATE outbox_head SET position = @head;

-- name: OutboxHead :one
SELECT position FROM outbox_head;

-- name: EventsAfter :many
SELECT position::bigint AS position, city, topic, payload, created_at FROM outbox
WHERE position > @after::bigint ORDER BY position LIMIT @page_limit;

-- name: OldestEvent :one
-- One above the head when the outbox is empty.
SELECT coalesce((SELECT min(position) FROM outbox), (SELECT position + 1 FROM outbox_head))::bigint;

-- name: OutboxCursor :one
SELECT position FROM outbox_cursor WHERE consumer = @consumer;

-- name: MoveOutboxCursor :execrows
-- From 0 the cursor may not exist yet. Nobody has read what was not numbered.
INSERT INTO outbox_cursor AS c (consumer, position)
SELECT @consumer::text, @destination::bigint
WHERE @destination::bigint <= (SELECT position FROM outbox_head)
  AND (@origin::bigint = 0 OR EXISTS (SELECT FROM outbox_cursor x WHERE x.consumer = @consumer::text))
ON CONFLICT (consumer) DO UPDATE SET position = excluded.position, moved_at = now()
WHERE c.position = @origin::bigint;

-- name: DropEvents :execrows
-- Only from the oldest on, so that whoever reads behind a position that is kept finds no gap: up to the first event that is
-- too young, or not so old that nobody waits for its readers any more and not read by all.
DELETE FROM outbox WHERE id IN (
    SELECT o.id FROM outbox o
    WHERE o.position < coalesce((
        SELECT k.position FROM outbox k
        WHERE k.created_at >= @before OR (k.created_at >= @unread
            AND k.position > (SELECT coalesce(min(c.position), 9223372036854775807) FROM outbox_cursor c))
        ORDER BY k.position LIMIT 1), 9223372036854775807)
    ORDER BY o.position LIMIT @page_limit);
