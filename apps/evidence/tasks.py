from celery import shared_task

from apps.evidence.services import reconciliation, replays


@shared_task
def forget_action_keys() -> None:
    replays.forget_action_keys()


@shared_task
def reconcile_evidence() -> None:
    reconciliation.reconcile()
