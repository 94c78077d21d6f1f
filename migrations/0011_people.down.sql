DROP INDEX decision_one_approval_a_seat;
ALTER TABLE decision DROP COLUMN on_behalf_of;
DROP TABLE delegation, notice_attempt, notice, contact;
