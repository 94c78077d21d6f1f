-- What is announced to the graph and to listeners, written in the same transaction as the change itself. IDs and words
-- only, never personal data.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city         text NOT NULL,
    topic        text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL;

-- Refuses any change of a table that only grows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'CG002';
END $$;

-- Who changed what. at is wall time, because an auditor compares it with other systems.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    city_at    timestamptz,
    actor      text NOT NULL CHECK (actor <> ''),
    role       text NOT NULL,
    action     text NOT NULL CHECK (action <> ''),
    kind       text NOT NULL, -- of the subject: participant, listing, match, run, import, key, ...
    subject    text NOT NULL,
    request_id text NOT NULL DEFAULT '',
    detail     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_subject ON audit (city, kind, subject, id);
CREATE INDEX audit_city ON audit (city, id);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
