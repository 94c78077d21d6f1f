-- A decision on a match that is over has an outcome within ten minutes.
SELECT d.city, 'decision ' || d.id AS subject, format('%s on match %s, which is %s', d.kind, m.id, m.state) AS detail
FROM decision d
JOIN match m ON m.city = d.city AND m.id = d.match
JOIN city c ON c.id = d.city
WHERE d.outcome = 'pending' AND m.ended_at IS NOT NULL
  AND d.created_at < city_now(d.city) - make_interval(secs => 600.0 * c.time_scale)
