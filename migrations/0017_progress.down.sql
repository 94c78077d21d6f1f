DROP TRIGGER import_progressed ON import_batch;
DROP TRIGGER import_changed ON import;
DROP TRIGGER run_progressed ON run;
DROP FUNCTION import_progressed, import_changed, announce_import, run_progressed, run_stage;
DROP INDEX participant_place;
ALTER TABLE import DROP COLUMN planned;
CREATE OR REPLACE FUNCTION listing_updated() RETURNS trigger LANGUAGE plpgsql AS $$
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
