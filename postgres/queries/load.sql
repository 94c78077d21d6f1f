-- name: LockDataset :exec
-- Batches of one data set are loaded one after the other, so that the earlier row of two with one key stays.
SELECT pg_advisory_xact_lock(hashtextextended(@city::text || '/' || @dataset::text, 0));

-- name: CompareRows :one
-- Marks what the data set knows, and counts the rows whose key came before in this import. LATERAL here and below: one
-- look-up by primary key for each staged row, whatever the statistics of source_row say, because a first import grows
-- that table from nothing faster than anything analyses it.
WITH compared AS (
    SELECT t.line AS place, min(t.line) OVER (PARTITION BY t.key) AS first,
        r.was_line, r.was_file, r.was_import, r.was_digest, r.was_outcome
    FROM staged_row t
    LEFT JOIN LATERAL (
        SELECT o.line AS was_line, o.file AS was_file, o.import AS was_import, o.digest AS was_digest, o.outcome AS was_outcome
        FROM source_row o WHERE o.city = @city AND o.dataset = @dataset AND o.key = t.key OFFSET 0) r ON true
), repeated AS (
    UPDATE staged_row s SET outcome = 'rejected', payload = NULL, key = s.key || '#' || s.line,
        reason = 'same key as line ' || earlier.line || ' of ' || earlier.file
    FROM (SELECT place, CASE WHEN was_import = @import::text THEN was_line ELSE first END AS line,
              CASE WHEN was_import = @import::text THEN was_file ELSE @file::text END AS file FROM compared) earlier
    WHERE s.line = earlier.place AND (earlier.line, earlier.file) <> (s.line, @file::text)
    RETURNING s.line
), known AS (
    UPDATE staged_row s SET known = true, fresh = (was_digest, was_outcome) <> (s.digest, s.outcome)
    FROM compared
    WHERE s.line = place AND was_digest IS NOT NULL AND place NOT IN (SELECT line FROM repeated)
    RETURNING s.line
)
SELECT (SELECT count(*) FROM repeated) AS repeated, (SELECT count(*) FROM known) AS known;

-- name: CompareRepeatedRows :execrows
-- A repeated row is known by its own key and line.
UPDATE staged_row s SET known = true, fresh = (o.digest, o.outcome) <> (s.digest, s.outcome)
FROM source_row o
WHERE s.outcome = 'rejected' AND o.city = @city AND o.dataset = @dataset AND o.key = s.key;

-- name: RejectOtherIdentity :exec
-- A listing's side, holder, leaf and unit never change: a row that says otherwise is about something else.
UPDATE staged_row s SET outcome = 'rejected', payload = NULL,
    reason = 'listing ' || l.id || ' is recorded as ' || l.side || ' of ' || l.holder || ', ' || l.leaf || ' in ' || l.unit
FROM staged_listing n JOIN listing l ON l.city = @city AND l.id = n.id
WHERE n.line = s.line AND s.fresh
  AND (l.side, l.holder, l.leaf, l.unit, l.source, l.source_key) <> (n.side, n.holder, n.leaf, n.unit, n.source, n.source_key);

-- name: LoadParticipants :exec
INSERT INTO participant (city, id, kind, name, email_domain, address_id, lon, lat, location_quality, ward, state, origin,
    source, source_key, created_at, updated_at)
SELECT @city, p.id, p.kind, p.name, p.email_domain, p.address_id, p.lon, p.lat, p.location_quality,
    coalesce(nullif(p.ward, ''), ward_at(@city, p.lon, p.lat), ''), p.state, p.origin, p.source, p.source_key, t.now, t.now
FROM (SELECT DISTINCT ON (p.id) p.* FROM staged_participant p JOIN staged_row s USING (line)
      WHERE s.fresh AND s.outcome <> 'rejected' ORDER BY p.id, p.line) p
CROSS JOIN (SELECT city_now(@city) AS now) t
WHERE NOT EXISTS (SELECT FROM participant e WHERE e.city = @city AND e.id = p.id)
ORDER BY p.id
ON CONFLICT (city, id) DO NOTHING;

-- name: ChangeParticipants :exec
UPDATE participant p SET kind = n.kind, name = n.name, email_domain = n.email_domain, address_id = n.address_id, lon = n.lon,
    lat = n.lat, location_quality = n.location_quality, ward = n.found_ward, updated_at = city_now(@city)
