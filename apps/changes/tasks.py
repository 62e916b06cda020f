from celery import shared_task

from apps.changes.services.decisions import expire_due


@shared_task
def expire_approvals() -> None:
    expire_due()
