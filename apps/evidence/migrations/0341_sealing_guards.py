"""Who may write leaves, checkpoints and alarms, and what they have to be."""

from django.db import migrations

from apps.evidence.domain.roles import CREATE_ROLES
from apps.evidence.guards import AppendOnly

PRIVILEGES = """
REVOKE ALL ON evidence_evidenceleaf, evidence_evidencecheckpoint, evidence_evidencetimestamp,
    evidence_evidencealarm FROM interlock_app;
GRANT SELECT ON evidence_evidenceleaf, evidence_evidencecheckpoint, evidence_evidencetimestamp,
    evidence_evidencealarm TO interlock_app;
GRANT USAGE ON SCHEMA public TO interlock_sealer;
GRANT SELECT, INSERT ON evidence_evidenceleaf, evidence_evidencecheckpoint,
    evidence_evidencetimestamp, evidence_evidencealarm, evidence_evidenceentry TO interlock_sealer;
GRANT SELECT ON evidence_evidencesubject, evidence_evidenceconsumer, core_democlock
    TO interlock_sealer;
GRANT INSERT ON evidence_evidenceoutbox TO interlock_sealer;
INSERT INTO evidence_evidencesubject (label, table_name) VALUES ('seal', '');
"""

FUNCTIONS = r"""
CREATE FUNCTION evidence_check_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.leaf IS DISTINCT FROM
       (SELECT leaf FROM evidence_evidenceentry WHERE id = NEW.entry_id) THEN
        RAISE EXCEPTION 'interlock: leaf % is not that of its entry', NEW.idx
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.idx IS DISTINCT FROM
       (SELECT coalesce(max(idx) + 1, 0) FROM evidence_evidenceleaf) THEN
        RAISE EXCEPTION 'interlock: leaf % does not follow the last one', NEW.idx
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION evidence_check_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size > (SELECT coalesce(max(idx) + 1, 0) FROM evidence_evidenceleaf)
       OR NEW.size <= (SELECT max(size) FROM evidence_evidencecheckpoint
                       WHERE origin = NEW.origin) THEN
        RAISE EXCEPTION 'interlock: a checkpoint of size % does not follow the last one', NEW.size
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION evidence_check_teller() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_sealer boolean := pg_has_role(current_user, 'interlock_sealer', 'USAGE');
BEGIN
    IF split_part(NEW.subject, ':', 1) = 'seal' THEN
        IF NOT is_sealer THEN
            RAISE EXCEPTION 'interlock: only the sealer tells of its keys and epochs'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF is_sealer AND NOT pg_has_role(current_user, 'interlock_app', 'USAGE') THEN
        RAISE EXCEPTION 'interlock: the sealer tells of nothing but its keys and epochs'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER check_leaf BEFORE INSERT ON evidence_evidenceleaf
    FOR EACH ROW EXECUTE FUNCTION evidence_check_leaf();
CREATE TRIGGER check_checkpoint BEFORE INSERT ON evidence_evidencecheckpoint
    FOR EACH ROW EXECUTE FUNCTION evidence_check_checkpoint();
CREATE TRIGGER check_teller BEFORE INSERT ON evidence_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION evidence_check_teller();
"""

DROP_FUNCTIONS = """
DROP FUNCTION evidence_check_leaf, evidence_check_checkpoint, evidence_check_teller CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("evidence", "0340_sealing")]

    operations = [
        migrations.RunSQL(CREATE_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        AppendOnly("evidenceleaf"),
        AppendOnly("evidencecheckpoint"),
        AppendOnly("evidencetimestamp"),
        AppendOnly("evidencealarm"),
    ]
