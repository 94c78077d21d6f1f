CREATE OR REPLACE FUNCTION match_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
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

ALTER TABLE run DROP COLUMN inactive;
