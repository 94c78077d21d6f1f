-- Yes or no of one side or of the city. Append-only, but for the outcome, which is set exactly once.
CREATE TABLE decision (
    city              text NOT NULL REFERENCES city,
    id                text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'),
    kind              text NOT NULL CHECK (kind IN ('approve', 'reject', 'cancel', 'hand_over', 'confirm_receipt', 'no_show',
        'review_accept', 'review_reject', 'confirm_listing', 'deny_listing')),
    party             text NOT NULL CHECK (party IN ('giver', 'receiver', 'city')),
    actor             text NOT NULL CHECK (actor <> ''),
    role              text NOT NULL CHECK (role IN
        ('lister', 'requester', 'approver', 'matcher', 'operator', 'auditor', 'policy')),
    typed_in          boolean NOT NULL DEFAULT false, -- typed into the Web UI by an operator: never one of two approvers
    reason            text NOT NULL DEFAULT '',
    note              text NOT NULL DEFAULT '',
    match             text,
    participant       text,
    listing           text,
    measured_quantity bigint CHECK (measured_quantity > 0),
    origin            text NOT NULL CHECK (origin IN ('observed', 'modelled', 'generated', 'simulated')),
    created_at        timestamptz NOT NULL, -- city time
    outcome           text NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'applied', 'ignored')),
    outcome_reason    text NOT NULL DEFAULT '',
    outcome_at        timestamptz,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, match) REFERENCES match (city, id),
    FOREIGN KEY (city, participant) REFERENCES participant,
    FOREIGN KEY (city, listing) REFERENCES listing,
    CONSTRAINT decision_of_its_subject CHECK (
        CASE WHEN kind IN ('review_accept', 'review_reject') THEN participant IS NOT NULL
             WHEN kind IN ('confirm_listing', 'deny_listing') THEN listing IS NOT NULL
             ELSE match IS NOT NULL END
        AND num_nonnulls(match, participant, listing) = 1),
    CONSTRAINT decision_outcome_dated CHECK ((outcome = 'pending') = (outcome_at IS NULL))
);
CREATE INDEX decision_of_match ON decision (city, match, created_at) WHERE match IS NOT NULL;
CREATE INDEX decision_of_participant ON decision (city, participant, created_at) WHERE participant IS NOT NULL;
CREATE INDEX decision_of_listing ON decision (city, listing, created_at) WHERE listing IS NOT NULL;
CREATE INDEX decision_pending ON decision (city, created_at) WHERE outcome = 'pending';
-- One person is one approver.
CREATE UNIQUE INDEX decision_one_approval_a_person ON decision (city, match, party, actor)
    WHERE kind = 'approve' AND outcome = 'applied';

CREATE FUNCTION decision_settled_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unsettled decision := NEW;
BEGIN
    unsettled.outcome := OLD.outcome;
    unsettled.outcome_reason := OLD.outcome_reason;
    unsettled.outcome_at := OLD.outcome_at;
    IF OLD.outcome <> 'pending' OR NEW.outcome = 'pending' OR unsettled IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'decision % is append-only: only its outcome is set, once', OLD.id USING ERRCODE = 'CG002';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_settled_once BEFORE UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION decision_settled_once();
CREATE TRIGGER decision_append_only BEFORE DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a scope (a match, a run) is worth by one method and one set of parameters. A new valuation is a new row.
CREATE TABLE valuation (
    city              text NOT NULL REFERENCES city,
    id                text NOT NULL CHECK (id <> ''), -- derived from the workflow: the same valuation twice is one row
    scope             text NOT NULL CHECK (scope <> ''),
    scope_id          text NOT NULL CHECK (scope_id <> ''),
    match             text,
    moment            text NOT NULL CHECK (moment IN ('ex_ante', 'ex_post')),
    method            text NOT NULL CHECK (method <> ''),
    parameters_sha256 text NOT NULL CHECK (parameters_sha256 ~ '^[0-9a-f]{64}$'),
    inputs            jsonb NOT NULL,
    seed              bigint NOT NULL,
    result            jsonb NOT NULL,
    currency          text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    price_year        integer NOT NULL CHECK (price_year BETWEEN 1900 AND 2200),
    nsv_minor         bigint NOT NULL,
    p5_minor          bigint,
    p50_minor         bigint,
    p95_minor         bigint,
    author            text NOT NULL CHECK (author <> ''),
    created_at        timestamptz NOT NULL, -- city time
    sequence          bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, match) REFERENCES match (city, id),
    CONSTRAINT valuation_percentiles_in_order CHECK (p5_minor <= p50_minor AND p50_minor <= p95_minor)
);
CREATE INDEX valuation_page ON valuation (city, sequence);
CREATE INDEX valuation_of_scope ON valuation (city, scope, scope_id, sequence);
CREATE INDEX valuation_of_match ON valuation (city, match, sequence) WHERE match IS NOT NULL;
CREATE TRIGGER valuation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON valuation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
