UPDATE match SET state = 'handed_over', handed_quantity = 90, handed_over_at = now() WHERE state = 'approved';
UPDATE match SET received_quantity = 95 WHERE state = 'handed_over';
