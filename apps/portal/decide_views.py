"""The page on which a night is decided: what was let pass first, then risks, checks and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.approvals.models import Countersign
from apps.console.hooks import actor_of
from apps.console.page import Fact
from apps.console.site import site
from apps.core import clock
from apps.core.actor import Actor
from apps.core.moves import Move, MoveState, find_move
from apps.portal.live import standing
from apps.releases.admin.outcome import decisions_of, number_facts
from apps.releases.domain.two_persons import HIGH
from apps.releases.models import ReleasePackage
from apps.releases.moves.night import WINDOW_NIGHT_MOVES
from apps.releases.moves.package import PACKAGE_MOVES
from apps.releases.policies.go_no_go import is_proposed, packages_in, proposed_of
from apps.releases.policies.night import TO_DECIDE, packages_of
from apps.releases.services.go_no_go import Stand, numbers_of, stands_of
from apps.releases.services.live import LIVE
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal with the packages it decides on and whether this person may confirm it."""

    found: Countersign
    lines: list[tuple[ReleasePackage, str, str]]
    confirm: MoveState
    url: str
    version: int


@dataclass(frozen=True, slots=True)
class Row:
    stand: Stand
    decide: MoveState
    url: str
    by_two: bool
    waiting: Waiting | None


@require_safe
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every decision here is a move of its package or of the window, with the same reasons."""
    window = windows_with_people().filter(pk=pk).first()
    if window is None:
        raise Http404
    actor = actor_of(request)
    numbers = numbers_of(window, clock.now())
    rows = [
        _row(actor, stand, numbers.no_return_passed)
        for stand in stands_of(packages_of(window, *TO_DECIDE))
    ]
    return render(
        request,
        "portal/decide.html",
        {
            **site.each_context(request),
            "title": f"Decide on {window.code}",
            "window": window,
            "window_url": reverse("admin:windows_releasewindow_change", args=[window.pk]),
            "facts": [*number_facts(numbers, window.zone), _checks(rows)],
            "obstacles": numbers.obstacles,
            "night": standing(window) if window.state in LIVE else None,
            "passed": numbers.no_return_passed,
            "rows": rows,
            "all": _state(WINDOW_NIGHT_MOVES, "go_no_go", actor, window),
            "all_url": _move_url("windows_releasewindow", window.pk, "go_no_go"),
            "waiting": _waiting(
                actor, window, _state(WINDOW_NIGHT_MOVES, "confirm_go_no_go", actor, window),
                _move_url("windows_releasewindow", window.pk, "confirm_go_no_go"),
            ),
            "choices": ReleasePackage.Decision.choices,
            "kept": decisions_of(window)[:5],
            "now": clock.now(),
        },
    )  # fmt: skip


def _checks(rows: list[Row]) -> Fact:
    checks = [check for row in rows for check in row.stand.checks if check.mandatory]
    left = sum(len(row.stand.open_checks) for row in rows)
    return Fact("Checks", f"{len(checks) - left} of {len(checks)}", "passed or accepted")


def _row(actor: Actor, stand: Stand, late: bool) -> Row:
    package = stand.package
    return Row(
        stand,
        _state(PACKAGE_MOVES, "decide", actor, package),
        _move_url("releases_releasepackage", package.pk, "decide"),
        late or package.risk_band in HIGH,
        _waiting(
            actor, package, _state(PACKAGE_MOVES, "confirm_decision", actor, package),
            _move_url("releases_releasepackage", package.pk, "confirm_decision"),
        ),
    )  # fmt: skip


def _waiting(
    actor: Actor, about: ReleaseWindow | ReleasePackage, confirm: MoveState, url: str
) -> Waiting | None:
    found = proposed_of(about)
    if found is None or not is_proposed(about):
        return None
    packages = {str(package.pk): package for package in packages_in(found)}
    lines = [
        (packages[line["package"]], line["decision"], line["reason"])
        for line in found.values["lines"]
    ]
    return Waiting(found, lines, confirm, url, about.evidence_seq)


def _state(
    moves: tuple[Move, ...], name: str, actor: Actor, about: ReleaseWindow | ReleasePackage
) -> MoveState:
    move = find_move(moves, name)
    assert move is not None
    return MoveState(move, tuple(move.blockers(actor, about)))


def _move_url(model: str, pk: UUID, name: str) -> str:
    return f"{reverse(f'admin:{model}_change', args=[pk]).removesuffix('change/')}move/{name}/"
