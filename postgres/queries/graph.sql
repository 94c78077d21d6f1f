-- name: Holders :many
-- Whose are the listings and matches that events announced.
SELECT DISTINCT l.holder::text AS participant FROM listing l WHERE l.city = @city AND l.id = ANY (@listings::text[])
UNION
SELECT DISTINCT m.giver FROM match m WHERE m.city = @city AND m.id = ANY (@matches::text[])
UNION
SELECT DISTINCT m.receiver FROM match m WHERE m.city = @city AND m.id = ANY (@matches::text[]);

-- name: Stocks :many
SELECT holder, side, leaf, count(*) AS listings, sum(quantity - held - committed)::bigint AS remaining,
    count(*) FILTER (WHERE temperature IN ('chilled', 'frozen')) AS cold
FROM listing WHERE city = @city AND holder = ANY (@ids::text[]) AND state IN ('open', 'held')
GROUP BY holder, side, leaf ORDER BY holder, side, leaf;

-- name: Deliveries :many
SELECT giver, receiver, leaf, count(*) AS times, sum(measured_quantity)::bigint AS quantity, max(ended_at)::timestamptz AS last
FROM match WHERE city = @city AND giver = ANY (@ids::text[]) AND state = 'confirmed' AND giver <> receiver
GROUP BY giver, receiver, leaf ORDER BY giver, receiver, leaf;

-- name: Vouches :many
SELECT voucher, vouched FROM vouch WHERE city = @city AND voucher = ANY (@ids::text[]) AND taken_back IS NULL
ORDER BY voucher, vouched;

-- name: InsertVouch :exec
INSERT INTO vouch (city, voucher, vouched, actor, created_at) VALUES (@city, @voucher, @vouched, @actor, city_now(@city))
ON CONFLICT (city, voucher, vouched) DO UPDATE SET actor = excluded.actor, created_at = excluded.created_at, taken_back = NULL
WHERE vouch.taken_back IS NOT NULL;

-- name: TakeBackVouch :execrows
UPDATE vouch SET taken_back = city_now(@city) WHERE city = @city AND voucher = @voucher AND vouched = @vouched AND taken_back IS NULL;

-- name: DeleteAffinities :exec
DELETE FROM affinity WHERE city = @city AND giver = ANY (@givers::text[]) AND receiver = ANY (@receivers::text[]);

-- name: InsertAffinities :exec
INSERT INTO affinity (city, giver, receiver, permille)
SELECT @city, g.giver, r.receiver, p.permille
FROM unnest(@givers::text[]) WITH ORDINALITY g(giver, n)
JOIN unnest(@receivers::text[]) WITH ORDINALITY r(receiver, n) USING (n)
JOIN unnest(@permilles::int[]) WITH ORDINALITY p(permille, n) USING (n);

-- name: SetAffinityState :exec
INSERT INTO affinity_state (city, position, as_of) VALUES (@city, @position, city_now(@city))
ON CONFLICT (city) DO UPDATE SET position = excluded.position, as_of = excluded.as_of;

-- name: AffinityState :one
SELECT position, as_of FROM affinity_state WHERE city = @city;

-- name: Affinities :many
SELECT giver, receiver, permille FROM affinity WHERE city = @city ORDER BY giver, receiver;

-- name: GraphLock :exec
SELECT pg_advisory_xact_lock(hashtextextended('crg graph', 0));
