from celery import shared_task

from apps.windows.services.deviations import expire_due_deviations
from apps.windows.services.planning import lock_due_scopes
from apps.windows.services.reservations import expire_due_reservations
from apps.windows.services.series import draft_due_series


@shared_task
def lock_scopes() -> None:
    lock_due_scopes()


@shared_task
def expire_deviations() -> None:
    expire_due_deviations()


@shared_task
def draft_series_windows() -> None:
    draft_due_series()


@shared_task
def expire_reservations() -> None:
    expire_due_reservations()
