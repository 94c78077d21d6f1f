-- Held and committed are what the matches of the listing hold and have committed.
SELECT l.city, 'listing ' || l.id AS subject,
    format('held %s, committed %s; its matches hold %s, committed %s', l.held, l.committed, coalesce(m.held, 0),
        coalesce(m.committed, 0)) AS detail
FROM listing l
LEFT JOIN (SELECT city, listing, sum(match_held(state, quantity)) AS held,
               sum(match_committed(state, measured_quantity)) AS committed
           FROM (SELECT city, resource AS listing, state, quantity, measured_quantity FROM match
                 UNION ALL SELECT city, need, state, quantity, measured_quantity FROM match) sides
           GROUP BY city, listing) m ON m.city = l.city AND m.listing = l.id
WHERE (l.held, l.committed) <> (coalesce(m.held, 0), coalesce(m.committed, 0))
