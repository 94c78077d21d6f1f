-- Events get their order after they are committed: the relay numbers them 1, 2, 3, ... without a gap. The identity id is
-- drawn before a transaction ends, and transactions end in any order.
DROP INDEX outbox_pending;
ALTER TABLE outbox DROP COLUMN published_at;
ALTER TABLE outbox ADD COLUMN position bigint CONSTRAINT outbox_position UNIQUE CHECK (position > 0);
CREATE INDEX outbox_unnumbered ON outbox (id) WHERE position IS NULL;
CREATE INDEX outbox_of_city ON outbox (city, position);

-- The last number given. It outlives the rows, which are dropped once they are old and read; its lock makes the relay
-- that holds it the only one.
CREATE TABLE outbox_head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one), -- there is one row
    position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO outbox_head (position) VALUES (0);

-- How far each consumer has read. Times are wall time.
CREATE TABLE outbox_cursor (
    consumer text PRIMARY KEY CHECK (consumer <> ''),
    position bigint NOT NULL CHECK (position >= 0),
    moved_at timestamptz NOT NULL DEFAULT now()
);
