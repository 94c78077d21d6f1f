DROP TRIGGER match_approved ON match;
DROP FUNCTION match_approved();
