-- name: InsertParticipant :exec
INSERT INTO participant (city, id, kind, name, email_domain, address_id, operator, lon, lat, location_quality, ward, state, origin,
    source, source_key, created_at, updated_at)
VALUES (@city, @id, @kind, @name, @email_domain, @address_id, @operator, sqlc.narg('lon'), sqlc.narg('lat'), @location_quality, @ward,
    @state, @origin, @source, @source_key, city_now(@city), city_now(@city));

-- name: ParticipantStateForUpdate :one
SELECT state FROM participant WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: SomethingPromised :one
-- Whether a match under way holds anything that a participant offers or wants.
SELECT EXISTS (SELECT FROM listing WHERE city = @city AND holder = @holder AND held > 0);

-- name: SetParticipantState :exec
UPDATE participant SET state = @state, state_reason = @state_reason, updated_at = city_now(@city)
WHERE city = @city AND id = @id;

-- name: LocateParticipant :execrows
UPDATE participant SET lon = sqlc.narg('lon'), lat = sqlc.narg('lat'), location_quality = @location_quality, ward = @ward,
    updated_at = city_now(@city)
WHERE city = @city AND id = @id;

-- name: FindDuplicates :many
-- Two marks are asked for: a similar name and one of address, e-mail domain or 100 m; or address and e-mail domain. Every
-- such pair shares a mark that an index knows, and names, many of which are alike, are compared only there.
SELECT p.id AS participant, o.id AS other, o.state AS other_state,
    similarity(p.name, o.name)::float8 AS name_similarity,
    (p.address_id <> '' AND p.address_id = o.address_id)::bool AS same_address,
    (p.email_domain <> '' AND p.email_domain = o.email_domain)::bool AS same_email_domain,
    coalesce(ST_DistanceSphere(p.geom, o.geom), -1)::float8 AS metres
FROM participant p
CROSS JOIN LATERAL (
    SELECT a.id FROM participant a WHERE a.city = p.city AND a.address_id = p.address_id AND a.address_id <> ''
    UNION SELECT d.id FROM participant d WHERE d.city = p.city AND d.email_domain = p.email_domain AND d.email_domain <> ''
    UNION SELECT n.id FROM participant n -- a degree of latitude has 111.2 km; one of longitude fewer, towards the poles
        WHERE n.city = p.city AND n.geom && ST_Expand(p.geom, 0.0009 / greatest(cos(radians(p.lat)), 0.01), 0.0009)
) marked
JOIN participant o ON o.city = p.city AND o.id = marked.id AND o.id <> p.id AND o.state <> 'rejected'
WHERE p.city = @city AND p.id = ANY (@ids::text[])
  AND ((similarity(p.name, o.name) >= 0.6
        AND ((p.address_id <> '' AND p.address_id = o.address_id)
             OR (p.email_domain <> '' AND p.email_domain = o.email_domain)
             OR ST_DistanceSphere(p.geom, o.geom) <= 100))
       OR (p.address_id <> '' AND p.address_id = o.address_id AND p.email_domain <> '' AND p.email_domain = o.email_domain))
ORDER BY p.id, name_similarity DESC, o.id;

-- name: ParticipantCounts :many
SELECT state, count(*) AS participants FROM participant WHERE city = @city GROUP BY state;
