-- Who runs a participant: a chain, a parent organisation; as its source names it. One of the marks of a duplicate.
ALTER TABLE participant ADD COLUMN operator text NOT NULL DEFAULT '';
CREATE INDEX participant_operator ON participant (city, operator) WHERE operator <> '';

-- For which participant a person of the city works or stands otherwise: they do not sign on its matches.
ALTER TABLE api_key ADD COLUMN works_for text;
ALTER TABLE api_key ADD FOREIGN KEY (city, works_for) REFERENCES participant;

-- A participant that knows another one says so with its name. What was said stays said; who no longer stands by it
-- takes it back, once.
CREATE TABLE vouch (
    city       text NOT NULL REFERENCES city,
    voucher    text NOT NULL,
    vouched    text NOT NULL,
    actor      text NOT NULL CHECK (actor <> ''),
    created_at timestamptz NOT NULL, -- city time
    taken_back timestamptz,
    PRIMARY KEY (city, voucher, vouched),
    FOREIGN KEY (city, voucher) REFERENCES participant,
    FOREIGN KEY (city, vouched) REFERENCES participant,
    CONSTRAINT vouch_for_another CHECK (voucher <> vouched)
);
CREATE INDEX vouch_of ON vouch (city, vouched);
-- Announced as a change of the voucher: its relations in the graph begin at it.
CREATE FUNCTION vouch_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (city, topic, payload)
        SELECT p.city, 'participant', jsonb_build_object('id', p.id, 'state', p.state)
        FROM participant p WHERE (p.city, p.id) = (NEW.city, NEW.voucher);
    RETURN NULL;
END $$;
CREATE TRIGGER vouch_changed AFTER INSERT OR UPDATE ON vouch FOR EACH ROW EXECUTE FUNCTION vouch_changed();
CREATE TRIGGER vouch_stays BEFORE DELETE OR TRUNCATE ON vouch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How far the graph trusts that two participants get on, in thousandths, as the last run that could ask it found. A run
-- goes on with these when the graph is away.
CREATE TABLE affinity (
    city       text NOT NULL REFERENCES city,
    giver      text NOT NULL,
    receiver   text NOT NULL,
    permille   integer NOT NULL CHECK (permille BETWEEN 1 AND 1000),
    PRIMARY KEY (city, giver, receiver)
);
CREATE TABLE affinity_state (
    city       text PRIMARY KEY REFERENCES city,
    position   bigint NOT NULL CHECK (position >= 0), -- of the last event that the graph held
    as_of      timestamptz NOT NULL -- city time
);
-- Which affinities a run took: {"state": "off" | "current" | "last known" | "none", "pairs", "as_of", "reason"}.
ALTER TABLE run ADD COLUMN affinity jsonb NOT NULL DEFAULT '{}';
