from celery import shared_task

from apps.releases.services import watch


@shared_task
def refresh_readiness_all() -> None:
    watch.refresh_open_packages()


@shared_task
def regress_unready() -> None:
    watch.regress_unready()
