from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

MOVES = (
    "draft>open",
    "open>locked",
    "locked>open",
    "locked>in_progress",
    "in_progress>verifying",
    "verifying>closed",
    "draft>cancelled",
    "open>cancelled",
    "locked>cancelled",
    "in_progress>cancelled",
)

DERIVED = (
    "booked_changes",
    "booked_points",
    "booked_packages",
    "booked_minutes",
    "emergency_changes",
    "emergency_points",
    "emergency_packages",
    "emergency_minutes",
)

# Whoever writes a window, its counters are the sums of its active bookings; whoever writes a
# booking touches its window, and so waits for the window's lock. The constraints do the rest.
COUNTERS = """
CREATE FUNCTION windows_count_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(sum(changes), 0), coalesce(sum(points), 0), count(*),
           coalesce(sum(minutes), 0),
           coalesce(sum(changes) FILTER (WHERE is_emergency), 0),
           coalesce(sum(points) FILTER (WHERE is_emergency), 0),
           count(*) FILTER (WHERE is_emergency),
           coalesce(sum(minutes) FILTER (WHERE is_emergency), 0)
        INTO NEW.booked_changes, NEW.booked_points, NEW.booked_packages, NEW.booked_minutes,
             NEW.emergency_changes, NEW.emergency_points, NEW.emergency_packages,
             NEW.emergency_minutes
        FROM windows_booking WHERE window_id = NEW.id AND state = 'active';
    RETURN NEW;
END $$;

CREATE FUNCTION windows_touch_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE windows_releasewindow SET booked_changes = booked_changes
        WHERE id IN (OLD.window_id, NEW.window_id);
    RETURN NULL;
END $$;

CREATE TRIGGER count_bookings BEFORE INSERT OR UPDATE ON windows_releasewindow
    FOR EACH ROW EXECUTE FUNCTION windows_count_bookings();
CREATE TRIGGER touch_window AFTER INSERT OR UPDATE OR DELETE ON windows_booking
    FOR EACH ROW EXECUTE FUNCTION windows_touch_window();
"""

CUTOFFS_INSIDE = """
CREATE FUNCTION windows_cutoffs_inside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outside record;
    about uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
BEGIN
    SELECT c.label INTO outside FROM windows_cutoff c
        JOIN windows_releasewindow w ON w.id = c.window_id
        WHERE w.id = about AND (c.at <= w.opens_at OR c.at > w.closes_at);
    IF FOUND THEN
        RAISE EXCEPTION 'interlock: the cut-off % is outside its window', outside.label
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER cutoffs_inside AFTER INSERT OR UPDATE ON windows_cutoff
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION windows_cutoffs_inside('window_id');
CREATE CONSTRAINT TRIGGER cutoffs_inside AFTER UPDATE OF opens_at, closes_at
    ON windows_releasewindow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION windows_cutoffs_inside('id');
"""

# No constraints of the model: a form may leave the zone empty, which its service then fills; and
# Django cannot validate an exclusion whose condition is on the state.
OF_THE_STORED_ROW = """
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_has_zone CHECK (zone <> '');
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_one_at_a_time
    EXCLUDE USING gist (site_id WITH =, tstzrange(opens_at, closes_at) WITH &&)
    WHERE (state IN ('open', 'locked', 'in_progress', 'verifying') AND NOT may_overlap);
"""


class Migration(migrations.Migration):
    dependencies = [("windows", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(
            COUNTERS, "DROP FUNCTION windows_count_bookings, windows_touch_window CASCADE"
        ),
        migrations.RunSQL(CUTOFFS_INSIDE, "DROP FUNCTION windows_cutoffs_inside CASCADE"),
        BtreeGistExtension(),
        migrations.RunSQL(
            OF_THE_STORED_ROW,
            """
            ALTER TABLE windows_releasewindow
                DROP CONSTRAINT windows_one_at_a_time, DROP CONSTRAINT windows_has_zone
            """,
        ),
        GuardState("releasewindow", label="window", initial="draft", moves=MOVES, derived=DERIVED),
        GuardPart("cutoff", parent_label="window", parent_column="window_id"),
        GuardPart("booking", parent_label="window", parent_column="window_id"),
        AppendOnly("historicalreleasewindow"),
    ]
