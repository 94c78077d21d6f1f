-- A listing that takes part is open, held or closed exactly as its quantities say; an unconfirmed one holds nothing.
SELECT city, 'listing ' || id AS subject,
    format('%s with held %s + committed %s of %s', state, held, committed, quantity) AS detail
FROM listing
WHERE (state IN ('open', 'held') AND state <> listing_state(state, quantity, held, committed))
   OR (state = 'closed' AND committed <> quantity)
   OR (state = 'unconfirmed' AND held + committed <> 0)
