-- A run that follows another one: the basis that it leaves, how it began, and what became of the open proposals that it
-- found. Keys of recurrence: see Recurrence of package postgres.
ALTER TABLE run
    ADD COLUMN basis jsonb, -- reference to object storage, like the others
    ADD COLUMN recurrence jsonb NOT NULL DEFAULT '{}';
CREATE INDEX run_basis ON run (city, scope, started_at DESC) WHERE basis IS NOT NULL;

-- The later run that found a better use for what an open proposal held. Nobody refused anything: the pair may come again.
ALTER TABLE match ADD COLUMN superseded_by text,
    ADD CONSTRAINT match_superseded_is_cancelled CHECK (superseded_by IS NULL OR state = 'cancelled');
CREATE INDEX match_superseded ON match (city, superseded_by) WHERE superseded_by IS NOT NULL;

-- A need may be indivisible or have a least lot, too. Empty stands for divisible, and for any lot.
ALTER TABLE listing DROP CONSTRAINT listing_terms_of_its_side,
    ADD CONSTRAINT listing_terms_of_its_side CHECK (
        num_nonnulls(radius_metres, condition, cost_per_unit, usable_chance, receiver_kinds, confirm_by_asker)
            = CASE side WHEN 'resource' THEN 6 ELSE 0 END
        AND num_nonnulls(substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
            = CASE side WHEN 'need' THEN 6 ELSE 0 END
        AND (side = 'need' OR num_nonnulls(divisible, minimum_lot) = 2)
        AND (side = 'resource' OR perish_by IS NULL));
