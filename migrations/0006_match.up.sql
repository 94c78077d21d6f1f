CREATE TABLE match_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO match_transition (from_state, to_state) VALUES
    ('proposed', 'approved'), ('proposed', 'rejected'), ('proposed', 'expired'), ('proposed', 'cancelled'),
    ('approved', 'handed_over'), ('approved', 'cancelled'), ('approved', 'failed'),
    ('handed_over', 'confirmed'), ('handed_over', 'failed');

CREATE TABLE run (
    city           text NOT NULL REFERENCES city,
    id             text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    state          text NOT NULL CHECK (state IN ('running', 'completed', 'cancelled', 'failed')),
    scope          jsonb NOT NULL DEFAULT '{}',
    scoring_id     text NOT NULL DEFAULT '',
    policy_id      text NOT NULL DEFAULT '',
    engine_version text NOT NULL DEFAULT '',
    snapshot       jsonb, -- references to object storage: uri, key, size, sha256
    allocation     jsonb,
    certificate    jsonb,
    resources      bigint CHECK (resources >= 0),
    needs          bigint CHECK (needs >= 0),
    candidates     bigint CHECK (candidates >= 0),
    components     bigint CHECK (components >= 0),
    shards         bigint CHECK (shards >= 0),
    proposals      bigint CHECK (proposals >= 0), -- what the engine proposed: recorded + skipped
    recorded       bigint CHECK (recorded >= 0),
    skipped        bigint CHECK (skipped >= 0),
    bound_minor    bigint,
    achieved_minor bigint,
    gap_minor      bigint GENERATED ALWAYS AS (bound_minor - achieved_minor) STORED,
    optimal        boolean,
    seconds        jsonb NOT NULL DEFAULT '{}',
    error          text NOT NULL DEFAULT '',
    started_at     timestamptz NOT NULL, -- city time
    finished_at    timestamptz,
    PRIMARY KEY (city, id),
    CONSTRAINT run_achieves_at_most_its_bound CHECK (achieved_minor <= bound_minor),
    CONSTRAINT run_optimal_means_no_gap CHECK (NOT optimal OR achieved_minor = bound_minor)
);
CREATE INDEX run_page ON run (city, started_at DESC, id);

-- A quantity that is promised from one resource to one need. It holds that quantity on both listings from the moment
-- it is recorded until its state lets go of it.
CREATE TABLE match (
    city                  text NOT NULL,
    run                   text NOT NULL,
    leaf                  text NOT NULL,
    n                     integer NOT NULL CHECK (n >= 1),
    id                    text NOT NULL GENERATED ALWAYS AS (run || ':' || leaf || ':' || n::text) STORED,
    resource              text NOT NULL,
    need                  text NOT NULL,
    giver                 text NOT NULL, -- holder of the resource; the trigger compares, so that
    receiver              text NOT NULL, -- holder of the need; neither needs a foreign key of its own
    ward                  text NOT NULL DEFAULT '', -- of the need
    quantity              bigint NOT NULL CHECK (quantity > 0),
    unit                  text NOT NULL,
    score_minor           bigint NOT NULL, -- per unit
    charge_minor          bigint NOT NULL CHECK (charge_minor >= 0), -- per trip
    expected_minor        bigint NOT NULL, -- score x quantity - charge
    distance_m            integer NOT NULL CHECK (distance_m >= 0),
    origin                text NOT NULL CHECK (origin IN ('observed', 'modelled', 'generated', 'simulated')),
    alternative_of        text,
    state                 text NOT NULL CHECK (state IN
        ('proposed', 'approved', 'handed_over', 'confirmed', 'rejected', 'expired', 'cancelled', 'failed')),
    state_reason          text NOT NULL DEFAULT '',
    requirement_rule      text, -- what the approval policy asks for; empty until it was asked
    requirement_sides     text[],
    requirement_approvers smallint CHECK (requirement_approvers BETWEEN 0 AND 2),
    handed_quantity       bigint, -- measured by the giver
    measured_quantity     bigint, -- measured by the receiver: what counts
    created_at            timestamptz NOT NULL, -- city time, as are all below
    approved_at           timestamptz,
    handed_over_at        timestamptz,
    ended_at              timestamptz,
    updated_at            timestamptz NOT NULL,
    PRIMARY KEY (city, run, leaf, n),
    UNIQUE (city, id),
    FOREIGN KEY (city, run) REFERENCES run,
    FOREIGN KEY (city, resource) REFERENCES listing,
    FOREIGN KEY (city, need) REFERENCES listing,
    FOREIGN KEY (city, alternative_of) REFERENCES match (city, id),
    CONSTRAINT match_handed_at_most_quantity CHECK (handed_quantity BETWEEN 1 AND quantity),
    CONSTRAINT match_measured_at_most_quantity CHECK (measured_quantity BETWEEN 1 AND quantity),
    CONSTRAINT match_confirmed_is_measured CHECK ((state = 'confirmed') = (measured_quantity IS NOT NULL)),
    CONSTRAINT match_ended_when_over
        CHECK ((state IN ('confirmed', 'rejected', 'expired', 'cancelled', 'failed')) = (ended_at IS NOT NULL)),
    CONSTRAINT match_requirement_whole
        CHECK (num_nonnulls(requirement_rule, requirement_sides, requirement_approvers) IN (0, 3))
);
CREATE INDEX match_by_state ON match (city, state, run, leaf, n);
CREATE INDEX match_by_leaf ON match (city, leaf, run, n);
CREATE INDEX match_by_ward ON match (city, ward, run, leaf, n);
CREATE INDEX match_by_giver ON match (city, giver, run, leaf, n);
CREATE INDEX match_by_receiver ON match (city, receiver, run, leaf, n);
CREATE INDEX match_by_resource ON match (city, resource);
CREATE INDEX match_by_need ON match (city, need);
CREATE INDEX match_alternative ON match (city, alternative_of) WHERE alternative_of IS NOT NULL;
CREATE INDEX match_work_list ON match (city, run, leaf, n) WHERE state = 'proposed' AND requirement_approvers > 0;

