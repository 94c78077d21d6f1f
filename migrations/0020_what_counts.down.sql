ALTER TABLE valuation DROP COLUMN formulas;
COMMENT ON COLUMN match.measured_quantity IS NULL;
ALTER TABLE match DROP CONSTRAINT match_counts_what_both_state, DROP COLUMN received_quantity;
