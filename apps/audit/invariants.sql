-- What must never be true, whatever happened: every query finds the rows that break its rule, and
-- none while all is well. Each names what it found in one column of text. The rules are those of
-- docs/threat-model.md. "only: live" is not asked where the clock is set by hand, as in tests and
-- in the demo.

-- I1 What is booked of a window is the sum of its bookings.
SELECT w.code
FROM windows_releasewindow w
LEFT JOIN windows_booking b ON b.window_id = w.id AND b.state IN ('active', 'reserved')
GROUP BY w.id
HAVING w.booked_changes <> coalesce(sum(b.changes), 0)
    OR w.booked_points <> coalesce(sum(b.points), 0)
    OR w.booked_packages <> count(b.id)
    OR w.booked_binds <> coalesce(sum(b.binds), 0)
    OR w.emergency_changes <> coalesce(sum(b.changes) FILTER (WHERE b.is_emergency), 0)
    OR w.emergency_points <> coalesce(sum(b.points) FILTER (WHERE b.is_emergency), 0)
    OR w.emergency_packages <> count(b.id) FILTER (WHERE b.is_emergency)
    OR w.emergency_binds <> coalesce(sum(b.binds) FILTER (WHERE b.is_emergency), 0);

-- I2 No more is booked than a window takes, and the reserve is kept for emergencies.
SELECT code
FROM windows_releasewindow
WHERE booked_changes > capacity_changes
   OR booked_points > capacity_points
   OR booked_packages > max_parallel_packages
   OR (capacity_binds > 0 AND booked_binds > capacity_binds)
   OR booked_changes > emergency_changes + capacity_changes * (100 - reserve_percent) / 100
   OR booked_points > emergency_points + capacity_points * (100 - reserve_percent) / 100
   OR booked_packages > emergency_packages + max_parallel_packages * (100 - reserve_percent) / 100
   OR (capacity_binds > 0 AND
       booked_binds > emergency_binds + capacity_binds * (100 - reserve_percent) / 100);

-- I3 What counts as signed was signed by as many different people as were asked for, none of them
-- a machine; and of an approved change something is signed, and nothing is open.
SELECT a.about || ', ' || a.label
FROM approvals_approval a
WHERE a.state IN ('approved', 'approved_with_conditions') AND a.quorum > (
    SELECT count(DISTINCT coalesce(d.on_behalf_of_id, d.by_id))
    FROM approvals_decision d JOIN accounts_user u ON u.id = d.by_id
    WHERE d.approval_id = a.id AND d.verdict IN ('approve', 'approve_with_conditions')
      AND u.kind = 'human'
      AND NOT EXISTS (SELECT FROM approvals_decision later WHERE later.replaces_id = d.id))
UNION ALL
SELECT c.code || ', ' || a.label
FROM changes_changerequest c JOIN approvals_approval a ON a.about = 'change:' || c.id
WHERE c.state IN ('approved', 'scheduled') AND a.state IN ('requested', 'denied')
UNION ALL
SELECT c.code || ', nobody signed it'
FROM changes_changerequest c
WHERE c.state IN ('approved', 'scheduled') AND c.change_type <> 'standard' AND NOT EXISTS (
    SELECT FROM approvals_approval a
    WHERE a.about = 'change:' || c.id AND a.state IN ('approved', 'approved_with_conditions'));

-- I4 Nobody whose signature counts asked for the change, wrote it, or ran a step of it afterwards;
-- nor did the person for whom they signed.
WITH signer AS (
    SELECT DISTINCT substr(a.about, 8)::uuid AS change_id, person, d.decided_at
    FROM approvals_approval a
    JOIN approvals_decision d ON d.approval_id = a.id
    CROSS JOIN LATERAL (VALUES (d.by_id), (d.on_behalf_of_id)) AS p (person)
    WHERE a.about LIKE 'change:%' AND a.state IN ('approved', 'approved_with_conditions')
      AND d.verdict IN ('approve', 'approve_with_conditions') AND person IS NOT NULL
      AND NOT EXISTS (SELECT FROM approvals_decision later WHERE later.replaces_id = d.id)
)
SELECT c.code || ', signed by who asked for it or wrote it'
FROM changes_changerequest c JOIN signer s ON s.change_id = c.id
WHERE c.state IN ('implementing', 'implemented', 'failed', 'backed_out', 'closed')
  AND s.person IN (c.requester_id, c.author_id)
