from celery import shared_task

from apps.windows.services.deviations import expire_due_deviations
from apps.windows.services.planning import lock_due_scopes


@shared_task
def lock_scopes() -> None:
    lock_due_scopes()


@shared_task
def expire_deviations() -> None:
    expire_due_deviations()
