CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A city with its rules and its clock. The clock is the one of package city: clock_epoch is what it showed at the wall
-- time clock_started, and time_scale city seconds pass in one wall second.
CREATE TABLE city (
    id            text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    name          text NOT NULL CHECK (name <> ''),
    time_zone     text NOT NULL CHECK (time_zone <> ''),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    lon           double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat           double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    boundary      geometry(MultiPolygon, 4326),
    as_of         timestamptz NOT NULL,
    clock_started timestamptz NOT NULL,
    clock_epoch   timestamptz NOT NULL,
    time_scale    bigint NOT NULL CHECK (time_scale >= 1),
    scoring_id    text NOT NULL DEFAULT '',
    scoring       jsonb,
    policy_id     text NOT NULL DEFAULT '',
    policy        jsonb,
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- city_now is the city time at the start of the transaction. The elapsed wall time is scaled as seconds: an interval
-- in days would follow the session's daylight-saving changes.
CREATE FUNCTION city_now(city_id text) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$
    SELECT clock_epoch + make_interval(secs => extract(epoch FROM now() - clock_started)::float8 * time_scale)
    FROM city WHERE id = city_id
$$;

CREATE TABLE ward (
    city          text NOT NULL REFERENCES city,
    id            text NOT NULL CHECK (id <> ''),
    name          text NOT NULL,
    boundary      geometry(MultiPolygon, 4326) NOT NULL,
    population    bigint CHECK (population >= 0),
    median_income bigint CHECK (median_income >= 0), -- minor units a year
    PRIMARY KEY (city, id)
);

-- Pieces of at most 64 vertices: point in polygon over a whole import stays linear in the points.
CREATE TABLE ward_piece (
    city  text NOT NULL,
    ward  text NOT NULL,
    shape geometry(Polygon, 4326) NOT NULL,
    FOREIGN KEY (city, ward) REFERENCES ward ON DELETE CASCADE
);
CREATE INDEX ward_piece_shape ON ward_piece USING gist (shape);
CREATE INDEX ward_piece_ward ON ward_piece (city, ward);

-- ward_at is the ward that covers a point; on a shared border the first by id; NULL outside all.
CREATE FUNCTION ward_at(of_city text, lon float8, lat float8) RETURNS text LANGUAGE sql STABLE STRICT AS $$
    SELECT min(ward) FROM ward_piece
    WHERE city = of_city AND ST_Covers(shape, ST_SetSRID(ST_MakePoint(lon, lat), 4326))
$$;

CREATE FUNCTION ward_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM ward_piece WHERE city = NEW.city AND ward = NEW.id;
    INSERT INTO ward_piece (city, ward, shape)
        SELECT NEW.city, NEW.id, (ST_Dump(piece)).geom FROM ST_Subdivide(NEW.boundary, 64) AS piece;
    RETURN NULL;
END $$;
CREATE TRIGGER ward_pieces AFTER INSERT OR UPDATE OF boundary ON ward FOR EACH ROW EXECUTE FUNCTION ward_pieces();

-- The leaves of the taxonomy; the program fills them in, so that a listing of an unknown leaf or unit is refused.
CREATE TABLE category (
    leaf  text PRIMARY KEY CHECK (leaf ~ '^[a-z]+\.[a-z0-9-]+$'),
    class text NOT NULL GENERATED ALWAYS AS (split_part(leaf, '.', 1)) STORED,
    unit  text NOT NULL CHECK (unit IN ('kg', 'piece', 'hour', 'litre', 'm2', 'trip', 'lot')),
    UNIQUE (leaf, unit)
);

-- A derivation rule of a quantity that no source states (package city, Rule).
CREATE TABLE rule (
    city     text NOT NULL REFERENCES city,
    id       text NOT NULL CHECK (id <> ''),
    low      double precision NOT NULL CHECK (low >= 0),
    central  double precision NOT NULL CHECK (central >= low),
    high     double precision NOT NULL CHECK (high >= central),
    unit     text NOT NULL,
    source   text NOT NULL CHECK (source <> ''),
    evidence text NOT NULL CHECK (evidence IN ('verified', 'known', 'assumption')),
    PRIMARY KEY (city, id)
);