UNION ALL
SELECT c.code || ', signed by who ran ' || a.label
FROM releases_activitychange l
JOIN releases_activity a ON a.id = l.activity_id
JOIN changes_changerequest c ON c.id = l.change_id
JOIN signer s ON s.change_id = c.id AND s.person = a.done_by_id
WHERE s.decided_at <= a.started_at;

-- I5 A step starts while its window is open, or somebody else let it start, with a reason.
SELECT w.code || ' ' || a.label
FROM releases_activity a
LEFT JOIN releases_releasepackage p ON p.id = a.package_id
JOIN windows_releasewindow w ON w.id = coalesce(a.window_id, p.window_id)
WHERE a.started_at IS NOT NULL AND NOT a.is_backout
  AND NOT (a.started_at >= w.opens_at AND a.started_at < w.closes_at)
  AND (a.let_start_by_id IS NULL OR a.let_start_reason = '' OR a.let_start_by_id = a.done_by_id);

-- I6 Every version of a record has exactly one entry, each entry names the one before it, and the
-- record names its last.
SELECT subject || ', a gap'
FROM evidence_evidenceentry
GROUP BY subject
HAVING count(*) <> max(seq) OR min(seq) <> 1
UNION ALL
SELECT subject || ' #' || seq || ', another predecessor'
FROM (
    SELECT subject, seq, convert_from(body, 'UTF8')::jsonb ->> 'prev' AS told, body IS NULL AS gone,
           encode(lag(leaf) OVER (PARTITION BY subject ORDER BY seq), 'hex') AS prev
    FROM evidence_evidenceentry) e
WHERE NOT gone AND told IS DISTINCT FROM prev
UNION ALL
SELECT r.subject || ' #' || r.seq || ', not its last entry'
FROM evidence_records() r
LEFT JOIN (SELECT DISTINCT ON (subject) subject, seq, leaf
           FROM evidence_evidenceentry ORDER BY subject, seq DESC) e ON e.subject = r.subject
WHERE e.seq IS DISTINCT FROM r.seq OR e.leaf IS DISTINCT FROM r.head
UNION ALL
SELECT e.subject || ', no record'
FROM evidence_evidenceentry e
JOIN evidence_evidencesubject s ON s.label = split_part(e.subject, ':', 1) AND s.table_name <> ''
WHERE e.seq = 1 AND NOT EXISTS (SELECT FROM evidence_records() r WHERE r.subject = e.subject);

-- I7 The entries of a record, one after the other, lead to the state that it is in.
SELECT subject || ' #' || seq
FROM (
    SELECT subject, seq, from_state,
           lag(to_state, 1, '') OVER (PARTITION BY subject ORDER BY seq) AS was
    FROM evidence_evidenceentry) e
WHERE from_state <> was
UNION ALL
SELECT r.subject || ' is ' || r.state
FROM evidence_records() r
JOIN (SELECT DISTINCT ON (subject) subject, to_state
      FROM evidence_evidenceentry ORDER BY subject, seq DESC) e ON e.subject = r.subject
WHERE e.to_state <> r.state;

-- I8 The leaves of the tree are those of the entries, without a gap, and as many as the newest
-- checkpoint says.
SELECT 'leaf ' || l.idx
FROM (SELECT idx, leaf, entry_id, row_number() OVER (ORDER BY idx) - 1 AS place
      FROM evidence_evidenceleaf) l
LEFT JOIN evidence_evidenceentry e ON e.id = l.entry_id
WHERE l.idx <> l.place OR e.leaf IS DISTINCT FROM l.leaf
UNION ALL
SELECT 'checkpoint of ' || c.size
FROM evidence_evidencecheckpoint c
WHERE c.size > (SELECT count(*) FROM evidence_evidenceleaf);

-- I9 Nothing that happened waits longer than two minutes for its seal.
-- only: live
SELECT e.subject || ' #' || e.seq
FROM evidence_evidenceentry e
WHERE e.recorded_at < now() - interval '2 minutes'
  AND NOT EXISTS (SELECT FROM evidence_evidenceleaf l WHERE l.entry_id = e.id);

-- I10 A record makes only the moves of its lifecycle, and begins where that begins.
WITH life AS (
    SELECT s.label, split_part(encode(t.tgargs, 'escape'), '\000', 1) AS initial,
           ',' || split_part(encode(t.tgargs, 'escape'), '\000', 2) || ',' AS moves
    FROM evidence_evidencesubject s
    JOIN pg_trigger t ON t.tgrelid = s.table_name::regclass AND t.tgname = 'guard_row_update'
    WHERE s.table_name <> ''
)
SELECT e.subject || ' #' || e.seq || ', ' || e.from_state || ' to ' || e.to_state
FROM evidence_evidenceentry e JOIN life l ON l.label = split_part(e.subject, ':', 1)
WHERE l.initial <> '' AND CASE
    WHEN e.seq = 1 THEN e.to_state <> l.initial
    WHEN e.from_state = e.to_state THEN false
    ELSE position(',' || e.from_state || '>' || e.to_state || ',' IN l.moves) = 0 END;

