-- An approved match has every side and as many different persons of the city as its requirement asked for; what an
-- operator typed in is never one of two.
SELECT m.city, 'match ' || m.id AS subject,
    format('%s; asked for %s approvers of the city and sides {%s}, has %s and {%s}', m.state, m.requirement_approvers,
        array_to_string(m.requirement_sides, ','), a.persons, array_to_string(a.sides, ',')) AS detail
FROM match m
CROSS JOIN LATERAL (
    SELECT count(DISTINCT d.actor) FILTER (
               WHERE d.party = 'city' AND NOT (d.typed_in AND m.requirement_approvers > 1)) AS persons,
        coalesce(array_agg(DISTINCT d.party) FILTER (WHERE d.party <> 'city'), '{}') AS sides
    FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'approve' AND d.outcome = 'applied') a
WHERE m.approved_at IS NOT NULL AND (a.persons < m.requirement_approvers OR NOT m.requirement_sides <@ a.sides)
