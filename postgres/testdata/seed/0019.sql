UPDATE match SET state_reason = 'this may still be said', updated_at = now();
