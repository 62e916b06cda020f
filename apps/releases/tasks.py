from celery import shared_task

from apps.releases.services import evaluation, watch


@shared_task
def refresh_readiness_all() -> None:
    watch.refresh_open_packages()


@shared_task
def regress_unready() -> None:
    watch.regress_unready()


@shared_task
def evaluate_due() -> None:
    evaluation.evaluate_due()


@shared_task
def evaluate_portfolio() -> None:
    evaluation.evaluate_portfolio()