-- What a match in this state holds, and what it has committed.
CREATE FUNCTION match_held(state text, quantity bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state IN ('proposed', 'approved', 'handed_over') THEN quantity ELSE 0 END
$$;
CREATE FUNCTION match_committed(state text, measured bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state = 'confirmed' THEN measured ELSE 0 END
$$;

CREATE FUNCTION match_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    -- Locks in the order (city, id), here and below: two writers at once wait for each other and never deadlock.
    PERFORM FROM listing l
    WHERE (l.city, l.id) IN (SELECT city, resource FROM added UNION SELECT city, need FROM added)
    ORDER BY l.city, l.id FOR NO KEY UPDATE;

    SELECT m.id, m.state, r.state AS resource_state, n.state AS need_state INTO bad
    FROM added m
    JOIN listing r ON r.city = m.city AND r.id = m.resource
    JOIN listing n ON n.city = m.city AND n.id = m.need
    WHERE m.state <> 'proposed' OR r.state <> 'open' OR n.state <> 'open'
       OR r.side <> 'resource' OR n.side <> 'need' OR r.holder <> m.giver OR n.holder <> m.receiver
       OR r.leaf <> m.leaf OR r.unit <> m.unit OR n.unit <> m.unit
       OR NOT (n.leaf = m.leaf OR m.leaf = ANY (n.substitutes)) LIMIT 1;
    IF NOT FOUND THEN
        NULL;
    ELSIF bad.state <> 'proposed' THEN
        RAISE EXCEPTION 'match % cannot begin as %: want proposed', bad.id, bad.state USING ERRCODE = 'CG001';
    ELSIF bad.resource_state <> 'open' OR bad.need_state <> 'open' THEN
        RAISE EXCEPTION 'match %: resource is %, need is %: both must be open', bad.id, bad.resource_state, bad.need_state
            USING ERRCODE = 'CG004';
    ELSE
        RAISE EXCEPTION 'match %: its sides, holders, leaf or unit are not those of its listings', bad.id
            USING ERRCODE = 'CG005';
    END IF;

    UPDATE listing l SET held = l.held + d.quantity,
        state = listing_state(l.state, l.quantity, l.held + d.quantity, l.committed)
    FROM (SELECT city, id, sum(quantity)::bigint AS quantity
          FROM (SELECT city, resource AS id, quantity FROM added UNION ALL SELECT city, need, quantity FROM added) s
          GROUP BY city, id) d
    WHERE l.city = d.city AND l.id = d.id;

    INSERT INTO outbox (city, topic, payload)
        SELECT city, 'match', jsonb_build_object('id', id, 'state', state) FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER match_inserted AFTER INSERT ON match
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION match_inserted();

CREATE FUNCTION match_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id, o.state AS was, n.state INTO bad
    FROM after n LEFT JOIN before o USING (city, run, leaf, n)
    WHERE o.id IS NULL
       OR (n.state <> o.state AND NOT EXISTS (
            SELECT FROM match_transition t WHERE t.from_state = o.state AND t.to_state = n.state))
       OR (n.resource, n.need, n.giver, n.receiver, n.quantity, n.unit) IS DISTINCT FROM
          (o.resource, o.need, o.giver, o.receiver, o.quantity, o.unit)
       OR (n.measured_quantity IS DISTINCT FROM o.measured_quantity AND o.state = n.state) LIMIT 1;
    IF NOT FOUND THEN
        NULL;
    ELSIF bad.was <> bad.state THEN
        RAISE EXCEPTION 'match %: % cannot become %', bad.id, bad.was, bad.state USING ERRCODE = 'CG001';
    ELSE
        RAISE EXCEPTION 'match %: what was promised between whom never changes', bad.id USING ERRCODE = 'CG005';
    END IF;

    PERFORM FROM listing l
    WHERE (l.city, l.id) IN (
        SELECT n.city, unnest(ARRAY[n.resource, n.need])
        FROM after n JOIN before o USING (city, run, leaf, n) WHERE n.state <> o.state)
    ORDER BY l.city, l.id FOR NO KEY UPDATE;

    UPDATE listing l SET held = l.held + d.held, committed = l.committed + d.committed,
        state = listing_state(l.state, l.quantity, l.held + d.held, l.committed + d.committed)
    FROM (SELECT city, listing, sum(held)::bigint AS held, sum(committed)::bigint AS committed
          FROM (SELECT n.city, unnest(ARRAY[n.resource, n.need]) AS listing,
                    match_held(n.state, n.quantity) - match_held(o.state, o.quantity) AS held,
                    match_committed(n.state, n.measured_quantity) - match_committed(o.state, o.measured_quantity) AS committed
                FROM after n JOIN before o USING (city, run, leaf, n) WHERE n.state <> o.state) s
          GROUP BY city, listing) d
    WHERE l.city = d.city AND l.id = d.listing AND (d.held <> 0 OR d.committed <> 0);

    INSERT INTO outbox (city, topic, payload)
        SELECT n.city, 'match', jsonb_build_object('id', n.id, 'state', n.state)
        FROM after n JOIN before o USING (city, run, leaf, n) WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER match_updated AFTER UPDATE ON match
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION match_updated();
CREATE TRIGGER match_stays BEFORE DELETE OR TRUNCATE ON match FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Guards a listing: legal transitions, a fixed identity, and held and committed exactly what its matches say.
CREATE FUNCTION listing_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id, o.state AS was, n.state INTO bad
    FROM after n LEFT JOIN before o USING (city, id)
    WHERE o.id IS NULL
       OR (n.state <> o.state AND NOT EXISTS (
            SELECT FROM listing_transition t WHERE t.from_state = o.state AND t.to_state = n.state))
       OR (n.side, n.holder, n.leaf, n.unit) IS DISTINCT FROM (o.side, o.holder, o.leaf, o.unit) LIMIT 1;
    IF NOT FOUND THEN
        NULL;
    ELSIF bad.was <> bad.state THEN
        RAISE EXCEPTION 'listing %: % cannot become %', bad.id, bad.was, bad.state USING ERRCODE = 'CG001';
    ELSE
        RAISE EXCEPTION 'listing %: id, side, holder, leaf and unit never change', bad.id USING ERRCODE = 'CG005';
    END IF;
    SELECT c.id, c.held, c.committed, s.held AS sum_held, s.committed AS sum_committed INTO bad
    FROM (SELECT n.city, n.id, n.held, n.committed FROM after n JOIN before o USING (city, id)
          WHERE (n.held, n.committed) <> (o.held, o.committed)) c
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(match_held(m.state, m.quantity)), 0) AS held,
               coalesce(sum(match_committed(m.state, m.measured_quantity)), 0) AS committed
        FROM (SELECT state, quantity, measured_quantity FROM match WHERE city = c.city AND resource = c.id
              UNION ALL
              SELECT state, quantity, measured_quantity FROM match WHERE city = c.city AND need = c.id) m) s
    WHERE (c.held, c.committed) <> (s.held, s.committed) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'listing %: held %, committed %, but its matches hold % and committed %', bad.id, bad.held,
            bad.committed, bad.sum_held, bad.sum_committed USING ERRCODE = 'CG003';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT n.city, 'listing', jsonb_build_object('id', n.id, 'state', n.state)
        FROM after n JOIN before o USING (city, id) WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER listing_updated AFTER UPDATE ON listing
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION listing_updated();
