-- name: LockDataset :exec
-- Batches of one data set are loaded one after the other, so that the earlier row of two with one key stays.
SELECT pg_advisory_xact_lock(hashtextextended(@city::text || '/' || @dataset::text, 0));

-- name: BatchCounts :one
SELECT read, listing, place_fact, history, price_evidence, unchanged, rejected FROM import_batch
WHERE city = @city AND import = @import AND dataset = @dataset AND file = @file AND batch = @batch;

-- name: ImportStateForShare :one
-- Batches of several data sets hold the import side by side; whoever ends it waits for them.
SELECT state FROM import WHERE city = @city AND id = @id FOR SHARE;

-- name: DatasetHasRows :one
SELECT EXISTS (SELECT FROM source_row WHERE city = @city AND dataset = @dataset);

-- name: RecordedRows :many
-- LATERAL: one look-up by primary key for each row, whatever the statistics of source_row say, because a first import
-- grows that table from nothing faster than anything analyses it.
SELECT o.key, o.file, o.line, o.digest, o.outcome, o.import
FROM (SELECT unnest(@keys::text[]) AS key) k
CROSS JOIN LATERAL (
    SELECT r.key, r.file, r.line, r.digest, r.outcome, r.import
    FROM source_row r WHERE r.city = @city AND r.dataset = @dataset AND r.key = k.key OFFSET 0) o;

-- name: WardsAt :many
-- The wards of rows that bring none, by their number.
SELECT p.n, coalesce(ward_at(@city, p.lon, p.lat), '')::text AS ward
FROM (SELECT unnest(@n::int[])::int AS n, unnest(@lon::float8[]) AS lon, unnest(@lat::float8[]) AS lat) p;

-- name: RejectOtherIdentity :many
-- A listing's side, holder, leaf and unit never change: a row that says otherwise is about something else, and nothing
-- of it is loaded.
WITH other AS (
    SELECT n.line, min('listing ' || l.id || ' is recorded as ' || l.side || ' of ' || l.holder || ', ' || l.leaf || ' in ' || l.unit) AS reason
    FROM staged_listing n JOIN listing l ON l.city = @city AND l.id = n.id
    WHERE (l.side, l.holder, l.leaf, l.unit, l.source, l.source_key) <> (n.side, n.holder, n.leaf, n.unit, n.source, n.source_key)
    GROUP BY n.line
), listings AS (
    DELETE FROM staged_listing s USING other WHERE s.line = other.line
), holders AS (
    DELETE FROM staged_participant s USING other WHERE s.line = other.line
)
SELECT line, reason::text AS reason FROM other;

-- name: LoadParticipants :exec
INSERT INTO participant (city, id, kind, name, email_domain, address_id, operator, lon, lat, location_quality, ward, state, origin,
    source, source_key, created_at, updated_at)
SELECT @city, p.id, p.kind, p.name, p.email_domain, p.address_id, p.operator, p.lon, p.lat, p.location_quality,
    coalesce(nullif(p.ward, ''), ward_at(@city, p.lon, p.lat), ''), p.state, p.origin, p.source, p.source_key, t.now, t.now
FROM (SELECT DISTINCT ON (s.id) s.* FROM staged_participant s ORDER BY s.id, s.line) p
CROSS JOIN (SELECT city_now(@city) AS now) t
WHERE NOT EXISTS (SELECT FROM participant e WHERE e.city = @city AND e.id = p.id)
ORDER BY p.id
ON CONFLICT (city, id) DO NOTHING;

-- name: ChangeParticipants :exec
-- Whoever was decided on, and whose row says something else that a person has to see, is looked at again.
UPDATE participant p SET
    state = CASE WHEN n.again <> '' AND p.state IN ('active', 'rejected') THEN 'in_review' ELSE p.state END,
    state_reason = CASE WHEN n.again <> '' AND p.state IN ('active', 'rejected') THEN concat_ws(': ', n.again, nullif(p.state_reason, ''))
        ELSE p.state_reason END,
    kind = n.kind, name = n.name, email_domain = n.email_domain, address_id = n.address_id,
    operator = n.operator, lon = n.lon, lat = n.lat, location_quality = n.location_quality, ward = n.found_ward, updated_at = city_now(@city)
