from celery import shared_task

from apps.portal.health import beat


@shared_task
def heartbeat() -> None:
    beat()