-- I11 From when the work on a change begins, its content stays what was signed.
SELECT e.subject || ' #' || e.seq
FROM evidence_evidenceentry e
WHERE e.subject LIKE 'change:%'
  AND e.from_state IN ('implementing', 'implemented', 'failed', 'backed_out', 'closed')
  AND convert_from(e.body, 'UTF8')::jsonb -> 'diff' @> '[{"field": "fingerprint"}]';

-- I12 A step begins after those of its night that it waits for have ended, and no step waits for
-- itself.
SELECT a.label || ' before ' || b.label
FROM releases_activitydependency d
JOIN releases_activity a ON a.id = d.activity_id
JOIN releases_activity b ON b.id = d.predecessor_id
LEFT JOIN releases_releasepackage pa ON pa.id = a.package_id
LEFT JOIN releases_releasepackage pb ON pb.id = b.package_id
WHERE d.strength = 'hard' AND d.dropped_at IS NULL AND NOT a.is_backout
  AND a.started_at IS NOT NULL AND b.state <> 'skipped'
  AND (pa.id = pb.id OR (
       coalesce(a.window_id, pa.window_id) = coalesce(b.window_id, pb.window_id)
       AND (pb.id IS NULL OR pb.state NOT IN ('draft', 'delayed', 'cancelled', 'backed_out'))))
  AND (b.ended_at IS NULL OR a.started_at < b.ended_at)
UNION ALL
SELECT 'step ' || walk.id || ' waits for itself'
FROM (
    WITH RECURSIVE before AS (
        SELECT activity_id AS id, predecessor_id
        FROM releases_activitydependency WHERE strength = 'hard'
        UNION
        SELECT before.id, d.predecessor_id
        FROM before JOIN releases_activitydependency d
          ON d.activity_id = before.predecessor_id AND d.strength = 'hard')
    SELECT id FROM before WHERE id = predecessor_id) walk;

-- I13 No two running steps hold one subsystem.
SELECT s.name
FROM releases_activity a JOIN inventory_subsystem s ON s.id = a.subsystem_id
WHERE a.exclusive AND a.state IN ('in_progress', 'paused')
GROUP BY s.id
HAVING count(*) > 1;

-- I14 A window ends after it begins, and shares its site with no other unless somebody said so;
-- what happened to a record is told in the order of time.
SELECT code || ', its times'
FROM windows_releasewindow WHERE closes_at <= opens_at OR zone = ''
UNION ALL
SELECT a.code || ' and ' || b.code
FROM windows_releasewindow a JOIN windows_releasewindow b
  ON b.site_id = a.site_id AND b.id > a.id
 AND tstzrange(a.opens_at, a.closes_at) && tstzrange(b.opens_at, b.closes_at)
WHERE a.state IN ('open', 'locked', 'in_progress', 'verifying')
  AND b.state IN ('open', 'locked', 'in_progress', 'verifying')
  AND NOT a.may_overlap AND NOT b.may_overlap
  AND (a.sysplex_id IS NULL OR b.sysplex_id IS NULL OR a.sysplex_id = b.sysplex_id)
UNION ALL
SELECT subject || ' #' || seq || ', earlier than the one before'
FROM (SELECT subject, seq, at, lag(at) OVER (PARTITION BY subject ORDER BY seq) AS before
      FROM evidence_evidenceentry) e
WHERE at < before;

-- I14b Nothing is told before it happened.
-- only: live
SELECT subject || ' #' || seq
FROM evidence_evidenceentry
WHERE at > recorded_at + interval '2 seconds'
  AND NOT EXISTS (SELECT FROM core_democlock);

-- I15 A package begins with no hard gate open, unless it is an emergency.
SELECT p.code || ' ' || i.gate
FROM releases_releasepackage p JOIN gates_readinessitem i ON i.subject = 'package:' || p.id
WHERE p.started_at IS NOT NULL AND p.kind <> 'emergency'
  AND i.level = 'hard' AND i.state IN ('open', 'not_met', 'submitted', 'expired')
  AND i.evaluated_at <= p.started_at;