FROM (SELECT c.*, coalesce(nullif(c.ward, ''), ward_at(@city, c.lon, c.lat), '') AS found_ward
      FROM participant e
      JOIN (SELECT DISTINCT ON (s.id) s.* FROM staged_participant s WHERE s.known ORDER BY s.id, s.line) c ON c.id = e.id
      WHERE e.city = @city AND (e.source, e.source_key) = (c.source, c.source_key)
        AND (e.kind, e.name, e.email_domain, e.address_id, e.operator, e.lon, e.lat, e.location_quality) IS DISTINCT FROM
            (c.kind, c.name, c.email_domain, c.address_id, c.operator, c.lon, c.lat, c.location_quality)
      ORDER BY e.city, e.id FOR NO KEY UPDATE OF e) n
WHERE p.city = @city AND p.id = n.id;

-- name: LoadListings :exec
INSERT INTO listing (city, id, side, holder, leaf, unit, title, quantity, quality, rule, origin, lon, lat, location_quality,
    ward, windows, temperature, attributes, state, source, source_key, expires_at, created_at, updated_at,
    radius_metres, divisible, minimum_lot, perish_by, condition, cost_per_unit, usable_chance, receiver_kinds,
    confirm_by_asker, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
SELECT @city, n.id, n.side, n.holder, n.leaf, n.unit, n.title, n.quantity, n.quality, n.rule, n.origin, n.lon, n.lat,
    n.location_quality, coalesce(nullif(n.ward, ''), ward_at(@city, n.lon, n.lat), ''), n.windows, n.temperature,
    n.attributes, n.state, n.source, n.source_key, n.expires_at, t.now, t.now, n.radius_metres, n.divisible, n.minimum_lot,
    n.perish_by, n.condition, n.cost_per_unit, n.usable_chance, n.receiver_kinds, n.confirm_by_asker, n.substitutes,
    n.max_distance_metres, n.urgency, n.constraints, n.budget_per_unit, n.storage_capacity
FROM staged_listing n CROSS JOIN (SELECT city_now(@city) AS now) t
WHERE NOT EXISTS (SELECT FROM listing e WHERE e.city = @city AND e.id = n.id)
ORDER BY n.id;

-- name: ChangeListings :exec
-- What is promised stays promised: the quantity never falls below held + committed. What was confirmed stays confirmed.
UPDATE listing l SET title = n.title, quantity = greatest(n.quantity, l.held + l.committed), quality = n.quality,
    rule = n.rule, origin = n.origin, lon = n.lon, lat = n.lat, location_quality = n.location_quality,
    ward = coalesce(nullif(n.ward, ''), ward_at(@city, n.lon, n.lat), ''), windows = n.windows,
    temperature = n.temperature, attributes = n.attributes, expires_at = n.expires_at, radius_metres = n.radius_metres,
    divisible = n.divisible, minimum_lot = n.minimum_lot, perish_by = n.perish_by, condition = n.condition,
    cost_per_unit = n.cost_per_unit,
    usable_chance = CASE WHEN n.confirm_by_asker AND l.state <> 'unconfirmed' THEN l.usable_chance ELSE n.usable_chance END,
    receiver_kinds = n.receiver_kinds, confirm_by_asker = n.confirm_by_asker, substitutes = n.substitutes,
    max_distance_metres = n.max_distance_metres, urgency = n.urgency, constraints = n.constraints, budget_per_unit = n.budget_per_unit,
    storage_capacity = n.storage_capacity, updated_at = city_now(@city),
    state = listing_state(l.state, greatest(n.quantity, l.held + l.committed), l.held, l.committed)
FROM (SELECT c.* FROM listing e
      JOIN staged_listing c ON c.id = e.id
      WHERE e.city = @city AND e.state IN ('unconfirmed', 'open', 'held') AND c.known
      ORDER BY e.city, e.id FOR NO KEY UPDATE OF e) n
WHERE l.city = @city AND l.id = n.id;

-- name: WithdrawVanished :exec
-- Listings that a changed row no longer has.
UPDATE listing l SET state = 'withdrawn', updated_at = city_now(@city)
FROM (SELECT e.id FROM listing e
      WHERE e.city = @city AND e.source = @dataset AND e.source_key = ANY (@keys::text[])
        AND e.state IN ('unconfirmed', 'open', 'held') AND NOT EXISTS (SELECT FROM staged_listing c WHERE c.id = e.id)
      ORDER BY e.city, e.id FOR NO KEY UPDATE OF e) gone
WHERE l.city = @city AND l.id = gone.id;

-- name: InsertBatch :exec
INSERT INTO import_batch (city, import, dataset, file, batch, read, listing, place_fact, history, price_evidence, unchanged, rejected)
VALUES (@city, @import, @dataset, @file, @batch, @read, @listing, @place_fact, @history, @price_evidence, @unchanged, @rejected);
