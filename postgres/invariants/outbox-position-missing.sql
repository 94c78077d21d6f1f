-- Positions are dense: from the oldest event that was not dropped to the head none is missing.
SELECT '' AS city, 'outbox' AS subject, format('%s events between position %s and the head %s', n, oldest, head) AS detail
FROM (SELECT count(*) AS n, min(o.position) AS oldest, max(o.position) AS newest FROM outbox o WHERE position IS NOT NULL) e,
     (SELECT position AS head FROM outbox_head) h
WHERE n > 0 AND (newest <> head OR n <> head - oldest + 1)
