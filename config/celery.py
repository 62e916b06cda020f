"""The Celery application and its timetable."""

from celery import Celery
from celery.schedules import crontab, schedule
from django_structlog.celery.steps import DjangoStructLogInitStep

app = Celery("interlock")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

# (task, seconds between two runs). A message that waited a whole period is dropped.
TIMETABLE: tuple[tuple[str, int], ...] = (
    ("apps.portal.tasks.heartbeat", 30),
    ("apps.notifications.tasks.relay_outbox", 10),
    ("apps.notifications.tasks.deliver_messages", 10),
    ("apps.notifications.tasks.send_readiness_reminders", 60),
    ("apps.notifications.tasks.check_window_capacity", 60),
    ("apps.windows.tasks.lock_scopes", 60),
    ("apps.windows.tasks.expire_deviations", 60),
    ("apps.windows.tasks.expire_reservations", 60),
    ("apps.changes.tasks.expire_approvals", 60),
    ("apps.changes.tasks.freeze_dockets", 60),
    ("apps.changes.tasks.draft_unexplained_versions", 60),
    ("apps.notifications.tasks.send_approval_reminders", 60),
    ("apps.releases.tasks.expire_waivers", 60),
    ("apps.releases.tasks.regress_unready", 60),
    ("apps.releases.tasks.refresh_readiness_live", 60),
    ("apps.releases.tasks.refresh_readiness_all", 900),
    ("apps.integrations.tasks.discard_old_uploads", 3600),
    ("apps.releases.tasks.evaluate_due", 10),
    ("apps.releases.tasks.release_due_steps", 10),
    ("apps.notifications.tasks.watch_nights", 10),
    ("apps.notifications.tasks.watch_sealing", 30),
    ("apps.integrations.tasks.poll_jobs", 20),
    ("apps.audit.tasks.make_packs", 10),
)
# (task, hour of the day in UTC). One that waited an hour is dropped: the next night asks again.
NIGHTLY: tuple[tuple[str, int], ...] = (
    ("apps.changes.tasks.recount_asset_outcomes", 1),
    ("apps.windows.tasks.draft_series_windows", 1),
    ("apps.releases.tasks.evaluate_portfolio", 2),
    ("apps.evidence.tasks.forget_action_keys", 3),
    ("apps.evidence.tasks.reconcile_evidence", 4),
    ("apps.audit.tasks.purge_evidence", 5),
    ("apps.audit.tasks.check_invariants", 6),
)

app.conf.beat_schedule = {
    task: {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}
    for task, seconds in TIMETABLE
}
app.conf.beat_schedule |= {
    task: {"task": task, "schedule": crontab(minute=0, hour=hour), "options": {"expires": 3600}}
    for task, hour in NIGHTLY
}
