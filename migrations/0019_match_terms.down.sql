DROP TRIGGER match_terms_stay ON match;
DROP FUNCTION match_terms_stay;
