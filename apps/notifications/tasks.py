from celery import shared_task

from apps.evidence.services.outbox import relay_all
from apps.notifications.services.approvals import remind_approvals
from apps.notifications.services.capacity import warn_full_windows
from apps.notifications.services.messages import deliver_due
from apps.notifications.services.night import watch_and_call
from apps.notifications.services.reminders import remind_readiness
from apps.notifications.services.sealing import warn_unsealed


@shared_task
def watch_sealing() -> None:
    warn_unsealed()


@shared_task
def relay_outbox() -> None:
    relay_all()


@shared_task
def deliver_messages() -> None:
    deliver_due()


@shared_task
def send_readiness_reminders() -> None:
    remind_readiness()


@shared_task
def check_window_capacity() -> None:
    warn_full_windows()


@shared_task
def send_approval_reminders() -> None:
    remind_approvals()


@shared_task
def watch_nights() -> None:
    watch_and_call()
