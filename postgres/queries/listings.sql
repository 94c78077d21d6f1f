-- name: InsertListing :exec
INSERT INTO listing (city, id, side, holder, leaf, unit, title, quantity, quality, rule, origin, lon, lat, location_quality,
    ward, windows, temperature, attributes, state, source, source_key, expires_at, created_at, updated_at,
    radius_metres, divisible, minimum_lot, perish_by, condition, cost_per_unit, usable_chance, receiver_kinds,
    confirm_by_asker, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
VALUES (@city, @id, @side, @holder, @leaf, @unit, @title, @quantity, @quality, sqlc.narg('rule'), @origin, sqlc.narg('lon'),
    sqlc.narg('lat'), @location_quality, @ward, @windows, @temperature, @attributes, @state, @source, @source_key,
    sqlc.narg('expires_at'), city_now(@city), city_now(@city),
    sqlc.narg('radius_metres'), sqlc.narg('divisible'), sqlc.narg('minimum_lot'), sqlc.narg('perish_by'),
    sqlc.narg('condition'), sqlc.narg('cost_per_unit'), sqlc.narg('usable_chance'), sqlc.narg('receiver_kinds'),
    sqlc.narg('confirm_by_asker'), sqlc.narg('substitutes'), sqlc.narg('max_distance_metres'), sqlc.narg('urgency'),
    sqlc.narg('constraints'), sqlc.narg('budget_per_unit'), sqlc.narg('storage_capacity'));

-- name: ListingStateForUpdate :one
SELECT state FROM listing WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: SetListingState :exec
UPDATE listing SET state = @state, updated_at = city_now(@city) WHERE city = @city AND id = @id;

-- name: LockUnconfirmed :many
SELECT id FROM listing WHERE city = @city AND id = ANY (@ids::text[]) AND state = 'unconfirmed'
ORDER BY city, id FOR NO KEY UPDATE;

-- name: AnswerListings :exec
UPDATE listing l SET state = CASE WHEN a.usable THEN 'open' ELSE 'withdrawn' END, updated_at = city_now(@city),
    usable_chance = CASE WHEN a.usable AND l.side = 'resource' THEN 1 ELSE l.usable_chance END
FROM (SELECT unnest(@ids::text[]) AS id, unnest(@usable::bool[]) AS usable) a
WHERE l.city = @city AND l.id = a.id;

-- name: RecordAnswers :exec
INSERT INTO decision (city, id, kind, party, actor, role, note, listing, origin, created_at, outcome, outcome_at)
SELECT @city, a.decision, CASE WHEN a.usable THEN 'confirm_listing' ELSE 'deny_listing' END, @party, @actor, @role, a.note,
    a.listing, @origin, city_now(@city), 'applied', city_now(@city)
FROM (SELECT unnest(@decisions::text[]) AS decision, unnest(@ids::text[]) AS listing, unnest(@usable::bool[]) AS usable,
    unnest(@notes::text[]) AS note) a;

-- name: ExpireListings :execrows
UPDATE listing l SET state = 'expired', updated_at = city_now(@city)
FROM (SELECT id FROM listing i
      WHERE i.city = @city AND i.state IN ('unconfirmed', 'open') AND i.expires_at <= city_now(@city)
      ORDER BY i.city, i.id FOR NO KEY UPDATE) due
WHERE l.city = @city AND l.id = due.id;

-- name: ForbiddenPairs :many
-- Pairs that were refused or failed while both sides still take part: not to be proposed again. A match that ended because
-- its run was stopped, or because a later run replaced it, was refused by nobody.
SELECT DISTINCT ON (m.resource, m.need) m.resource, m.need, m.state
FROM match m
JOIN listing r ON r.city = m.city AND r.id = m.resource AND r.state IN ('open', 'held')
JOIN listing n ON n.city = m.city AND n.id = m.need AND n.state IN ('open', 'held')
WHERE m.city = @city AND (m.state IN ('rejected', 'failed') OR m.state = 'cancelled' AND EXISTS (
    SELECT FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'cancel' AND d.outcome = 'applied'))
ORDER BY m.resource, m.need, m.state;

-- name: ListingCounts :many
SELECT side, leaf, origin, state, count(*) AS listings, sum(quantity)::bigint AS quantity
FROM listing WHERE city = @city GROUP BY side, leaf, origin, state ORDER BY side, leaf, origin, state;

-- name: FloorStock :one
-- What the needs of some wards want of some leaves, and what there is of them: all that is not handed over yet.
SELECT coalesce(sum(quantity - committed) FILTER (WHERE side = 'need'), 0)::bigint AS wanted,
    coalesce(sum(quantity - committed) FILTER (WHERE side = 'resource'), 0)::bigint AS offered
FROM listing
WHERE city = @city AND state IN ('open', 'held') AND (
    side = 'resource' AND leaf = ANY(@leaves::text[])
    OR side = 'need' AND ward = ANY(@wards::text[]) AND (leaf = ANY(@leaves::text[]) OR substitutes && @leaves::text[]));
