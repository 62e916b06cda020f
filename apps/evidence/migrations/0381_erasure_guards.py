"""The only way in which a byte of evidence goes, and what the invariants read."""

from django.db import migrations

from apps.evidence.guards import AppendOnly

ERASING = r"""
CREATE FUNCTION evidence_allow_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.body IS NOT NULL AND NEW.body IS NULL
           AND to_jsonb(NEW) - 'body' = to_jsonb(OLD) - 'body'
           AND EXISTS (
               SELECT FROM evidence_erasure x JOIN evidence_evidenceentry e ON e.id = x.entry_id
               WHERE x.what = 'body' AND x.digest = encode(OLD.leaf, 'hex')
                 AND e.txid = pg_current_xact_id()::text::bigint)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'interlock: % is append-only; % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION evidence_check_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    telling record;
BEGIN
    SELECT action, txid, convert_from(body, 'UTF8')::jsonb AS told INTO telling
        FROM evidence_evidenceentry WHERE id = NEW.entry_id;
    IF NOT FOUND OR telling.action NOT IN ('evidence.redacted', 'evidence.purged')
       OR telling.txid IS DISTINCT FROM pg_current_xact_id()::text::bigint
       OR NOT coalesce(telling.told -> 'erased' ? NEW.digest, false) THEN
        RAISE EXCEPTION 'interlock: nothing is erased without an entry that tells of it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.what = 'body' AND EXISTS (
        SELECT FROM evidence_evidenceentry WHERE leaf = decode(NEW.digest, 'hex')
          AND action IN ('evidence.redacted', 'evidence.purged')) THEN
        RAISE EXCEPTION 'interlock: what tells of an erasure is never erased itself'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- A seal is over the hash of bytes that the sealer saw: they stay until then.
    IF NEW.what = 'body' AND NOT EXISTS (
        SELECT FROM evidence_evidenceleaf l JOIN evidence_evidenceentry e ON e.id = l.entry_id
        WHERE e.leaf = decode(NEW.digest, 'hex')) THEN
        RAISE EXCEPTION 'interlock: bytes that are not sealed yet are not erased'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION evidence_erase(telling bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    erased integer;
BEGIN
    UPDATE evidence_evidenceentry t SET body = NULL FROM evidence_erasure x
        WHERE x.entry_id = telling AND x.what = 'body'
          AND t.leaf = decode(x.digest, 'hex') AND t.body IS NOT NULL;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;
REVOKE ALL ON FUNCTION evidence_erase(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence_erase(bigint) TO interlock_app;

DROP TRIGGER append_only_row ON evidence_evidenceentry;
CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON evidence_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION evidence_allow_erasure();
CREATE TRIGGER check_erasure BEFORE INSERT ON evidence_erasure
    FOR EACH ROW EXECUTE FUNCTION evidence_check_erasure();
REVOKE INSERT, UPDATE, DELETE ON evidence_digestshape FROM interlock_app;
"""

NO_ERASING = """
DROP TRIGGER append_only_row ON evidence_evidenceentry;
CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON evidence_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION evidence_append_only();
DROP FUNCTION evidence_allow_erasure, evidence_check_erasure, evidence_erase CASCADE;
"""

READING = r"""
CREATE FUNCTION evidence_records()
RETURNS TABLE (subject text, seq integer, head bytea, state text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    guarded record;
BEGIN
    FOR guarded IN
        SELECT s.label, s.table_name, EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = s.table_name::regclass AND attname = 'state') AS stateful
        FROM evidence_evidencesubject s WHERE s.table_name <> ''
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L || id, evidence_seq, evidence_head, %s::text FROM %I',
            guarded.label || ':', CASE WHEN guarded.stateful THEN 'state' ELSE '''''' END,
            guarded.table_name);
    END LOOP;
END $$;
COMMENT ON FUNCTION evidence_records IS 'Every governed record: its version, head and state';

CREATE FUNCTION evidence_versions()
RETURNS TABLE (subject text, seq integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
    guarded record;
BEGIN
    FOR guarded IN SELECT s.label, s.table_name FROM evidence_evidencesubject s
                   WHERE s.table_name <> ''
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L || id, evidence_seq FROM %I',
            guarded.label || ':', regexp_replace(guarded.table_name, '_', '_historical'));
    END LOOP;
END $$;
COMMENT ON FUNCTION evidence_versions IS 'Every history row of every governed record';
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0380_checks_and_erasures")]

    operations = [
        migrations.RunSQL(ERASING, NO_ERASING),
        migrations.RunSQL(READING, "DROP FUNCTION evidence_records, evidence_versions"),
        AppendOnly("evidencecheck"),
        AppendOnly("erasure"),
    ]
