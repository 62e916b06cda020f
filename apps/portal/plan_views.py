"""The plan of a window: its picture, what would gain time, how likely it holds, its run-book."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.console import display
from apps.console.hooks import actor_of
from apps.console.page import Fact
from apps.console.site import site
from apps.core import clock
from apps.core.errors import Refused
from apps.releases.domain.planner.plan import NEVER, Plan, Unplannable
from apps.releases.domain.planner.shed import Shed
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.models import Simulation
from apps.releases.models.simulation import TRIALS_FEWEST, TRIALS_MOST
from apps.releases.pictures import picture_of_plan
from apps.releases.services.simulation import (
    progress_of,
    repeat,
    repeat_blockers,
    simulate_blockers,
    start_simulation,
)
from apps.releases.services.what_if import Outlook, known_outlook
from apps.releases.services.window_plan import Planning, no_plan_blockers, planning_of, run_book
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people

#: Simulations of the window that the page shows.
SHOWN = 5
#: Band of the utilisation → tone and icon.
_BANDS = {
    "green": ("completed", "done"),
    "amber": ("medium", "warn"),
    "red": ("failed", "warn"),
    "blocked": ("failed", "stop"),
}


class SimulateForm(forms.Form):
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=1)
    trials = forms.IntegerField(min_value=TRIALS_FEWEST, max_value=TRIALS_MOST, initial=2_000)


@require_safe
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`repeat` in the query is the key of a simulation to reckon again; nothing is written."""
    return _plan_page(request, _window(pk))


@require_POST
def simulate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Simulate now, or have a worker do it; a refusal is told on the page itself."""
    window = _window(pk)
    form = SimulateForm(request.POST)
    if not form.is_valid():
        return _plan_page(request, window, status=400, form=form)
    try:
        start_simulation(window=window, actor=actor_of(request), **form.cleaned_data)
    except Refused as refusal:
        return _plan_page(
            request, window, status=refusal.status, form=form, refused=refusal.blockers
        )
    return HttpResponseRedirect(f"{reverse('window_plan', args=[pk])}#simulation")


@never_cache
@require_safe
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a worker is with a simulation, for the script of the page."""
    done = progress_of(get_object_or_404(ReleaseWindow, pk=pk))
    sentence = "" if done is None else f"{done} % of the nights"
    return JsonResponse({"busy": done is not None, "percent": done or 0, "sentence": sentence})


