from celery import shared_task

from apps.audit.services import pack_making

#: Below the visibility timeout of the broker, so that nobody else gets the message meanwhile.
LIMITS = {"soft_time_limit": 540, "time_limit": 570}


@shared_task(**LIMITS)
def make_packs() -> None:
    pack_making.make_waiting_packs()
