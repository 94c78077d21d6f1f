-- What a match was proposed with decides who has to approve it, and is what its value is compared with later.
CREATE FUNCTION match_terms_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'match: what it was proposed with never changes' USING ERRCODE = 'CG005';
END $$;
CREATE TRIGGER match_terms_stay
    BEFORE UPDATE OF score_minor, charge_minor, expected_minor, distance_m, origin, alternative_of, created_at ON match
    FOR EACH STATEMENT EXECUTE FUNCTION match_terms_stay();
