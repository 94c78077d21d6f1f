-- Nothing is promised of or to somebody whose participation was rejected. What they listed stays, for an appeal may bring it back.
SELECT l.city, 'listing ' || l.id AS subject, format('%s held, of the rejected participant %s', l.held, l.holder) AS detail
FROM listing l JOIN participant p ON p.city = l.city AND p.id = l.holder
WHERE p.state = 'rejected' AND l.held > 0
