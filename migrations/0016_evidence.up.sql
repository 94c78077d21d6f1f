-- A rejected applicant may appeal once; another person then reviews it.
INSERT INTO participant_transition (from_state, to_state) VALUES ('rejected', 'in_review');

-- What a participant proves itself with. The document itself is kept elsewhere; times are city time.
CREATE TABLE document (
    city        text NOT NULL,
    id          text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    participant text NOT NULL,
    kind        text NOT NULL CHECK (kind IN
        ('registration', 'tax_exemption', 'insurance', 'food_hygiene', 'driving_licence', 'identity', 'other')),
    reference   text NOT NULL DEFAULT '',
    expires_at  timestamptz,
    state       text NOT NULL DEFAULT 'submitted' CHECK (state IN ('submitted', 'accepted', 'refused')),
    created_by  text NOT NULL CHECK (created_by <> ''),
    created_at  timestamptz NOT NULL,
    decided_at  timestamptz,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, participant) REFERENCES participant,
    CONSTRAINT document_decided_dated CHECK ((state = 'submitted') = (decided_at IS NULL))
);
CREATE INDEX document_of_participant ON document (city, participant, created_at);

-- A question to the holder of an unconfirmed listing: still there, usable? One at a time for each listing.
CREATE TABLE confirmation_request (
    city       text NOT NULL,
    id         text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    listing    text NOT NULL,
    asked_by   text NOT NULL CHECK (asked_by <> ''),
    asked_at   timestamptz NOT NULL, -- city time, as is expires_at
    expires_at timestamptz NOT NULL,
    if_silent  text NOT NULL CHECK (if_silent IN ('keep', 'expire')),
    outcome    text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'confirmed', 'denied', 'silent', 'overtaken')),
    closed_at  timestamptz,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, listing) REFERENCES listing,
    CONSTRAINT confirmation_request_closed_dated CHECK ((outcome = '') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX confirmation_request_open ON confirmation_request (city, listing) WHERE closed_at IS NULL;

-- Appeals and decisions on documents are decisions on a participant.
ALTER TABLE decision ADD COLUMN document text;
ALTER TABLE decision ADD CONSTRAINT decision_document FOREIGN KEY (city, document) REFERENCES document (city, id);
ALTER TABLE decision DROP CONSTRAINT decision_kind_check, ADD CONSTRAINT decision_kind_check CHECK (kind IN
    ('approve', 'reject', 'cancel', 'hand_over', 'confirm_receipt', 'no_show', 'review_accept', 'review_reject', 'appeal',
     'accept_document', 'refuse_document', 'confirm_listing', 'deny_listing'));
ALTER TABLE decision DROP CONSTRAINT decision_party_check, ADD CONSTRAINT decision_party_check CHECK (party IN
    ('giver', 'receiver', 'city', 'applicant'));
ALTER TABLE decision DROP CONSTRAINT decision_of_its_subject, ADD CONSTRAINT decision_of_its_subject CHECK (
    CASE WHEN kind IN ('review_accept', 'review_reject', 'appeal') THEN participant IS NOT NULL AND document IS NULL
         WHEN kind IN ('accept_document', 'refuse_document') THEN participant IS NOT NULL AND document IS NOT NULL
         WHEN kind IN ('confirm_listing', 'deny_listing') THEN listing IS NOT NULL AND document IS NULL
         ELSE match IS NOT NULL AND document IS NULL END
    AND num_nonnulls(match, participant, listing) = 1);
CREATE UNIQUE INDEX decision_one_appeal ON decision (city, participant) WHERE kind = 'appeal' AND outcome = 'applied';
