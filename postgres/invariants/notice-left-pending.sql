-- A notice is sent or put off within an hour of being due; somebody delivers.
SELECT n.city, 'notice ' || n.id AS subject, format('%s about %s %s is due since %s', n.event, n.kind, n.subject, n.due_at) AS detail
FROM notice n WHERE n.state = 'pending' AND n.due_at < now() - interval '1 hour'
