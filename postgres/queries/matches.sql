-- name: LockHolders :many
-- The holders of the stock that a write of proposals asks for. Each stays in its state until the write is over.
SELECT l.id AS listing, p.id AS holder, p.state FROM listing l JOIN participant p ON p.city = l.city AND p.id = l.holder
WHERE l.city = @city AND l.id = ANY (@ids::text[])
ORDER BY p.city, p.id FOR SHARE OF p;

-- name: LockForProposals :many
-- The stock that a write of proposals asks for, locked in the order (city, id) as every writer does.
SELECT id, side, state, holder, leaf, unit, ward, origin, (quantity - held - committed)::bigint AS remaining
FROM listing WHERE city = @city AND id = ANY (@ids::text[])
ORDER BY city, id FOR NO KEY UPDATE;

-- name: RecordedProposals :many
SELECT leaf, n, resource, need, quantity FROM match WHERE city = @city AND run = @run;

-- name: InsertMatches :exec
INSERT INTO match (city, run, leaf, n, resource, need, giver, receiver, ward, quantity, unit, score_minor, charge_minor,
    expected_minor, distance_m, origin, alternative_of, state, created_at, updated_at)
SELECT @city, @run, p.leaf, p.n, p.resource, p.need, r.holder, d.holder, d.ward, p.quantity, r.unit, p.score, p.charge,
    p.expected, p.distance,
    -- A match is no better known than the weaker of its sides.
    CASE WHEN 'generated' IN (r.origin, d.origin) THEN 'generated'
         WHEN 'simulated' IN (r.origin, d.origin) THEN 'simulated'
         WHEN 'modelled' IN (r.origin, d.origin) THEN 'modelled' ELSE 'observed' END,
    sqlc.narg('alternative_of'), 'proposed', t.now, t.now
FROM (SELECT unnest(@leaf::text[]) AS leaf, unnest(@n::int[]) AS n, unnest(@resource::text[]) AS resource,
        unnest(@need::text[]) AS need, unnest(@quantity::bigint[]) AS quantity, unnest(@score::bigint[]) AS score,
        unnest(@charge::bigint[]) AS charge, unnest(@expected::bigint[]) AS expected, unnest(@distance::int[]) AS distance) p
JOIN listing r ON r.city = @city AND r.id = p.resource
JOIN listing d ON d.city = @city AND d.id = p.need
CROSS JOIN (SELECT city_now(@city) AS now) t;

-- name: Holding :many
-- What holds a quantity at this moment, and whether anybody has agreed to it.
SELECT m.run, m.leaf, m.n, m.resource, m.need, m.quantity, m.state,
    EXISTS (SELECT FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'approve' AND d.outcome <> 'ignored') AS agreed
FROM match m WHERE m.city = @city AND m.state IN ('proposed', 'approved', 'handed_over')
ORDER BY m.run, m.leaf, m.n;

-- name: LockOpen :many
-- Of some proposals those that are open still and that nobody has agreed to.
SELECT m.id, m.resource, m.need FROM match m WHERE m.city = @city AND m.id = ANY (@ids::text[]) AND m.state = 'proposed'
    AND NOT EXISTS (SELECT FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'approve' AND d.outcome <> 'ignored')
ORDER BY m.run, m.leaf, m.n FOR NO KEY UPDATE;

-- name: Supersede :exec
UPDATE match SET state = 'cancelled', state_reason = 'run ' || @by::text || ' found a better use for it', superseded_by = @by::text,
    ended_at = city_now(@city), updated_at = city_now(@city)
WHERE city = @city AND id = ANY (@ids::text[]);

-- name: Superseded :many
SELECT run, leaf, n FROM match WHERE city = @city AND superseded_by = @by::text ORDER BY run, leaf, n;

-- name: AlternativeOf :many
SELECT run, leaf, n FROM match WHERE city = @city AND alternative_of = @alternative_of::text;

-- name: NextNumber :one
SELECT (coalesce(max(n), 0) + 1)::int AS n FROM match WHERE city = @city AND run = @run AND leaf = @leaf;

-- name: MatchForUpdate :one
SELECT state, quantity, handed_quantity, requirement_rule, approved_at, origin FROM match WHERE city = @city AND run = @run AND leaf = @leaf AND n = @n
FOR NO KEY UPDATE;

-- name: SetRequirement :exec
UPDATE match SET requirement_rule = @rule::text, requirement_sides = @sides::text[], requirement_approvers = @approvers::smallint,
    updated_at = city_now(@city)
WHERE city = @city AND run = @run AND leaf = @leaf AND n = @n;

-- name: SetMatchState :exec
UPDATE match SET state = @state::text, state_reason = @state_reason,
    handed_quantity = coalesce(sqlc.narg('handed_quantity'), handed_quantity),
    received_quantity = sqlc.narg('received_quantity'),
    measured_quantity = sqlc.narg('measured_quantity'),
    approved_at = CASE WHEN @state = 'approved' THEN city_now(@city) ELSE approved_at END,
    handed_over_at = CASE WHEN @state = 'handed_over' THEN city_now(@city) ELSE handed_over_at END,
    ended_at = CASE WHEN @state IN ('confirmed', 'rejected', 'expired', 'cancelled', 'failed') THEN city_now(@city) END,
    updated_at = city_now(@city)
WHERE city = @city AND run = @run AND leaf = @leaf AND n = @n;

-- name: MatchCounts :one
SELECT count(*) AS proposed,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    count(*) FILTER (WHERE state = 'expired') AS expired,
    count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    count(*) FILTER (WHERE state = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE state IN ('proposed', 'approved', 'handed_over')) AS open,
    count(*) FILTER (WHERE approved_at IS NOT NULL AND by_policy) AS approved_by_policy,
    count(*) FILTER (WHERE approved_at IS NOT NULL AND NOT by_policy) AS approved_by_person
FROM (SELECT m.state, m.approved_at, EXISTS (
        SELECT FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'approve' AND d.role = 'policy'
            AND d.outcome = 'applied') AS by_policy
      FROM match m WHERE m.city = @city AND m.run = @run) x;
