CREATE TABLE import (
    city        text NOT NULL REFERENCES city,
    id          text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    profile     text NOT NULL, -- mapping profile, name@version
    datasets    text[] NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'completed', 'failed', 'cancelled')),
    error       text NOT NULL DEFAULT '',
    started_at  timestamptz NOT NULL, -- city time
    finished_at timestamptz,
    PRIMARY KEY (city, id)
);

-- One row for each batch that was loaded, written with it: a repeated batch finds its counts here and changes nothing.
CREATE TABLE import_batch (
    city           text NOT NULL,
    import         text NOT NULL,
    dataset        text NOT NULL,
    file           text NOT NULL,
    batch          integer NOT NULL,
    read           bigint NOT NULL DEFAULT 0,
    listing        bigint NOT NULL DEFAULT 0,
    place_fact     bigint NOT NULL DEFAULT 0,
    history        bigint NOT NULL DEFAULT 0,
    price_evidence bigint NOT NULL DEFAULT 0,
    unchanged      bigint NOT NULL DEFAULT 0,
    rejected       bigint NOT NULL DEFAULT 0,
    loaded_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (city, import, dataset, file, batch),
    FOREIGN KEY (city, import) REFERENCES import,
    CONSTRAINT import_batch_accounts_for_every_row
        CHECK (read = listing + place_fact + history + price_evidence + unchanged + rejected)
);

-- One row for each row of a source, by its key in the data set: what it became, and the import that saw it last. A row
-- that is neither offer nor want is kept here as a fact: a place, something that happened, or a price. No foreign keys:
-- the load holds a lock on the import, and at millions of rows a check of each would cost more than the row.
CREATE TABLE source_row (
    city    text NOT NULL,
    dataset text NOT NULL,
    key     text NOT NULL,
    file    text NOT NULL,
    line    bigint NOT NULL,
    digest  bytea NOT NULL, -- of the row as mapped, so that a new profile changes it too
    outcome text NOT NULL CHECK (outcome IN ('listing', 'place_fact', 'history', 'price_evidence', 'rejected')),
    reason  text NOT NULL DEFAULT '',
    import  text NOT NULL,
    payload jsonb, -- of a fact, as are the point and its ward
    lon     double precision CHECK (lon BETWEEN -180 AND 180),
    lat     double precision CHECK (lat BETWEEN -90 AND 90),
    ward    text NOT NULL DEFAULT '',
    PRIMARY KEY (city, dataset, key),
    CONSTRAINT source_row_rejected_has_reason CHECK ((outcome = 'rejected') = (reason <> '')),
    CONSTRAINT source_row_fact_has_payload
        CHECK ((outcome IN ('place_fact', 'history', 'price_evidence')) = (payload IS NOT NULL)),
    CONSTRAINT source_row_point CHECK ((lon IS NULL) = (lat IS NULL) AND NOT (lon = 0 AND lat = 0))
);
CREATE INDEX source_row_rejected ON source_row (city, dataset, file, line, key) WHERE outcome = 'rejected';
