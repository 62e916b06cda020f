"""What the reading of a portfolio asks of PostgreSQL.

The whole portfolio is read set by set: two statements over all lines of scope say which assets
meet, and everything else is about those. Some packages are read by index from what they touch.
"""
# ruff: noqa: S608 - only parts of this module are put together; values are bound

from __future__ import annotations

# Packages that count: open, being backed out, or done and in warranty.
_COUNTS = """
      (p.state = ANY(%(live)s) OR p.state = ANY(%(done)s) AND p.warranty_until >= %(now)s)"""
_SCOPE = f"scope AS (SELECT p.id, p.window_id FROM releases_releasepackage p WHERE {_COUNTS})"

# Their lines of scope, and those of changes that are in none of them.
_PACKED = """
      SELECT l.asset_id, s.id AS package_id, s.window_id, l.change_id, l.action,
             l.from_version, l.to_version
        FROM scope s
        JOIN releases_packagechange m ON m.package_id = s.id
        JOIN changes_changeasset l ON l.change_id = m.change_id
       WHERE (m.is_open OR m.outcome = 'delivered')"""
_LOOSE = """
      SELECT l.asset_id, NULL::uuid AS package_id, NULL::uuid, l.change_id, l.action,
             l.from_version, l.to_version
        FROM changes_changerequest c
        JOIN changes_changeasset l ON l.change_id = c.id
       WHERE c.state = ANY(%(unplanned)s) AND NOT EXISTS (
             SELECT FROM releases_packagechange m JOIN scope s ON s.id = m.package_id
              WHERE m.change_id = c.id AND m.is_open)"""

# The environments from which production gets what it installs. Read apart and bound as values, so
# that the planner knows how little is in them.
BEFORE = """
    SELECT DISTINCT ON (p.id) e.id
      FROM inventory_environment p
      JOIN inventory_environment e ON e.site_id = p.site_id AND e."order" < p."order"
     WHERE p.is_production
     ORDER BY p.id, e."order" DESC
"""

# Members of one name in several libraries of an application.
_NAMESAKES = """
      SELECT a.id, a.application_id, a.type_id, a.name
        FROM inventory_asset a
       WHERE a.application_id IS NOT NULL AND a.name IN (
             SELECT name FROM inventory_asset GROUP BY name HAVING count(*) > 1)"""

# Assets of packages that meet: another line of scope, another level in production, a level that
# the environment before never had, an import that no longer sees them, a namesake.
MEETING = f"""
    WITH {_SCOPE}
    SELECT asset_id FROM (
      SELECT asset_id, package_id FROM ({_PACKED}) packed
      UNION ALL SELECT asset_id, package_id FROM ({_LOOSE}) loose
    ) touch GROUP BY asset_id HAVING count(*) > 1 AND count(package_id) > 0
    UNION
    SELECT l.asset_id
      FROM ({_PACKED}) l
      JOIN inventory_asset a ON a.id = l.asset_id
      LEFT JOIN inventory_assetversion v ON v.id = a.production_version_id
     WHERE l.from_version <> '' AND l.from_version <> v.level OR a.last_seen_at < %(stale)s
    UNION
    SELECT l.asset_id
      FROM inventory_assetversion v
      JOIN ({_PACKED} AND l.to_version <> '') l ON l.asset_id = v.asset_id
     WHERE v.environment_id = ANY(%(before)s)
     GROUP BY l.asset_id, l.to_version HAVING NOT bool_or(v.level = l.to_version)
    UNION
    SELECT unnest(array_agg(l.asset_id))
      FROM ({_PACKED}) l JOIN ({_NAMESAKES}) a ON a.id = l.asset_id
     GROUP BY a.application_id, a.type_id, a.name HAVING count(*) > 1
"""

# The same of some packages: all they touch, and its namesakes.
TOUCHED = """
    WITH touched AS (
      SELECT l.asset_id
        FROM releases_packagechange m JOIN changes_changeasset l ON l.change_id = m.change_id
       WHERE m.package_id = ANY(%(asked)s) AND (m.is_open OR m.outcome = 'delivered')
    )
    SELECT asset_id FROM touched
    UNION
    SELECT b.id
      FROM touched t
      JOIN inventory_asset a ON a.id = t.asset_id
      JOIN inventory_asset b ON b.name = a.name AND b.type_id = a.type_id
                            AND b.application_id = a.application_id
"""

