UPDATE participant SET state = 'in_review', state_reason = 'since it was accepted its data changed (name)' WHERE state = 'active';
UPDATE participant SET state = 'active', state_reason = '' WHERE state = 'in_review';
