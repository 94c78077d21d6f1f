UPDATE match SET requirement_rule = 'one', requirement_sides = '{}', requirement_approvers = 1 WHERE requirement_rule IS NULL;
UPDATE decision SET outcome = 'applied', outcome_at = now() WHERE outcome = 'pending';
UPDATE match SET state = 'approved', approved_at = now() WHERE state = 'proposed';
