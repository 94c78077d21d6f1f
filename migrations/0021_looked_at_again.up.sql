-- What was accepted was accepted as it was then: a holder whose data changed is looked at again. Nobody of whom something is
-- promised is rejected: its matches are cancelled first.
INSERT INTO participant_transition (from_state, to_state) VALUES ('active', 'in_review');

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
    SELECT n.id INTO bad
    FROM after n JOIN before o USING (city, id)
    WHERE n.state = 'rejected' AND o.state <> 'rejected'
      AND EXISTS (SELECT FROM listing l WHERE l.city = n.city AND l.holder = n.id AND l.held > 0) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'participant % cannot become rejected: something of it is promised', bad.id USING ERRCODE = 'CG001';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT city, 'participant', jsonb_build_object('id', id, 'state', state) FROM after;
    RETURN NULL;
END $$;
