from celery import shared_task

from apps.core.actor import system_actor
from apps.releases.services import activities, evaluation, live, simulation, waivers, watch, what_if


@shared_task
def refresh_readiness_all() -> None:
    watch.refresh_open_packages()


@shared_task
def refresh_readiness_live() -> None:
    watch.refresh_live_packages()


@shared_task
def regress_unready() -> None:
    watch.regress_unready()


@shared_task
def release_due_steps() -> None:
    activities.release_due_activities(actor=system_actor("scheduler"))


@shared_task
def expire_waivers() -> None:
    waivers.expire_due_waivers()


@shared_task
def evaluate_due() -> None:
    evaluation.evaluate_due()


@shared_task
def evaluate_portfolio() -> None:
    evaluation.evaluate_portfolio()


@shared_task
def simulate_window(window: str, user: str, seed: int, trials: int) -> None:
    simulation.simulate_for(window, user, seed, trials)


@shared_task
def reckon_outlook(window: str) -> None:
    what_if.reckon_outlook(window)


@shared_task
def reckon_live(window: str) -> None:
    live.reckon_live(window)
