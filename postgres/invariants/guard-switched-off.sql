-- Every trigger that guards the tables is on, and every constraint was checked against the rows.
SELECT '' AS city, 'table ' || c.relname AS subject, format('trigger %s is switched off', t.tgname) AS detail
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')
UNION ALL
SELECT '', 'table ' || c.relname, format('constraint %s was never validated', k.conname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT k.convalidated
