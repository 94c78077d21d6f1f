CREATE TABLE listing_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO listing_transition (from_state, to_state) VALUES
    ('unconfirmed', 'open'), ('unconfirmed', 'expired'), ('unconfirmed', 'withdrawn'),
    ('open', 'held'), ('open', 'closed'), ('open', 'expired'), ('open', 'withdrawn'),
    ('held', 'open'), ('held', 'closed'), ('held', 'expired'), ('held', 'withdrawn');

-- A resource or a need. held and committed are written by the triggers of match alone (0006) and checked against it.
CREATE TABLE listing (
    city             text NOT NULL,
    id               text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    side             text NOT NULL CHECK (side IN ('resource', 'need')),
    holder           text NOT NULL,
    leaf             text NOT NULL,
    unit             text NOT NULL,
    title            text NOT NULL DEFAULT '',
    quantity         bigint NOT NULL
        CONSTRAINT listing_has_quantity CHECK (quantity BETWEEN 1 AND 1099511627776), -- city.MaxQuantity, 2^40
    quality          text NOT NULL CHECK (quality IN ('measured', 'declared', 'inferred')),
    rule             text, -- the rule that inferred the quantity
    origin           text NOT NULL CHECK (origin IN ('observed', 'modelled', 'generated', 'simulated')),
    lon              double precision CHECK (lon BETWEEN -180 AND 180),
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    geom             geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED,
    location_quality text NOT NULL CHECK (location_quality IN ('exact', 'street', 'block', 'area', 'default')),
    ward             text NOT NULL DEFAULT '',
    windows          tstzmultirange NOT NULL DEFAULT '{}', -- city time
    temperature      text NOT NULL DEFAULT 'ambient' CHECK (temperature IN ('ambient', 'chilled', 'frozen', 'hot')),
    attributes       jsonb NOT NULL DEFAULT '{}',
    state            text NOT NULL CHECK (state IN ('unconfirmed', 'open', 'held', 'closed', 'expired', 'withdrawn')),
    held             bigint NOT NULL DEFAULT 0,
    committed        bigint NOT NULL DEFAULT 0,
    source           text NOT NULL CHECK (source <> ''),
    source_key       text NOT NULL CHECK (source_key <> ''),
    expires_at       timestamptz, -- city time, as are created_at and updated_at
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    -- terms of a resource
    radius_metres    integer CHECK (radius_metres >= 0),
    divisible        boolean,
    minimum_lot      bigint CHECK (minimum_lot >= 0),
    perish_by        timestamptz,
    condition        double precision CHECK (condition BETWEEN 0 AND 1),
    cost_per_unit    bigint,
    usable_chance    double precision CHECK (usable_chance BETWEEN 0 AND 1),
    receiver_kinds   text[],
    confirm_by_asker boolean,
    -- terms of a need
    substitutes         text[],
    max_distance_metres integer CHECK (max_distance_metres >= 0),
    urgency             smallint CHECK (urgency BETWEEN 1 AND 3),
    constraints         jsonb,
    budget_per_unit     bigint CHECK (budget_per_unit >= 0),
    storage_capacity    bigint CHECK (storage_capacity >= 0),

    PRIMARY KEY (city, id),
    FOREIGN KEY (city, holder) REFERENCES participant,
    FOREIGN KEY (leaf, unit) REFERENCES category (leaf, unit),
    FOREIGN KEY (city, rule) REFERENCES rule,
    CONSTRAINT listing_not_over_allocated CHECK (held >= 0 AND committed >= 0 AND held + committed <= quantity),
    CONSTRAINT listing_state_follows_quantities CHECK (
        CASE state
            WHEN 'unconfirmed' THEN held = 0 AND committed = 0
            WHEN 'open' THEN held + committed < quantity
            WHEN 'held' THEN held > 0 AND held + committed = quantity
            WHEN 'closed' THEN committed = quantity
            ELSE true
        END),
    CONSTRAINT listing_inferred_has_rule CHECK (quality <> 'inferred' OR rule IS NOT NULL),
    CONSTRAINT listing_point CHECK ((lon IS NULL) = (lat IS NULL) AND NOT (lon = 0 AND lat = 0)),
    CONSTRAINT listing_terms_of_its_side CHECK (
        num_nonnulls(radius_metres, divisible, minimum_lot, condition, cost_per_unit, usable_chance, receiver_kinds,
            confirm_by_asker) = CASE side WHEN 'resource' THEN 8 ELSE 0 END
        AND num_nonnulls(substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
            = CASE side WHEN 'need' THEN 6 ELSE 0 END
        AND (side = 'resource' OR perish_by IS NULL))
) WITH (fillfactor = 50); -- a run holds quantities on most rows at once: room for their new versions beside the old
CREATE INDEX listing_page ON listing (city, side, id);
CREATE INDEX listing_by_state ON listing (city, side, state, id);
CREATE INDEX listing_by_leaf ON listing (city, side, leaf, id);
CREATE INDEX listing_by_ward ON listing (city, side, ward, id);
CREATE INDEX listing_by_holder ON listing (city, holder, id);
CREATE INDEX listing_by_source ON listing (city, source, source_key);
CREATE INDEX listing_expiry ON listing (city, expires_at) WHERE state IN ('unconfirmed', 'open');

-- What the quantities make of a listing that takes part: open -> held -> closed when all is committed.
CREATE FUNCTION listing_state(state text, quantity bigint, held bigint, committed bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN state NOT IN ('open', 'held') THEN state
        WHEN committed = quantity THEN 'closed'
        WHEN held + committed = quantity THEN 'held'
        ELSE 'open'
    END
$$;

CREATE FUNCTION listing_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT id, state INTO bad FROM added
    WHERE state NOT IN ('unconfirmed', 'open') OR held <> 0 OR committed <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'listing % cannot begin as %: want unconfirmed or open, with nothing held', bad.id, bad.state
            USING ERRCODE = 'CG001';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT city, 'listing', jsonb_build_object('id', id, 'state', state) FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER listing_inserted AFTER INSERT ON listing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION listing_inserted();
