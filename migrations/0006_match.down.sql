DROP TRIGGER listing_updated ON listing;
-- Without matches nothing is held or committed.
UPDATE listing SET held = 0, committed = 0, state = CASE WHEN state IN ('held', 'closed') THEN 'open' ELSE state END
WHERE held > 0 OR committed > 0;
DROP TABLE match, run, match_transition;
DROP FUNCTION listing_updated, match_updated, match_inserted, match_committed, match_held;
