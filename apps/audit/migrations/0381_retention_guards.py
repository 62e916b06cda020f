"""Guards of holds, classes and redactions, and what stands against an erasure in the database."""

from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

ERASURES = r"""
CREATE FUNCTION audit_check_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    telling record;
    target record;
    held text;
    term record;
    is_there boolean := false;
BEGIN
    SELECT action, at, convert_from(body, 'UTF8')::jsonb AS told INTO telling
        FROM evidence_evidenceentry WHERE id = NEW.entry_id;
    IF telling.action = 'evidence.redacted' AND (
        SELECT count(DISTINCT who) FROM jsonb_array_elements_text(telling.told -> 'approvers') who
    ) < 2 OR coalesce(telling.told ->> 'basis', '') = '' THEN
        RAISE EXCEPTION 'interlock: an erasure needs its basis, and two persons before its term'
            USING ERRCODE = 'restrict_violation';
    END IF;
    FOR target IN
        SELECT subject, about, at, split_part(subject, ':', 1) AS kind
            FROM evidence_evidenceentry
            WHERE NEW.what = 'body' AND leaf = decode(NEW.digest, 'hex')
        UNION ALL
        SELECT 'exhibit:' || id, about, created_at, 'file' FROM evidence_exhibit
            WHERE NEW.what = 'file' AND sha256 = NEW.digest AND file_name <> ''
    LOOP
        is_there := true;
        SELECT scope INTO held FROM audit_legalhold
            WHERE state = 'held' AND scope IN (
                '', target.subject, target.about, split_part(target.subject, ':', 1),
                split_part(target.about, ':', 1))
            LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'interlock: a legal hold on % keeps %',
                coalesce(nullif(held, ''), 'everything'), target.subject
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF telling.action = 'evidence.purged' THEN
            SELECT kinds, years INTO term FROM audit_retentionclass
                WHERE code = telling.told -> 'facts' ->> 'class';
            IF NOT FOUND OR target.at + make_interval(years => term.years) > telling.at
               OR NOT (target.kind = ANY (term.kinds) OR (term.kinds = '{}' AND NOT EXISTS (
                   SELECT FROM audit_retentionclass WHERE target.kind = ANY (kinds)))) THEN
                RAISE EXCEPTION 'interlock: the term of % is not over', target.subject
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END IF;
    END LOOP;
    IF NOT is_there THEN
        RAISE EXCEPTION 'interlock: there is nothing of that digest to erase'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER held_or_not_over BEFORE INSERT ON evidence_erasure
    FOR EACH ROW EXECUTE FUNCTION audit_check_erasure();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0380_retention"), ("evidence", "0381_erasure_guards")]

    operations = [
        migrations.RunSQL(ERASURES, "DROP FUNCTION audit_check_erasure CASCADE"),
        AppendOnly("historicalretentionclass"),
        AppendOnly("historicallegalhold"),
        AppendOnly("historicalredaction"),
        GuardState("retentionclass", label="retention_class"),
        GuardState("legalhold", label="legal_hold", initial="held", moves=["held>released"]),
        GuardState(
            "redaction",
            label="redaction",
            initial="proposed",
            moves=["proposed>done", "proposed>refused"],
        ),
    ]
