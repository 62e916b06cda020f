from importlib import import_module

from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

BEFORE = import_module("apps.windows.migrations.0002_guards")

# A window of the whole site meets one of any of its sysplexes: there is no range of keys in
# PostgreSQL, so a sysplex is the point of its hash, and none is the whole line.
ONE_AT_A_TIME = """
ALTER TABLE windows_releasewindow DROP CONSTRAINT windows_one_at_a_time;
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_one_at_a_time
    EXCLUDE USING gist (
        site_id WITH =,
        (CASE WHEN sysplex_id IS NULL THEN numrange(NULL, NULL)
              ELSE numrange(hashtextextended(sysplex_id::text, 0)::numeric,
                            hashtextextended(sysplex_id::text, 0)::numeric, '[]') END) WITH &&,
        tstzrange(opens_at, closes_at) WITH &&
    ) WHERE (state IN ('open', 'locked', 'in_progress', 'verifying') AND NOT may_overlap);
ALTER TABLE windows_windowseries ADD CONSTRAINT windows_series_has_zone CHECK (zone <> '');
"""
ONE_AT_A_SITE = """
ALTER TABLE windows_windowseries DROP CONSTRAINT windows_series_has_zone;
ALTER TABLE windows_releasewindow DROP CONSTRAINT windows_one_at_a_time;
ALTER TABLE windows_releasewindow ADD CONSTRAINT windows_one_at_a_time
    EXCLUDE USING gist (site_id WITH =, tstzrange(opens_at, closes_at) WITH &&)
    WHERE (state IN ('open', 'locked', 'in_progress', 'verifying') AND NOT may_overlap);
"""


class Migration(migrations.Migration):
    dependencies = [("windows", "0102_series_overlap_feeds"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(ONE_AT_A_TIME, ONE_AT_A_SITE),
        GuardState(
            "releasewindow", label="window", initial="draft", moves=BEFORE.MOVES,
            derived=BEFORE.DERIVED,
        ),
        GuardState("windowseries", label="window_series"),
        GuardPart("seriescutoff", parent_label="window_series", parent_column="series_id"),
        AppendOnly("historicalwindowseries"),
        GuardState("calendarfeed", label="calendar_feed"),
        AppendOnly("historicalcalendarfeed"),
    ]
