DROP TRIGGER listing_updated ON listing;
DROP TABLE match, run, match_transition;
DROP FUNCTION listing_updated, match_updated, match_inserted, match_committed, match_held;