@require_safe
def print_run_book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The steps of the night, numbered, to print."""
    window = _window(pk)
    planning = planning_of(window)
    told: dict[str, Any] = {"lines": [], "obstacles": ()}
    try:
        found = planning.plan
        told |= {"lines": run_book(planning, found), "facts": _facts(planning, found)}
    except Unplannable as refused:
        told["obstacles"] = no_plan_blockers(refused)
    return _render(request, "portal/run_book.html", f"Run-book {window.code}", window, **told)


def _plan_page(
    request: HttpRequest, window: ReleaseWindow, *, status: int = 200, **more: Any
) -> HttpResponse:
    planning = planning_of(window)
    told: dict[str, Any] = {}
    try:
        found = planning.plan
        outlook = known_outlook(planning, found)
        told = {
            "facts": [*_facts(planning, found), _bottleneck(outlook)],
            "panel": {"picture": picture_of_plan(planning, found), "is_plan": True},
            "lines": run_book(planning, found),
            "shortfalls": outlook.shortfalls if outlook else found.told_short(),
            "outlook": outlook,
            "shed": [_shed(each) for each in outlook.shed(found)] if outlook else (),
            "groups": _groups(planning, outlook.what_ifs if outlook else ()),
        }
    except Unplannable as refused:
        told["obstacles"] = no_plan_blockers(refused)
    shown = list(
        Simulation.objects.filter(window=window)
        .select_related("simulated_by")
        .order_by("-created_at", "-id")[:SHOWN]
    )
    return _render(
        request, "portal/window_plan.html", f"Plan of {window.code}", window, status=status,
        form=more.pop("form", None) or SimulateForm(),
        simulations=[_simulation(planning, each) for each in shown],
        busy=progress_of(window),
        locked=tuple(simulate_blockers(actor_of(request))),
        repeated=_repeated(request, window),
        **told, **more,
    )  # fmt: skip


def _repeated(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    """What came out of a simulation that is reckoned again."""
    try:
        asked = UUID(request.GET.get("repeat", ""))
    except ValueError:
        return None
    kept = Simulation.objects.filter(window=window, pk=asked).first()
    if kept is None:
        raise Http404
    blockers = tuple(repeat_blockers(kept))
    return {
        "kept": kept,
        "trials": f"{kept.trials:,}",
        "blockers": blockers,
        "again": None if blockers else repeat(kept),
    }


def _groups(planning: Planning, found: Iterable[WhatIf]) -> dict[str, list[dict[str, Any]]]:
    """What gains, what does not, and what is vetoed, each in its order."""
    groups: dict[str, list[dict[str, Any]]] = {"gaining": [], "idle": [], "vetoed": []}
    for each in found:
        name = "vetoed" if each.vetoes else "gaining" if each.gain > 0 else "idle"
        groups[name].append(_what_if(planning, each))
    return groups


def _what_if(planning: Planning, each: WhatIf) -> dict[str, Any]:
    verb = "gains" if each.gain > 0 else "costs"
    return {
        "found": each,
        "word": f"{verb} {abs(each.gain)} min",
        "go_at": planning.at(each.go_ready),
        "no_return_at": None if each.no_return == NEVER else planning.at(each.no_return),
    }


def _shed(each: Shed) -> dict[str, Any]:
    missing = max(each.short.values())
    if each.what_if.vetoes:
        mark = display.tone_word("failed", "stop", "vetoed")
    elif each.fits_again:
        mark = display.tone_word("completed", "done", "fits again")
    else:
        mark = display.tone_word("medium", "warn", f"still {missing} min short")
    return {"found": each.what_if, "mark": mark}


def _simulation(planning: Planning, kept: Simulation) -> dict[str, Any]:
    out, inputs = kept.told, kept.rests_on
    return {
        "kept": kept,
        "trials": f"{out.trials:,}",
        "in_time": 100 * out.in_time / out.trials,
        "can_return": 100 * out.can_return / out.trials,
        "ends": [(percent, planning.at(minute)) for percent, minute in
                 ((50, out.p50), (80, out.p80), (95, out.p95))],
        "contributors": [(c.label, c.correlation / 1000) for c in out.contributors],
        "histories": [
            (name, history, [share / 10 for share in history.quantiles])
            for name, history in inputs.histories
        ],
        "used": sum(history.is_used for _, history in inputs.histories),
    }  # fmt: skip


def _facts(planning: Planning, found: Plan) -> list[Fact]:
    zone = planning.window.zone

    def at(minute: int) -> str:
        return display.hhmm(planning.at(minute), zone)

    above = found.makespan - found.schedule.bound
    proven = "no plan is shorter" if not above else f"at most {above} min above the shortest"
    back = found.no_return != NEVER
    tone, icon = _BANDS[found.band]
    use = display.tone_word(tone, icon, f"{found.utilisation:.0%} {found.band}")
    return [
        Fact("Ends", at(found.makespan), f"{found.makespan} min; {proven}"),
        Fact("Go/no-go ready", at(found.go_ready), "the evidence is complete"),
        Fact("Commit", "none" if found.commit is None else at(found.commit),
             "the first step that cannot be undone"),
        Fact("Point of no return", at(found.no_return) if back else "none",
             f"undoing everything takes {found.backout.whole} min" if back
             else "no backout ends before the cut-off"),
        Fact("Margin", f"{found.margin} min", "from go/no-go ready to the point of no return"),
        Fact("Cut-off", at(found.night.cutoff)),
        Fact("Window used", use, "with the way back"),
    ]  # fmt: skip


def _bottleneck(outlook: Outlook | None) -> Fact:
    if outlook is None:
        return Fact("Bottleneck", "not known yet", "a worker is looking for it")
    if outlook.bottleneck is None:
        return Fact("Bottleneck", "none", "nobody gains time by one more")
    name, gain = outlook.bottleneck
    return Fact("Bottleneck", name, f"one more gains {gain} min")


def _window(pk: UUID) -> ReleaseWindow:
    window = windows_with_people().filter(pk=pk).first()
    if window is None:
        raise Http404
    return window


def _render(
    request: HttpRequest, template: str, title: str, window: ReleaseWindow, *, status: int = 200,
    **context: Any,
) -> HttpResponse:  # fmt: skip
    whole = {
        **site.each_context(request),
        "title": title,
        "window": window,
        "window_url": reverse("admin:windows_releasewindow_change", args=[window.pk]),
        "now": clock.now(),
    }
    return render(request, template, {**whole, **context}, status=status)
