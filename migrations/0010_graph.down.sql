ALTER TABLE run DROP COLUMN affinity;
DROP TABLE affinity_state, affinity, vouch;
DROP FUNCTION vouch_changed;
ALTER TABLE api_key DROP COLUMN works_for;
ALTER TABLE participant DROP COLUMN operator;
