-- An alternative is offered only after the match that it stands for ended without a hand-over.
SELECT a.city, 'match ' || a.id AS subject, format('alternative of %s, which is %s', m.id, m.state) AS detail
FROM match a JOIN match m ON m.city = a.city AND m.id = a.alternative_of
WHERE m.state NOT IN ('rejected', 'expired', 'cancelled', 'failed')
