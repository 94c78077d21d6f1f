-- While a city has a row here nothing new is taken in; what is under way goes on. Times are wall time.
CREATE TABLE maintenance (
    city   text PRIMARY KEY REFERENCES city,
    reason text NOT NULL CHECK (reason <> ''),
    actor  text NOT NULL CHECK (actor <> ''),
    since  timestamptz NOT NULL DEFAULT now()
);