# Relations by which packages meet: of a part and what is built from it, in one window; and of
# those who write to an interface or queue and who read it.
RELATED = f"""
    WITH {_SCOPE}, packed AS ({_PACKED})
    SELECT r.kind, r.source_id, r.target_id
      FROM packed a
      JOIN inventory_assetrelation r ON r.source_id = a.asset_id AND r.kind = ANY(%(built_from)s)
                                    AND NOT r.is_stale
      JOIN packed b ON b.asset_id = r.target_id AND b.window_id = a.window_id
                   AND b.package_id <> a.package_id
    UNION
    SELECT r.kind, r.source_id, r.target_id
      FROM inventory_assettype t
      JOIN inventory_asset i ON i.type_id = t.code
      JOIN inventory_assetrelation r ON r.target_id = i.id AND r.kind = ANY(%(exchange)s)
                                    AND NOT r.is_stale
      JOIN packed a ON a.asset_id = r.source_id
     WHERE t.family = ANY(%(between)s)
"""
RELATED_TO = """
    SELECT kind, source_id, target_id FROM inventory_assetrelation
     WHERE source_id = ANY(%(assets)s) AND kind = ANY(%(built_from)s) AND NOT is_stale
    UNION
    SELECT kind, source_id, target_id FROM inventory_assetrelation
     WHERE target_id = ANY(%(assets)s) AND kind = ANY(%(built_from)s) AND NOT is_stale
    UNION
    SELECT r.kind, r.source_id, r.target_id
      FROM inventory_assetrelation w
      JOIN inventory_asset i ON i.id = w.target_id
      JOIN inventory_assettype t ON t.code = i.type_id
      JOIN inventory_assetrelation r ON r.target_id = i.id AND r.kind = ANY(%(exchange)s)
                                    AND NOT r.is_stale
     WHERE w.source_id = ANY(%(assets)s) AND w.kind = ANY(%(exchange)s)
       AND t.family = ANY(%(between)s)
"""

# With which level of each part the levels that packages bring were built: of all packages, and of
# those asked or of programs whose parts they touch.
BUILT = f"""
    WITH {_SCOPE}
    SELECT DISTINCT b.program_id, b.program_level, b.part_id, b.part_level
      FROM ({_PACKED}) l
      JOIN inventory_buildinput b
             ON b.program_id = l.asset_id AND b.program_level = l.to_version
"""
BUILT_OF = f"""{BUILT}
     WHERE b.program_id = ANY(%(assets)s) OR b.part_id = ANY(%(assets)s)
"""

# All lines of scope about some assets.
LINES = f"""
    WITH {_SCOPE}
    SELECT l.asset_id, s.id, l.change_id, c.code, l.action, l.from_version, l.to_version
      FROM changes_changeasset l
      JOIN changes_changerequest c ON c.id = l.change_id
      LEFT JOIN (releases_packagechange m JOIN scope s ON s.id = m.package_id)
             ON m.change_id = l.change_id AND (m.is_open OR m.outcome = 'delivered')
     WHERE l.asset_id = ANY(%(assets)s) AND (s.id IS NOT NULL OR c.state = ANY(%(unplanned)s))
"""

# What is known of some assets: their level in production with the package that installed it, and
# the levels of the environment before.
ASSETS = """
    SELECT a.id, a.name, a.type_id, a.qualifier, a.application_id, a.last_seen_at, v.level,
           p.id, p.code,
           ARRAY(SELECT o.level FROM inventory_assetversion o
                  WHERE o.asset_id = a.id AND o.environment_id = ANY(%(before)s))
      FROM inventory_asset a
      LEFT JOIN inventory_assetversion v ON v.id = a.production_version_id
      LEFT JOIN releases_releasepackage p
             ON p.id = CASE WHEN v.installed_by LIKE 'package:%%'
                            THEN substr(v.installed_by, 9)::uuid END
     WHERE a.id = ANY(%(assets)s)
"""

# When a step ends by its plan: some only say how long they take.
_ENDS = "coalesce(a.planned_end_at, a.planned_start_at + a.duration_minutes * interval '1 minute')"

# A package with its window, the interval of its steps, and the packages it waits for.
_PACKAGE = f"""
    SELECT p.id, p.code, p.state, p.kind, p.owner_id, w.id, w.code,
           coalesce(nullif(w.zone, ''), site.tz, 'UTC'),
           steps.starts_at, steps.ends_at, w.opens_at, w.closes_at, p.started_at, p.ended_at,
           ARRAY(SELECT d.predecessor_id FROM releases_packagedependency d
                  WHERE d.package_id = p.id),
           coalesce(site.code, '')
      FROM releases_releasepackage p
      LEFT JOIN windows_releasewindow w ON w.id = p.window_id
      LEFT JOIN inventory_site site ON site.id = w.site_id
      LEFT JOIN LATERAL (
           SELECT min(a.planned_start_at) AS starts_at, max({_ENDS}) AS ends_at
             FROM releases_activity a
            WHERE a.package_id = p.id AND NOT a.is_backout AND a.state <> 'skipped'
           ) steps ON true"""

