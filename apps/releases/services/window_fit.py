"""Whether the plan of a window fits: reckoned once for what is planned, then kept."""

from __future__ import annotations

from apps.gates.domain.facts import FitFacts
from apps.releases.domain.planner.plan import Plan, Unplannable
from apps.releases.services.window_plan import planning_of
from apps.windows.models import ReleaseWindow

#: The digits to which a share of a window is told.
_DIGITS = 4


def fit_of(
    window: ReleaseWindow, risk_band: str, *, most_steps: int | None = None
) -> FitFacts | None:
    """The fits that this risk asks for. None while the plan is not known and has more than
    `most_steps`, so that nobody waits for it. Two queries beside those of the window."""
    planning = planning_of(window)
    reckon = most_steps is None or len(planning.works) <= most_steps
    if not planning.works:
        return FitFacts()
    try:
        plan = planning.plan if reckon else planning.known_plan
    except Unplannable as refused:
        return FitFacts(obstacles=tuple((each.text, each.fix) for each in refused.obstacles))
    return None if plan is None else _fit(plan, risk_band)


def _fit(plan: Plan, risk_band: str) -> FitFacts:
    return FitFacts(
        fits=tuple((fit.code, fit.text, fit.short) for fit in plan.fit_for(risk_band)),
        go_ready=plan.go_ready,
        no_return=plan.no_return,
        utilisation=round(plan.utilisation, _DIGITS),
    )
