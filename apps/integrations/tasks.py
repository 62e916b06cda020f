from celery import shared_task

from apps.integrations.services import jobs, runs

#: Below the visibility timeout of the broker, so that nobody else gets the message meanwhile.
LIMITS = {"soft_time_limit": 540, "time_limit": 570}


@shared_task(**LIMITS)
def read_run(pk: str) -> None:
    runs.read_run(pk=pk)


@shared_task(**LIMITS)
def import_run(pk: str) -> None:
    runs.import_run(pk=pk)


@shared_task
def discard_old_uploads() -> None:
    runs.discard_old_uploads()


@shared_task
def poll_jobs() -> None:
    jobs.poll_jobs()
