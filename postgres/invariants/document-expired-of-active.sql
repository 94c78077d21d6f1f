-- Nobody takes part whose accepted document of a kind has expired more than an hour of wall time ago, unless a newer one
-- of that kind was accepted.
SELECT p.city, 'participant ' || p.id AS subject, format('active, though its %s expired at %s', d.kind, max(d.expires_at)) AS detail
FROM participant p
JOIN document d ON d.city = p.city AND d.participant = p.id AND d.state = 'accepted'
JOIN city c ON c.id = p.city
WHERE p.state = 'active'
GROUP BY p.city, p.id, d.kind, c.time_scale
HAVING bool_and(d.expires_at IS NOT NULL) AND max(d.expires_at) < city_now(p.city) - make_interval(secs => 3600.0 * c.time_scale)
