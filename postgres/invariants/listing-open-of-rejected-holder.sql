-- Nobody whose participation was rejected offers or asks.
SELECT l.city, 'listing ' || l.id AS subject, format('%s, of the rejected participant %s', l.state, l.holder) AS detail
FROM listing l JOIN participant p ON p.city = l.city AND p.id = l.holder
WHERE p.state = 'rejected' AND l.state IN ('open', 'held')