-- I16 Every effect of what happened came about; none was given up.
SELECT o.consumer || ', entry ' || o.entry_id
FROM evidence_evidenceoutbox o
WHERE o.attempts >= 5 OR NOT EXISTS (SELECT FROM evidence_evidenceconsumer c WHERE c.name = o.consumer)
   OR NOT EXISTS (SELECT FROM evidence_evidenceentry e WHERE e.id = o.entry_id);

-- I17 What was asked for under one key came to one thing.
SELECT action || ' ' || key
FROM evidence_actionkey
WHERE refusal IS NOT NULL AND record_id IS NOT NULL
UNION ALL
SELECT 'key ' || key
FROM evidence_actionkey GROUP BY actor_id, key HAVING count(*) > 1;

-- I18 Nobody ratifies an emergency change that they asked for or wrote, and none is closed
-- before it was ratified.
SELECT code
FROM changes_changerequest
WHERE (ratified_by_id IS NOT NULL AND ratified_by_id IN (requester_id, author_id))
   OR (change_type = 'emergency' AND state = 'closed'
       AND ratification_due_at IS NOT NULL AND ratified_at IS NULL);

-- I19 A package holds its room of its window once, from when it is planned until it leaves; and no
-- package runs in a window that is over.
SELECT p.code || ', its booking'
FROM releases_releasepackage p
LEFT JOIN windows_booking b ON b.subject = 'package:' || p.id AND b.state = 'active'
GROUP BY p.id
HAVING count(b.id) <> (p.window_id IS NOT NULL AND p.state IN (
           'planned', 'ready', 'in_progress', 'validating', 'completed', 'partially_completed',
           'failed', 'backing_out', 'backed_out', 'closed'))::int
    OR bool_or(b.window_id <> p.window_id)
UNION ALL
SELECT p.code || ', its window is over'
FROM releases_releasepackage p JOIN windows_releasewindow w ON w.id = p.window_id
WHERE p.state IN ('in_progress', 'validating', 'backing_out') AND w.state IN ('closed', 'cancelled');

-- I20 The versions of a record rise one by one, and none is kept twice.
SELECT v.subject
FROM evidence_versions() v
GROUP BY v.subject
HAVING count(*) <> max(v.seq) OR count(DISTINCT v.seq) <> max(v.seq);

-- I21 Every version is told, everything that is told is kept, and nobody acts whose account was
-- closed before.
SELECT coalesce(v.subject, e.subject) || ' #' || coalesce(v.seq, e.seq)
FROM evidence_versions() v
FULL JOIN (
    SELECT e.subject, e.seq FROM evidence_evidenceentry e
    JOIN evidence_evidencesubject s
      ON s.label = split_part(e.subject, ':', 1) AND s.table_name <> '') e
  ON e.subject = v.subject AND e.seq = v.seq
WHERE v.subject IS NULL OR e.subject IS NULL
UNION ALL
SELECT e.subject || ' #' || e.seq || ', by a closed account'
FROM evidence_evidenceentry e
JOIN (SELECT DISTINCT id FROM accounts_historicaluser WHERE NOT is_active) closed
  ON closed.id = e.actor_id
WHERE e.action <> 'access.refused' AND NOT (
    SELECT h.is_active FROM accounts_historicaluser h
    WHERE h.id = e.actor_id AND h.history_date <= e.at
    ORDER BY h.history_date DESC, h.history_id DESC LIMIT 1);

-- I22 What is gone was erased: each body that is missing has an entry that tells why.
SELECT e.subject || ' #' || e.seq
FROM evidence_evidenceentry e
WHERE e.body IS NULL AND NOT EXISTS (
    SELECT FROM evidence_erasure x JOIN evidence_evidenceentry t ON t.id = x.entry_id
    WHERE x.what = 'body' AND x.digest = encode(e.leaf, 'hex')
      AND convert_from(t.body, 'UTF8')::jsonb -> 'erased' ? x.digest);

-- I23 The bytes of an entry are those that its leaf is the hash of.
SELECT subject || ' #' || seq
FROM evidence_evidenceentry
WHERE body IS NOT NULL AND leaf <> sha256('\x00'::bytea || body);

-- I24 A step of four eyes is completed after a second person verified it.
SELECT label
FROM releases_activity
WHERE four_eyes AND state = 'completed'
  AND (verified_by_id IS NULL OR verified_by_id = done_by_id);

-- I25 A step is completed with a higher return code only where somebody accepted that.
SELECT label
FROM releases_activity
WHERE state = 'completed' AND rc > max_rc AND deviation_accepted_by_id IS NULL;
