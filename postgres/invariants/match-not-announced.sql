-- The outbox announced the state in which each match stands, as far back as the outbox reaches.
SELECT m.city, 'match ' || m.id AS subject, format('no message says that it is %s', m.state) AS detail
FROM match m
WHERE m.updated_at >= (
        SELECT c.clock_epoch + make_interval(secs => extract(epoch FROM o.oldest - c.clock_started)::float8 * c.time_scale)
        FROM city c, (SELECT min(created_at) AS oldest FROM outbox) o WHERE c.id = m.city)
  AND NOT EXISTS (SELECT FROM (SELECT city, payload FROM outbox WHERE topic = 'match') o
                  WHERE o.city = m.city AND o.payload = jsonb_build_object('id', m.id, 'state', m.state))
