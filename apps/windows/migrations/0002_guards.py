from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

WINDOW_MOVES = (
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
    "booked_binds",
    "emergency_changes",
    "emergency_points",
    "emergency_packages",
    "emergency_binds",
)
WINDOW_DEVIATION_MOVES = (
    "requested>approved",
    "requested>refused",
    "approved>used",
    "requested>expired",
    "approved>expired",
)

# Whoever writes a window, its counters are the sums of its active bookings and of what is reserved,
# which is taken as much; whoever writes a booking touches its window, and so waits for the window's
# lock. The constraints do the rest.
COUNTERS = """
CREATE FUNCTION windows_count_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(sum(changes), 0), coalesce(sum(points), 0), count(*),
           coalesce(sum(binds), 0),
           coalesce(sum(changes) FILTER (WHERE is_emergency), 0),
           coalesce(sum(points) FILTER (WHERE is_emergency), 0),
           count(*) FILTER (WHERE is_emergency),
           coalesce(sum(binds) FILTER (WHERE is_emergency), 0)
        INTO NEW.booked_changes, NEW.booked_points, NEW.booked_packages, NEW.booked_binds,
             NEW.emergency_changes, NEW.emergency_points, NEW.emergency_packages,
             NEW.emergency_binds
        FROM windows_booking WHERE window_id = NEW.id AND state IN ('active', 'reserved');
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
# Django cannot validate an exclusion whose condition is on the state. A window of the whole site
# meets one of any of its sysplexes: there is no range of keys in PostgreSQL, so a sysplex is the
# point of its hash, and none is the whole line.
OF_THE_STORED_ROW = """
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_has_zone CHECK (zone <> '');
ALTER TABLE windows_windowseries ADD CONSTRAINT windows_series_has_zone CHECK (zone <> '');
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_one_at_a_time
    EXCLUDE USING gist (
        site_id WITH =,
        (CASE WHEN sysplex_id IS NULL THEN numrange(NULL, NULL)
              ELSE numrange(hashtextextended(sysplex_id::text, 0)::numeric,
                            hashtextextended(sysplex_id::text, 0)::numeric, '[]') END) WITH &&,
        tstzrange(opens_at, closes_at) WITH &&
    ) WHERE (state IN ('open', 'locked', 'in_progress', 'verifying') AND NOT may_overlap);
"""
AS_IT_COMES = """
ALTER TABLE windows_windowseries DROP CONSTRAINT windows_series_has_zone;
ALTER TABLE windows_releasewindow
    DROP CONSTRAINT windows_one_at_a_time, DROP CONSTRAINT windows_has_zone;
"""


class Migration(migrations.Migration):
    dependencies = [("windows", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(
            COUNTERS, "DROP FUNCTION windows_count_bookings, windows_touch_window CASCADE"
        ),
        migrations.RunSQL(CUTOFFS_INSIDE, "DROP FUNCTION windows_cutoffs_inside CASCADE"),
        BtreeGistExtension(),
        migrations.RunSQL(OF_THE_STORED_ROW, AS_IT_COMES),
        GuardState(
            "releasewindow",
            label="window",
            initial="draft",
            moves=WINDOW_MOVES,
            derived=DERIVED,
        ),
        GuardState("calendarrule", label="calendar_rule"),
        GuardState(
            "windowdeviation",
            label="window_deviation",
            initial="requested",
            moves=WINDOW_DEVIATION_MOVES,
        ),
        GuardState("windowseries", label="window_series"),
        GuardState("calendarfeed", label="calendar_feed"),
        GuardPart("cutoff", parent_label="window", parent_column="window_id"),
        GuardPart("booking", parent_label="window", parent_column="window_id"),
        GuardPart("seriescutoff", parent_label="window_series", parent_column="series_id"),
        AppendOnly("historicalreleasewindow"),
        AppendOnly("historicalcalendarrule"),
        AppendOnly("historicalwindowdeviation"),
        AppendOnly("historicalwindowseries"),
        AppendOnly("historicalcalendarfeed"),
    ]
