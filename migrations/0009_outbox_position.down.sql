DROP TABLE outbox_cursor, outbox_head;
ALTER TABLE outbox ADD COLUMN published_at timestamptz;
UPDATE outbox SET published_at = created_at WHERE position IS NOT NULL;
ALTER TABLE outbox DROP COLUMN position;
CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL;
