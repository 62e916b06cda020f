"""The functions behind every guard, the application's role, and the ledger's own triggers."""

from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

APPLICATION_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'interlock_app') THEN
        BEGIN
            CREATE ROLE interlock_app NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO interlock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO interlock_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO interlock_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO interlock_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO interlock_app;
REVOKE INSERT, UPDATE, DELETE ON
    django_migrations, evidence_evidencesubject, evidence_evidenceconsumer FROM interlock_app;
"""

GUARD_FUNCTIONS = r"""
CREATE FUNCTION evidence_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'interlock: % is append-only; % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION evidence_guard_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'interlock: rows of % are never deleted', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.evidence_seq IS DISTINCT FROM 1 THEN
            RAISE EXCEPTION 'interlock: a new row of % starts at evidence_seq 1', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_ARGV[0] <> '' THEN
            IF NEW.state IS DISTINCT FROM TG_ARGV[0] THEN
                RAISE EXCEPTION 'interlock: a new row of % starts in state %, not %',
                    TG_TABLE_NAME, TG_ARGV[0], NEW.state USING ERRCODE = 'restrict_violation';
            END IF;
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.id IS DISTINCT FROM OLD.id THEN
        RAISE EXCEPTION 'interlock: the key of % never changes', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.evidence_seq IS DISTINCT FROM OLD.evidence_seq + 1 THEN
        RAISE EXCEPTION 'interlock: % was changed without its evidence entry', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Change it through its service.';
    END IF;
    IF TG_ARGV[0] <> '' THEN
        IF NEW.state <> OLD.state AND
           position(',' || OLD.state || '>' || NEW.state || ',' in ',' || TG_ARGV[1] || ',') = 0
        THEN
            RAISE EXCEPTION 'interlock: % has no move from % to %',
                TG_TABLE_NAME, OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION evidence_require_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry record;
BEGIN
    SELECT leaf, to_state, txid INTO entry FROM evidence_evidenceentry
        WHERE subject = TG_ARGV[0] || ':' || NEW.id AND seq = NEW.evidence_seq;
    IF NOT FOUND OR entry.leaf IS DISTINCT FROM NEW.evidence_head
       OR entry.txid IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'interlock: % % was changed without its evidence entry', TG_ARGV[0], NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_ARGV[1] = 'state' THEN
        IF entry.to_state IS DISTINCT FROM NEW.state THEN
            RAISE EXCEPTION 'interlock: the entry of % % tells of state %, the row of %',
                TG_ARGV[0], NEW.id, entry.to_state, NEW.state
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION evidence_require_parent_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    was text;
BEGIN
    parent := to_jsonb(COALESCE(NEW, OLD)) ->> TG_ARGV[1];
    was := to_jsonb(COALESCE(OLD, NEW)) ->> TG_ARGV[1];
    IF parent IS DISTINCT FROM was OR NOT EXISTS (
        SELECT FROM evidence_evidenceentry
        WHERE subject = TG_ARGV[0] || ':' || parent
          AND txid = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'interlock: % was changed without an entry about its %',
            TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION evidence_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    previous record;
BEGIN
    told := convert_from(NEW.body, 'UTF8')::jsonb;
    IF NEW.leaf IS DISTINCT FROM sha256('\x00'::bytea || NEW.body)
       OR told ->> 'subject' IS DISTINCT FROM NEW.subject
       OR (told ->> 'seq')::int IS DISTINCT FROM NEW.seq
       OR told ->> 'action' IS DISTINCT FROM NEW.action
       OR coalesce(told ->> 'from', '') IS DISTINCT FROM NEW.from_state
       OR coalesce(told ->> 'to', '') IS DISTINCT FROM NEW.to_state
       OR coalesce(told ->> 'about', '') IS DISTINCT FROM NEW.about
       OR told -> 'actor' ->> 'id' IS DISTINCT FROM NEW.actor_id::text
       OR (told ->> 'at')::timestamptz IS DISTINCT FROM NEW.at THEN
        RAISE EXCEPTION 'interlock: the columns of an entry differ from its bytes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM evidence_evidencesubject
                   WHERE label = split_part(NEW.subject, ':', 1)) THEN
        RAISE EXCEPTION 'interlock: entries are not about %', NEW.subject
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.seq = 1 THEN
        IF told ->> 'prev' IS NOT NULL THEN
            RAISE EXCEPTION 'interlock: the first entry has no predecessor'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSE
        SELECT leaf, at INTO previous FROM evidence_evidenceentry
            WHERE subject = NEW.subject AND seq = NEW.seq - 1;
        IF NOT FOUND OR encode(previous.leaf, 'hex') IS DISTINCT FROM told ->> 'prev'
           OR NEW.at < previous.at THEN
            RAISE EXCEPTION 'interlock: entry % of % does not follow its predecessor',
                NEW.seq, NEW.subject USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    NEW.txid := pg_current_xact_id()::text::bigint;
    NEW.recorded_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION evidence_require_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    guarded_table text;
    row_seq int;
BEGIN
    SELECT table_name INTO guarded_table FROM evidence_evidencesubject
        WHERE label = split_part(NEW.subject, ':', 1);
    IF guarded_table <> '' THEN
        EXECUTE format('SELECT evidence_seq FROM %I WHERE id = $1', guarded_table)
            INTO row_seq USING split_part(NEW.subject, ':', 2)::uuid;
        IF row_seq IS NULL OR row_seq < NEW.seq THEN
            RAISE EXCEPTION 'interlock: entry % of % tells of a change that did not happen',
                NEW.seq, NEW.subject USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION evidence_fill_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evidence_evidenceoutbox (entry_id, consumer, attempts, last_error)
        SELECT NEW.id, name, 0, '' FROM evidence_evidenceconsumer
        WHERE actions = '[]'::jsonb OR actions ? NEW.action;
    RETURN NULL;
END $$;
"""

LEDGER_TRIGGERS = """
CREATE TRIGGER check_entry BEFORE INSERT ON evidence_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION evidence_check_entry();
CREATE CONSTRAINT TRIGGER require_row AFTER INSERT ON evidence_evidenceentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evidence_require_row();
CREATE TRIGGER fill_outbox AFTER INSERT ON evidence_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION evidence_fill_outbox();
ALTER TABLE evidence_evidenceentry
    ADD CONSTRAINT evidence_body_size CHECK (octet_length(body) < 61440);
INSERT INTO evidence_evidencesubject (label, table_name)
    VALUES ('refusal', ''), ('read', ''), ('user', ''), ('import', ''), ('system', '');
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        migrations.RunSQL(APPLICATION_ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(
            GUARD_FUNCTIONS,
            """
            DROP FUNCTION evidence_append_only, evidence_guard_row, evidence_require_entry,
                evidence_require_parent_entry, evidence_check_entry, evidence_require_row,
                evidence_fill_outbox CASCADE
            """,
        ),
        migrations.RunSQL(LEDGER_TRIGGERS, migrations.RunSQL.noop),
        GuardState("comment", label="comment"),
        GuardState("exhibit", label="exhibit"),
        AppendOnly("evidenceentry"),
        AppendOnly("historicalcomment"),
        AppendOnly("historicalexhibit"),
        AppendOnly("comment"),
        AppendOnly("exhibit"),
    ]