FROM (SELECT c.*, coalesce(nullif(c.ward, ''), ward_at(@city, c.lon, c.lat), '') AS found_ward
      FROM participant e
      JOIN (SELECT DISTINCT ON (p.id) p.* FROM staged_participant p JOIN staged_row s USING (line)
            WHERE s.fresh AND s.known AND s.outcome <> 'rejected' ORDER BY p.id, p.line) c ON c.id = e.id
      WHERE e.city = @city AND (e.source, e.source_key) = (c.source, c.source_key)
        AND (e.kind, e.name, e.email_domain, e.address_id, e.lon, e.lat, e.location_quality) IS DISTINCT FROM
            (c.kind, c.name, c.email_domain, c.address_id, c.lon, c.lat, c.location_quality)
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
FROM staged_listing n JOIN staged_row s USING (line) CROSS JOIN (SELECT city_now(@city) AS now) t
WHERE s.fresh AND s.outcome = 'listing' AND NOT EXISTS (SELECT FROM listing e WHERE e.city = @city AND e.id = n.id)
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
      JOIN staged_listing c ON c.id = e.id JOIN staged_row s ON s.line = c.line
      WHERE e.city = @city AND e.state IN ('unconfirmed', 'open', 'held') AND s.fresh AND s.known AND s.outcome = 'listing'
      ORDER BY e.city, e.id FOR NO KEY UPDATE OF e) n
WHERE l.city = @city AND l.id = n.id;

-- name: WithdrawVanished :exec
-- Listings that a changed row no longer has.
UPDATE listing l SET state = 'withdrawn', updated_at = city_now(@city)
FROM (SELECT e.id FROM listing e JOIN staged_row s ON s.key = e.source_key
      WHERE e.city = @city AND e.source = @dataset AND e.state IN ('unconfirmed', 'open', 'held') AND s.fresh AND s.known
        AND NOT (s.outcome = 'listing' AND EXISTS (SELECT FROM staged_listing c WHERE c.line = s.line AND c.id = e.id))
      ORDER BY e.city, e.id FOR NO KEY UPDATE OF e) gone
WHERE l.city = @city AND l.id = gone.id;

-- name: LoadSourceRows :exec
INSERT INTO source_row (city, dataset, key, file, line, digest, outcome, reason, import, payload, lon, lat, ward)
SELECT @city, @dataset, s.key, @file, s.line, s.digest, s.outcome, s.reason, @import, s.payload, s.lon, s.lat,
    CASE WHEN s.ward = '' AND s.payload IS NOT NULL AND s.lon IS NOT NULL THEN coalesce(ward_at(@city, s.lon, s.lat), '') ELSE s.ward END
FROM staged_row s WHERE s.fresh
ON CONFLICT (city, dataset, key) DO UPDATE SET file = excluded.file, line = excluded.line, digest = excluded.digest,
    outcome = excluded.outcome, reason = excluded.reason, import = excluded.import, payload = excluded.payload,
    lon = excluded.lon, lat = excluded.lat, ward = excluded.ward;

-- name: SeeSourceRows :exec
-- Unchanged rows were seen by this import.
UPDATE source_row r SET file = @file, line = s.line, import = @import
FROM staged_row s WHERE NOT s.fresh AND r.city = @city AND r.dataset = @dataset AND r.key = s.key;

-- name: CountBatch :one
INSERT INTO import_batch (city, import, dataset, file, batch, read, listing, place_fact, history, price_evidence, unchanged, rejected)
SELECT @city, @import, @dataset, @file, @batch, count(*),
    count(*) FILTER (WHERE fresh AND outcome = 'listing'), count(*) FILTER (WHERE fresh AND outcome = 'place_fact'),
    count(*) FILTER (WHERE fresh AND outcome = 'history'), count(*) FILTER (WHERE fresh AND outcome = 'price_evidence'),
    count(*) FILTER (WHERE NOT fresh AND outcome <> 'rejected'), count(*) FILTER (WHERE outcome = 'rejected')
FROM staged_row
RETURNING read, listing, place_fact, history, price_evidence, unchanged, rejected;
