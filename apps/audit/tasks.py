from celery import shared_task

from apps.audit.services import invariants, pack_making, purge

#: Below the visibility timeout of the broker, so that nobody else gets the message meanwhile.
LIMITS = {"soft_time_limit": 540, "time_limit": 570}


@shared_task(**LIMITS)
def make_packs() -> None:
    pack_making.make_waiting_packs()


@shared_task
def check_invariants() -> None:
    invariants.check_invariants()


@shared_task
def purge_evidence() -> None:
    purge.purge()
