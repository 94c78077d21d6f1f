DROP TABLE participant, participant_transition;
DROP FUNCTION participant_inserted, participant_updated;
