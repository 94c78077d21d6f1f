-- What an import fetched from a URL, and how its server names that version: the next import of the same URL by the same
-- profile asks for something newer than what was last completed. The address stands without its query, which may hold a
-- token; the hash is over all of it.
CREATE TABLE import_source (
    city          text NOT NULL,
    import        text NOT NULL,
    address       text NOT NULL CHECK (address <> ''),
    address_hash  bytea NOT NULL CHECK (length(address_hash) = 32),
    etag          text NOT NULL,
    last_modified text NOT NULL,
    sha256        text NOT NULL,
    bytes         bigint NOT NULL CHECK (bytes >= 0),
    unchanged     boolean NOT NULL, -- nothing newer was there
    fetched_at    timestamptz NOT NULL DEFAULT now(), -- wall time
    PRIMARY KEY (city, import),
    FOREIGN KEY (city, import) REFERENCES import (city, id) ON DELETE CASCADE
);
CREATE INDEX import_source_of_address ON import_source (city, address_hash, fetched_at DESC);
