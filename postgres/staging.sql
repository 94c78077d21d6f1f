-- Where a batch of an import lies between COPY and the set-based statements (queries/load.sql): private to its
-- connection, emptied at the end of each transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_row (
    line    bigint NOT NULL,
    key     text NOT NULL,
    digest  bytea NOT NULL,
    outcome text NOT NULL,
    reason  text NOT NULL,
    payload jsonb,
    lon     double precision,
    lat     double precision,
    ward    text NOT NULL,
    known   boolean NOT NULL DEFAULT false, -- the data set had a row of this key before
    fresh   boolean NOT NULL DEFAULT true   -- and this one differs from it
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE IF NOT EXISTS staged_participant (
    line             bigint NOT NULL,
    id               text NOT NULL,
    kind             text NOT NULL,
    name             text NOT NULL,
    email_domain     text NOT NULL,
    address_id       text NOT NULL,
    lon              double precision,
    lat              double precision,
    location_quality text NOT NULL,
    ward             text NOT NULL,
    state            text NOT NULL,
    origin           text NOT NULL,
    source           text NOT NULL,
    source_key       text NOT NULL
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE IF NOT EXISTS staged_listing (
    line                bigint NOT NULL,
    id                  text NOT NULL,
    side                text NOT NULL,
    holder              text NOT NULL,
    leaf                text NOT NULL,
    unit                text NOT NULL,
    title               text NOT NULL,
    quantity            bigint NOT NULL,
    quality             text NOT NULL,
    rule                text,
    origin              text NOT NULL,
    lon                 double precision,
    lat                 double precision,
    location_quality    text NOT NULL,
    ward                text NOT NULL,
    windows             tstzmultirange NOT NULL,
    temperature         text NOT NULL,
    attributes          jsonb NOT NULL,
    state               text NOT NULL,
    source              text NOT NULL,
    source_key          text NOT NULL,
    expires_at          timestamptz,
    radius_metres       integer,
    divisible           boolean,
    minimum_lot         bigint,
    perish_by           timestamptz,
    condition           double precision,
    cost_per_unit       bigint,
    usable_chance       double precision,
    receiver_kinds      text[],
    confirm_by_asker    boolean,
    substitutes         text[],
    max_distance_metres integer,
    urgency             smallint,
    constraints         jsonb,
    budget_per_unit     bigint,
    storage_capacity    bigint
) ON COMMIT DELETE ROWS;
