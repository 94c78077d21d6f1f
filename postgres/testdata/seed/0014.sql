UPDATE run SET basis = '{"key": "k"}', recurrence = '{"warm": true}';
UPDATE match SET state = 'cancelled', ended_at = now(), superseded_by = 'run';
UPDATE listing SET divisible = false, minimum_lot = 5 WHERE side = 'need';
