-- name: UpsertCity :exec
-- The boundary is the union of its parts, each made valid by itself: as one shape, parts that overlap would be cut into holes.
INSERT INTO city (id, name, time_zone, currency, lon, lat, boundary, as_of, clock_started, clock_epoch, time_scale,
    scoring_id, scoring, policy_id, policy)
VALUES (@id, @name, @time_zone, @currency, @lon, @lat,
    ST_Multi(ST_ForcePolygonCCW(ST_CollectionExtract((
        SELECT ST_Union(CASE WHEN ST_IsValid(part.geom) THEN part.geom ELSE ST_MakeValid(part.geom) END)
        FROM ST_Dump(ST_GeomFromGeoJSON(sqlc.narg('boundary')::text)) part), 3))),
    @as_of, @clock_started, @clock_epoch, @time_scale, @scoring_id, sqlc.narg('scoring'), @policy_id, sqlc.narg('policy'))
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, time_zone = excluded.time_zone, currency = excluded.currency, lon = excluded.lon,
    lat = excluded.lat, boundary = coalesce(excluded.boundary, city.boundary), scoring_id = excluded.scoring_id,
    scoring = excluded.scoring, policy_id = excluded.policy_id, policy = excluded.policy, updated_at = now();

-- name: JoinWards :exec
-- A city's boundary is the union of its wards.
UPDATE city SET boundary = ST_Multi(ST_ForcePolygonCCW(ST_CollectionExtract((
    SELECT ST_Union(ward.boundary) FROM ward WHERE ward.city = @id), 3)))
WHERE city.id = @id;

-- name: SetClock :execrows
UPDATE city SET as_of = @as_of, clock_started = @clock_started, clock_epoch = @clock_epoch, time_scale = @time_scale,
    updated_at = now()
WHERE id = @id;

-- name: Cities :many
SELECT id, name, time_zone, currency, lon, lat, as_of, clock_started, clock_epoch, time_scale, scoring_id, scoring,
    policy_id, policy, coalesce(ST_AsGeoJSON(boundary, 6), '')::text AS boundary
FROM city
WHERE sqlc.narg('id')::text IS NULL OR id = sqlc.narg('id')
ORDER BY id;

-- name: CityNow :one
SELECT city_now(id)::timestamptz AS now FROM city WHERE id = @id;

-- name: UpsertWard :execrows
-- A ward that is as it was is left alone: cutting its outline into pieces takes long.
INSERT INTO ward (city, id, name, boundary, population, median_income)
VALUES (@city, @id, @name,
    ST_Multi(ST_ForcePolygonCCW(ST_CollectionExtract((
        SELECT CASE WHEN ST_IsValid(area) THEN area ELSE ST_MakeValid(area) END
        FROM ST_GeomFromGeoJSON(@boundary::text) area), 3))),
    sqlc.narg('population'), sqlc.narg('median_income'))
ON CONFLICT (city, id) DO UPDATE SET
    name = excluded.name, boundary = excluded.boundary, population = excluded.population,
    median_income = excluded.median_income
WHERE (ward.name, ward.boundary, ward.population, ward.median_income)
    IS DISTINCT FROM (excluded.name, excluded.boundary, excluded.population, excluded.median_income);

-- name: Wards :many
SELECT id, name, ST_AsGeoJSON(boundary, 6)::text AS boundary, population, median_income
FROM ward WHERE city = @city ORDER BY id;

-- name: WardAt :one
SELECT coalesce(ward_at(@city, @lon, @lat), '')::text AS ward;

-- name: UpsertCategories :exec
INSERT INTO category (leaf, unit) SELECT unnest(@leaves::text[]), unnest(@units::text[])
ON CONFLICT (leaf) DO UPDATE SET unit = excluded.unit WHERE category.unit <> excluded.unit;

-- name: UpsertRule :exec
INSERT INTO rule (city, id, low, central, high, unit, source, evidence)
VALUES (@city, @id, @low, @central, @high, @unit, @source, @evidence)
ON CONFLICT (city, id) DO UPDATE SET low = excluded.low, central = excluded.central, high = excluded.high,
    unit = excluded.unit, source = excluded.source, evidence = excluded.evidence;

-- name: Rules :many
SELECT id, low, central, high, unit, source, evidence FROM rule WHERE city = @city ORDER BY id;
