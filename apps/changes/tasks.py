from celery import shared_task

from apps.changes.services.meetings import freeze_due_dockets


@shared_task
def freeze_dockets() -> None:
    freeze_due_dockets()
