CREATE OR REPLACE FUNCTION participant_updated() RETURNS trigger LANGUAGE plpgsql AS $$
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

DELETE FROM participant_transition WHERE from_state = 'active' AND to_state = 'in_review';
