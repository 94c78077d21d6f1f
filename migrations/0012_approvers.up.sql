-- A match is approved by whom its policy asked for, and the database counts them itself: the policy, or every side that
-- was named and as many different persons of the city. What an operator typed in is never one of two. That one person
-- counts once is decision_one_approval_a_person (0007).
CREATE FUNCTION match_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id, n.requirement_approvers AS approvers, n.requirement_sides AS sides, a.persons, a.agreed INTO bad
    FROM after n JOIN before o USING (city, run, leaf, n)
    CROSS JOIN LATERAL (
        SELECT count(*) AS approvals,
            count(DISTINCT d.actor) FILTER (
                WHERE d.party = 'city' AND NOT (d.typed_in AND n.requirement_approvers > 1)) AS persons,
            coalesce(array_agg(DISTINCT d.party) FILTER (WHERE d.party <> 'city'), '{}') AS agreed
        FROM decision d WHERE d.city = n.city AND d.match = n.id AND d.kind = 'approve' AND d.outcome = 'applied') a
    WHERE n.state = 'approved' AND o.state <> 'approved'
      AND (n.requirement_rule IS NULL OR a.approvals = 0 OR a.persons < n.requirement_approvers
           OR NOT n.requirement_sides <@ a.agreed) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'match %: approved by % different persons of the city and sides %, asked for were % and %', bad.id,
            bad.persons, bad.agreed, coalesce(bad.approvers::text, 'nobody yet'), coalesce(bad.sides::text, '{}')
            USING ERRCODE = 'CG006';
    END IF;
    SELECT n.id INTO bad
    FROM after n JOIN before o USING (city, run, leaf, n)
    WHERE o.requirement_rule IS NOT NULL AND (n.requirement_rule, n.requirement_sides, n.requirement_approvers)
        IS DISTINCT FROM (o.requirement_rule, o.requirement_sides, o.requirement_approvers) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'match %: what its policy asked for never changes', bad.id USING ERRCODE = 'CG005';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER match_approved AFTER UPDATE ON match
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION match_approved();