PACKAGES = f"{_PACKAGE} WHERE {_COUNTS}"

# Those among `units`, what shares a window with those asked, and whatever these wait for.
PACKAGES_OF = f"""
    WITH RECURSIVE wanted(id) AS (
      SELECT unnest(%(units)s::uuid[])
      UNION
      SELECT o.id
        FROM releases_releasepackage q
        JOIN releases_releasepackage o ON o.window_id = q.window_id
       WHERE q.id = ANY(%(asked)s)
      UNION
      SELECT d.predecessor_id FROM wanted w JOIN releases_packagedependency d ON d.package_id = w.id
    )
    {_PACKAGE} WHERE p.id = ANY(ARRAY(SELECT id FROM wanted)) AND {_COUNTS}
"""

# The changes of some packages, and whether they convert data.
MEMBERS = """
    SELECT m.package_id, m.change_id,
           EXISTS(SELECT FROM changes_changeasset l
                   WHERE l.change_id = m.change_id AND l.action = 'convert')
      FROM releases_packagechange m
     WHERE m.package_id = ANY(%(units)s) AND m.is_open
     ORDER BY m.change_id
"""

# Steps that go forward in nights that are not over, with what they lock and who does them.
STEPS = f"""
    SELECT a.id, a.label, a.type_id, a.planned_start_at, {_ENDS}, a.package_id,
           coalesce(a.window_id, p.window_id), coalesce(nullif(w.zone, ''), site.tz, 'UTC'),
           y.alters, a.exclusive, a.subsystem_id, s.name, t.id, t.code, t.capacity,
           u.id, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username),
           CASE a.type_id WHEN 'HOLD_JOB' THEN ARRAY(
                SELECT asset_id FROM releases_activitytarget WHERE activity_id = a.id) END
      FROM releases_activity a
      JOIN releases_activitytype y ON y.code = a.type_id
      JOIN accounts_team t ON t.id = a.team_id
      LEFT JOIN releases_releasepackage p ON p.id = a.package_id
      LEFT JOIN windows_releasewindow w ON w.id = coalesce(a.window_id, p.window_id)
      LEFT JOIN inventory_site site ON site.id = w.site_id
      LEFT JOIN inventory_subsystem s ON s.id = a.subsystem_id
      LEFT JOIN accounts_user u ON u.id = a.owner_id
     WHERE a.state = ANY(%(working)s) AND NOT a.is_backout
       AND a.planned_start_at BETWEEN %(since)s AND %(until)s
       AND (p.state = ANY(%(open)s) OR w.state = ANY(%(open_windows)s) AND a.package_id IS NULL)
"""

# What the packages of the coming nights touch, and which team keeps it: those that are open and
# begin soon; of some packages, those and what shares their time. An emergency begins now.
NEAR = """
    SELECT p.id, l.asset_id, l.action,
           coalesce(a.owner_team_id, o.technical_owner_id)
      FROM releases_releasepackage p
      LEFT JOIN windows_releasewindow w ON w.id = p.window_id
      JOIN releases_packagechange m ON m.package_id = p.id AND m.is_open
      JOIN changes_changeasset l ON l.change_id = m.change_id
      JOIN inventory_asset a ON a.id = l.asset_id
      LEFT JOIN inventory_application o ON o.id = a.application_id
     WHERE p.state = ANY(%(open)s)
       AND (w.id IS NULL AND p.kind = 'emergency'
            OR w.closes_at >= %(now)s AND w.opens_at <= %(soon)s)
       AND (%(asked)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM releases_releasepackage q
              LEFT JOIN windows_releasewindow v ON v.id = q.window_id
             WHERE q.id = ANY(%(asked)s)
               AND coalesce(v.opens_at, %(now)s) <= coalesce(w.closes_at, %(now)s)
               AND coalesce(w.opens_at, %(now)s) <= coalesce(v.closes_at, %(now)s)))
"""

# What is checked in the nights of some packages, by the package or by its window.
CHECKS = """
    SELECT c.title, c.method
      FROM releases_validationcheck c
     WHERE c.state <> %(left_out)s
       AND (c.package_id = ANY(%(packages)s) OR c.window_id IN (
            SELECT window_id FROM releases_releasepackage WHERE id = ANY(%(packages)s)))
"""
