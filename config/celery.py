"""The Celery application and its timetable."""

from celery import Celery
from celery.schedules import schedule
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
    ("apps.changes.tasks.freeze_dockets", 60),
    ("apps.releases.tasks.regress_unready", 60),
    ("apps.releases.tasks.refresh_readiness_all", 900),
)

app.conf.beat_schedule = {
    task: {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}
    for task, seconds in TIMETABLE
}
