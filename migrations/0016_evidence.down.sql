DROP INDEX decision_one_appeal;
ALTER TABLE decision DISABLE TRIGGER decision_append_only;
DELETE FROM decision WHERE kind IN ('appeal', 'accept_document', 'refuse_document') OR party = 'applicant';
ALTER TABLE decision ENABLE TRIGGER decision_append_only;
ALTER TABLE decision DROP CONSTRAINT decision_of_its_subject, ADD CONSTRAINT decision_of_its_subject CHECK (
    CASE WHEN kind IN ('review_accept', 'review_reject') THEN participant IS NOT NULL
         WHEN kind IN ('confirm_listing', 'deny_listing') THEN listing IS NOT NULL
         ELSE match IS NOT NULL END
    AND num_nonnulls(match, participant, listing) = 1);
ALTER TABLE decision DROP CONSTRAINT decision_party_check, ADD CONSTRAINT decision_party_check CHECK (party IN
    ('giver', 'receiver', 'city'));
ALTER TABLE decision DROP CONSTRAINT decision_kind_check, ADD CONSTRAINT decision_kind_check CHECK (kind IN
    ('approve', 'reject', 'cancel', 'hand_over', 'confirm_receipt', 'no_show', 'review_accept', 'review_reject',
     'confirm_listing', 'deny_listing'));
ALTER TABLE decision DROP CONSTRAINT decision_document;
ALTER TABLE decision DROP COLUMN document;
DROP TABLE confirmation_request, document;
DELETE FROM participant_transition WHERE from_state = 'rejected';
