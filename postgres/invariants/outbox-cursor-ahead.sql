-- No consumer has read what was not numbered yet.
SELECT '' AS city, 'consumer ' || c.consumer AS subject, format('it stands at %s, the head at %s', c.position, h.position) AS detail
FROM outbox_cursor c, outbox_head h
WHERE c.position > h.position
