-- A match joins a resource and a need, between their holders, in the resource's leaf, which the need accepts.
SELECT m.city, 'match ' || m.id AS subject,
    format('%s %s of %s in %s, %s %s of %s in %s', r.side, r.id, r.holder, r.leaf, n.side, n.id, n.holder, n.leaf) AS detail
FROM match m
JOIN listing r ON r.city = m.city AND r.id = m.resource
JOIN listing n ON n.city = m.city AND n.id = m.need
WHERE r.side <> 'resource' OR n.side <> 'need' OR r.holder <> m.giver OR n.holder <> m.receiver
   OR r.leaf <> m.leaf OR r.unit <> m.unit OR n.unit <> m.unit
   OR NOT (n.leaf = m.leaf OR m.leaf = ANY (n.substitutes))
