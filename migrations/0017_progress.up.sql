-- A listing is announced, too, when its quantity, temperature or windows change and its state does not: the graph holds what
-- is left and whether it is kept cold, and whoever watches wants to know.
CREATE OR REPLACE FUNCTION listing_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id, o.state AS was, n.state INTO bad
    FROM after n LEFT JOIN before o USING (city, id)
    WHERE o.id IS NULL
       OR (n.state <> o.state AND NOT EXISTS (
            SELECT FROM listing_transition t WHERE t.from_state = o.state AND t.to_state = n.state))
       OR (n.side, n.holder, n.leaf, n.unit) IS DISTINCT FROM (o.side, o.holder, o.leaf, o.unit) LIMIT 1;
    IF NOT FOUND THEN
        NULL;
    ELSIF bad.was <> bad.state THEN
        RAISE EXCEPTION 'listing %: % cannot become %', bad.id, bad.was, bad.state USING ERRCODE = 'CG001';
    ELSE
        RAISE EXCEPTION 'listing %: id, side, holder, leaf and unit never change', bad.id USING ERRCODE = 'CG005';
    END IF;
    SELECT c.id, c.held, c.committed, s.held AS sum_held, s.committed AS sum_committed INTO bad
    FROM (SELECT n.city, n.id, n.held, n.committed FROM after n JOIN before o USING (city, id)
          WHERE (n.held, n.committed) <> (o.held, o.committed)) c
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(match_held(m.state, m.quantity)), 0) AS held,
               coalesce(sum(match_committed(m.state, m.measured_quantity)), 0) AS committed
        FROM (SELECT state, quantity, measured_quantity FROM match WHERE city = c.city AND resource = c.id
              UNION ALL
              SELECT state, quantity, measured_quantity FROM match WHERE city = c.city AND need = c.id) m) s
    WHERE (c.held, c.committed) <> (s.held, s.committed) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'listing %: held %, committed %, but its matches hold % and committed %', bad.id, bad.held,
            bad.committed, bad.sum_held, bad.sum_committed USING ERRCODE = 'CG003';
    END IF;
    INSERT INTO outbox (city, topic, payload)
        SELECT n.city, 'listing', jsonb_build_object('id', n.id, 'state', n.state)
        FROM after n JOIN before o USING (city, id)
        WHERE (n.state, n.quantity, n.temperature, n.windows) IS DISTINCT FROM (o.state, o.quantity, o.temperature, o.windows);
    RETURN NULL;
END $$;

-- Who is within 100 m: one of the marks of a duplicate.
CREATE INDEX participant_place ON participant USING gist (geom);

-- How many rows the files of an import have, as its plan counted them; 0 when nobody did.
ALTER TABLE import ADD COLUMN planned bigint NOT NULL DEFAULT 0 CHECK (planned >= 0);

-- What a run has on record, as the stage that it is past.
CREATE FUNCTION run_stage(r run) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN r.state <> 'running' THEN 5
        WHEN r.recorded IS NOT NULL THEN 4
        WHEN r.certificate IS NOT NULL THEN 3
        WHEN r.candidates IS NOT NULL THEN 2
        WHEN r.snapshot IS NOT NULL THEN 1
        ELSE 0
    END
$$;

-- A run is announced at each stage, in the transaction that records it: six times at most.
CREATE FUNCTION run_progressed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR run_stage(NEW) <> run_stage(OLD) OR NEW.state <> OLD.state THEN
        INSERT INTO outbox (city, topic, payload) VALUES (NEW.city, 'run', jsonb_build_object(
            'id', NEW.id, 'state', NEW.state, 'done', run_stage(NEW), 'total', 5,
            'stage', (ARRAY['started', 'frozen', 'planned', 'verified', 'recorded', 'ended'])[1 + run_stage(NEW)]));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER run_progressed AFTER INSERT OR UPDATE ON run FOR EACH ROW EXECUTE FUNCTION run_progressed();

-- An import is announced when it begins, with each tenth of its rows, and when it ends.
CREATE FUNCTION announce_import(c text, i text, state text, stage text, done bigint, total bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox (city, topic, payload) VALUES (c, 'import',
        jsonb_build_object('id', i, 'state', state, 'stage', stage, 'done', done, 'total', total))
$$;
CREATE FUNCTION import_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM announce_import(NEW.city, NEW.id, NEW.state, 'planned', 0, NEW.planned);
    ELSIF NEW.state <> OLD.state THEN
        PERFORM announce_import(NEW.city, NEW.id, NEW.state, 'ended',
            (SELECT coalesce(sum(read), 0)::bigint FROM import_batch WHERE city = NEW.city AND import = NEW.id), NEW.planned);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER import_changed AFTER INSERT OR UPDATE ON import FOR EACH ROW EXECUTE FUNCTION import_changed();

-- Batches of other data sets that are under way are not in the sum: the next one counts them.
CREATE FUNCTION import_progressed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint := (SELECT planned FROM import WHERE city = NEW.city AND id = NEW.import);
    done bigint;
BEGIN
    IF total > 0 AND NEW.read > 0 THEN
        SELECT sum(read) INTO done FROM import_batch WHERE city = NEW.city AND import = NEW.import;
        IF 10 * done / total > 10 * (done - NEW.read) / total THEN
            PERFORM announce_import(NEW.city, NEW.import, 'running', 'loading', done, total);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER import_progressed AFTER INSERT ON import_batch FOR EACH ROW EXECUTE FUNCTION import_progressed();
