-- The transition table of package city; a test compares the two.
CREATE TABLE participant_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO participant_transition (from_state, to_state) VALUES
    ('applied', 'in_review'), ('applied', 'active'), ('applied', 'rejected'),
    ('in_review', 'active'), ('in_review', 'rejected'),
    ('active', 'suspended'), ('suspended', 'active');

CREATE TABLE participant (
    city             text NOT NULL REFERENCES city,
    id               text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    kind             text NOT NULL CHECK (kind IN ('organisation', 'agency', 'business', 'person')),
    name             text NOT NULL CHECK (name <> ''),
    email_domain     text NOT NULL DEFAULT '' CHECK (email_domain = lower(email_domain)),
    address_id       text NOT NULL DEFAULT '',
    lon              double precision CHECK (lon BETWEEN -180 AND 180),
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    geom             geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED,
    location_quality text NOT NULL CHECK (location_quality IN ('exact', 'street', 'block', 'area', 'default')),
    ward             text NOT NULL DEFAULT '',
    state            text NOT NULL CHECK (state IN ('applied', 'in_review', 'active', 'rejected', 'suspended')),
    state_reason     text NOT NULL DEFAULT '', -- why it was rejected or suspended
    origin           text NOT NULL CHECK (origin IN ('observed', 'modelled', 'generated', 'simulated')),
    source           text NOT NULL CHECK (source <> ''),
    source_key       text NOT NULL CHECK (source_key <> ''),
    created_at       timestamptz NOT NULL, -- city time, as is updated_at
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (city, id),
    UNIQUE (city, source, source_key),
    CONSTRAINT participant_point CHECK ((lon IS NULL) = (lat IS NULL) AND NOT (lon = 0 AND lat = 0))
);
-- The marks of a duplicate: similar name, same address, same e-mail domain.
CREATE INDEX participant_name ON participant USING gin (name gin_trgm_ops);
CREATE INDEX participant_address ON participant (city, address_id) WHERE address_id <> '';
CREATE INDEX participant_email ON participant (city, email_domain) WHERE email_domain <> '';
CREATE INDEX participant_state ON participant (city, state, id);

CREATE FUNCTION participant_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT id, state INTO bad FROM added WHERE state NOT IN ('applied', 'active') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'participant % cannot begin as %: want applied or active', bad.id, bad.state USING ERRCODE = 'CG001';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT city, 'participant', jsonb_build_object('id', id, 'state', state) FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER participant_inserted AFTER INSERT ON participant
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION participant_inserted();

CREATE FUNCTION participant_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id, o.state AS was, n.state INTO bad
    FROM after n LEFT JOIN before o USING (city, id)
    LEFT JOIN participant_transition t ON t.from_state = o.state AND t.to_state = n.state
    WHERE o.id IS NULL OR (n.state <> o.state AND t.to_state IS NULL) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'participant %: % cannot become %', bad.id, coalesce(bad.was, 'another id'), bad.state
            USING ERRCODE = 'CG001';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT city, 'participant', jsonb_build_object('id', id, 'state', state) FROM after;
    RETURN NULL;
END $$;
CREATE TRIGGER participant_updated AFTER UPDATE ON participant
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION participant_updated();
