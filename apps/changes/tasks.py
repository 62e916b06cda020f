from celery import shared_task

from apps.changes.services.decisions import expire_due
from apps.changes.services.emergency import draft_unexplained
from apps.changes.services.meetings import freeze_due_dockets
from apps.changes.services.outcomes import recount_outcomes


@shared_task
def expire_approvals() -> None:
    expire_due()


@shared_task
def freeze_dockets() -> None:
    freeze_due_dockets()


@shared_task
def draft_unexplained_versions() -> None:
    draft_unexplained()


@shared_task
def recount_asset_outcomes() -> None:
    recount_outcomes()
