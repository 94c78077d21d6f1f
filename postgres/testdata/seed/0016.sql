INSERT INTO document (city, id, participant, kind, expires_at, created_by, created_at)
VALUES ('town', 'doc', 'giver', 'insurance', now() + interval '1 year', 'giver', now());
INSERT INTO decision (city, id, kind, party, actor, role, participant, document, origin, created_at)
VALUES ('town', 'd-doc', 'accept_document', 'city', 'ann', 'approver', 'giver', 'doc', 'observed', now());
INSERT INTO decision (city, id, kind, party, actor, role, participant, origin, created_at)
VALUES ('town', 'd-appeal', 'appeal', 'applicant', 'giver', 'lister', 'giver', 'observed', now());
INSERT INTO confirmation_request (city, id, listing, asked_by, asked_at, expires_at, if_silent)
SELECT city, 'q', id, 'max', now(), now() + interval '1 day', 'keep' FROM listing LIMIT 1;
