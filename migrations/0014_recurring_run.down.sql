ALTER TABLE listing DROP CONSTRAINT listing_terms_of_its_side;
UPDATE listing SET divisible = NULL, minimum_lot = NULL WHERE side = 'need' AND num_nonnulls(divisible, minimum_lot) > 0;
ALTER TABLE listing ADD CONSTRAINT listing_terms_of_its_side CHECK (
        num_nonnulls(radius_metres, divisible, minimum_lot, condition, cost_per_unit, usable_chance, receiver_kinds,
            confirm_by_asker) = CASE side WHEN 'resource' THEN 8 ELSE 0 END
        AND num_nonnulls(substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
            = CASE side WHEN 'need' THEN 6 ELSE 0 END
        AND (side = 'resource' OR perish_by IS NULL));
ALTER TABLE match DROP COLUMN superseded_by;
ALTER TABLE run DROP COLUMN recurrence, DROP COLUMN basis;
