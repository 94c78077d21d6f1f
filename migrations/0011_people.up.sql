-- How somebody is reached: a participant, or a person of the city by the name under which decisions stand. Addresses are
-- personal data: they stand here and nowhere else. Times of this and of notices are wall time.
CREATE TABLE contact (
    city         text NOT NULL REFERENCES city,
    id           text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    participant  text,
    actor        text,
    channel      text NOT NULL CHECK (channel IN ('email', 'webhook')),
    address      text NOT NULL CHECK (address <> ''),
    secret       text NOT NULL DEFAULT '', -- that signs what a webhook gets
    quiet_from   smallint NOT NULL DEFAULT 0 CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes after midnight in the city
    quiet_until  smallint NOT NULL DEFAULT 0 CHECK (quiet_until BETWEEN 0 AND 1439), -- equal ends: no quiet hours
    events       text[] NOT NULL DEFAULT '{}', -- what it wants to hear of; empty means all
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    ended_reason text NOT NULL DEFAULT '',
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, participant) REFERENCES participant,
    CONSTRAINT contact_of_somebody CHECK (num_nonnulls(participant, actor) = 1 AND actor <> ''),
    CONSTRAINT contact_webhook_is_signed CHECK (channel <> 'webhook' OR length(secret) >= 32)
);
CREATE INDEX contact_of_participant ON contact (city, participant) WHERE ended_at IS NULL AND participant IS NOT NULL;
CREATE INDEX contact_of_actor ON contact (city, actor) WHERE ended_at IS NULL AND actor IS NOT NULL;

-- What one contact is told, once for each key: subject and step of the workflow that tells it.
CREATE TABLE notice (
    city       text NOT NULL,
    id         text NOT NULL CHECK (id ~ '^[0-9a-f]{32}$'), -- made of city, key and contact
    key        text NOT NULL CHECK (key <> ''),
    contact    text NOT NULL,
    event      text NOT NULL CHECK (event <> ''),
    kind       text NOT NULL CHECK (kind IN ('match', 'participant', 'listing')),
    subject    text NOT NULL CHECK (subject <> ''),
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'suppressed')),
    reason     text NOT NULL DEFAULT '', -- why it failed or was suppressed, or why the last attempt did not succeed
    attempts   integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at     timestamptz NOT NULL DEFAULT now(), -- of the next attempt
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, contact) REFERENCES contact,
    CONSTRAINT notice_settled_dated CHECK ((state = 'pending') = (settled_at IS NULL)),
    CONSTRAINT notice_sent_was_tried CHECK (state <> 'sent' OR attempts > 0)
);
CREATE INDEX notice_due ON notice (city, due_at) WHERE state = 'pending';
CREATE INDEX notice_of_contact ON notice (city, contact, created_at);
CREATE INDEX notice_of_subject ON notice (city, kind, subject);

-- Each attempt at a notice.
CREATE TABLE notice_attempt (
    city    text NOT NULL,
    notice  text NOT NULL,
    n       integer NOT NULL CHECK (n > 0),
    at      timestamptz NOT NULL DEFAULT now(),
    outcome text NOT NULL CHECK (outcome IN ('sent', 'retry', 'failed')),
    detail  text NOT NULL DEFAULT '',
    PRIMARY KEY (city, notice, n),
    FOREIGN KEY (city, notice) REFERENCES notice
);
CREATE TRIGGER notice_attempt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An approver's deputy for a time (city time). It moves work, not rights: the deputy must be an approver as well.
CREATE TABLE delegation (
    city       text NOT NULL REFERENCES city,
    id         text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    approver   text NOT NULL CHECK (approver <> ''),
    deputy     text NOT NULL CHECK (deputy <> ''),
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    note       text NOT NULL DEFAULT '',
    created_by text NOT NULL CHECK (created_by <> ''),
    created_at timestamptz NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (city, id),
    CONSTRAINT delegation_to_somebody_else CHECK (approver <> deputy),
    CONSTRAINT delegation_for_a_time CHECK (starts_at < ends_at)
);
CREATE INDEX delegation_of_deputy ON delegation (city, deputy, ends_at) WHERE ended_at IS NULL;

-- For whom a deputy signed. Whoever signs and for whom it is signed are both used up: neither signs the same match again.
ALTER TABLE decision ADD COLUMN on_behalf_of text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX decision_one_approval_a_seat ON decision
    (city, match, party, (CASE on_behalf_of WHEN '' THEN actor ELSE on_behalf_of END))
    WHERE kind = 'approve' AND outcome = 'applied';
