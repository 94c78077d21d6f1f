-- Of what the giver hands over and the receiver says arrived, the lesser counts; both statements stay. Receipts of before
-- this version stand as they were confirmed.
ALTER TABLE match ADD COLUMN received_quantity bigint, -- measured by the receiver
    ADD CONSTRAINT match_received_at_most_quantity CHECK (received_quantity BETWEEN 1 AND quantity),
    ADD CONSTRAINT match_counts_what_both_state
        CHECK (received_quantity IS NULL OR measured_quantity <= least(handed_quantity, received_quantity));
CREATE INDEX match_differing ON match (city, run, leaf, n) WHERE received_quantity <> handed_quantity;
COMMENT ON COLUMN match.measured_quantity IS 'what counts: the lesser of what both sides measured';

-- By which formulas a value came about, beside its figures. Empty: before they had a version.
ALTER TABLE valuation ADD COLUMN formulas text NOT NULL DEFAULT '';
