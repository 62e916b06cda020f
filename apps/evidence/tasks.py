from celery import shared_task

from apps.evidence.services import replays


@shared_task
def forget_action_keys() -> None:
    replays.forget_action_keys()
