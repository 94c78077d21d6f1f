-- Held and committed are never negative and never more than the listing's quantity.
SELECT city, 'listing ' || id AS subject, format('held %s + committed %s of %s', held, committed, quantity) AS detail
FROM listing WHERE held < 0 OR committed < 0 OR held + committed > quantity
