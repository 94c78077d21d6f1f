DROP TABLE listing, listing_transition;
DROP FUNCTION listing_inserted, listing_state;
