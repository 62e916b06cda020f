"""The readiness of packages side by side: who waits for which gate of what, and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.acknowledgement import Acknowledged
from apps.gates.domain.forecast import Forecast, Standing, forecast
from apps.gates.models import ReadinessItem
from apps.gates.selectors import UNMET
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.selectors import acknowledgement_of
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

#: Packages whose readiness still counts for something.
SHOWN_IN = (life.PLANNED, life.READY, life.IN_PROGRESS, life.VALIDATING, life.DELAYED)
#: Of these it is foretold when they are ready.
FORETOLD_IN = (life.PLANNED, life.READY, life.IN_PROGRESS, life.VALIDATING)
SUBMITTED = ReadinessItem.State.SUBMITTED
MOST_PACKAGES = 300
TITLES = {gate.code: gate.title for gate in GATES}


@dataclass(frozen=True, slots=True)
class Cell:
    """One gate of one package; `item` is None where it was never asked. `acknowledged` is who lets
    a soft gate stand as it is, and why; `asks_me` that the reader may be the second person."""

    gate: str
    item: ReadinessItem | None
    is_overdue: bool = False
    is_mine: bool = False
    acknowledged: Acknowledged | None = None
    asks_me: bool = False

    @property
    def state(self) -> str:
        if self.item is None:
            return ""
        if self.acknowledged is not None:
            return "acknowledged"
        return "overdue" if self.is_overdue else str(self.item.state)

    @property
    def title(self) -> str:
        return TITLES.get(self.gate, "")

    @property
    def is_open(self) -> bool:
        return self.item is not None and self.item.state in UNMET

    @property
    def owner_words(self) -> str:
        """Who answers for it, by the role where nobody is named; whom it waits for."""
        if self.item is None:
            return ""
        if self.item.state == SUBMITTED and self.item.attestation is not None:
            return f"somebody else than {self.item.attestation.submitted_by}, to confirm it"
        return str(self.item.owner or self.item.owner_role.replace("_", " "))

    @property
    def told(self) -> list[dict[str, Any]]:
        return list(self.item.findings) if self.item else []


@dataclass(frozen=True, slots=True)
class Row:
    package: ReleasePackage
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The packages of one window, None for those without a night."""

    window: ReleaseWindow | None
    rows: tuple[Row, ...]
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`windows` are all that may be chosen, whatever is shown."""

    gates: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    windows: tuple[ReleaseWindow, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]


def readiness_matrix(
    actor: Actor, *, window: str = "", gate: str = "", mine: bool = False
) -> Matrix:
    """Packages of the windows ahead and tonight with their gates, in a constant number of queries.

    `window` and `gate` narrow by code. `mine` leaves the gates that are open and that the actor
    answers for or chases: of packages they own or coordinate, and in windows that they manage.
    """
    packages = list(_packages())
    items = _items_of(packages)
    windows = {each.window.pk: each.window for each in packages if each.window is not None}
    foretold = _forecasts(packages, items)
    now = clock.now()
    chosen = [
        package
        for package in packages
        if not window or (_night_of(package) is not None and package.window.code == window)  # type: ignore[union-attr]
    ]
    asked = {code for package in chosen for code in items[package.subject]}
    shown = [code for code in sorted(asked) if gate in ("", code)]
    rows = [
        Row(package, tuple(_cell(code, package, items, actor, now) for code in shown))
        for package in chosen
    ]
    if mine:
        rows = [row for row in rows if any(cell.is_mine for cell in row.cells)]
        wanted = {cell.gate for row in rows for cell in row.cells if cell.is_mine}
        rows = [
            Row(row.package, tuple(cell for cell in row.cells if cell.gate in wanted))
            for row in rows
        ]
        shown = [code for code in shown if code in wanted]
    return Matrix(
        gates=tuple((code, TITLES.get(code, "")) for code in shown),
        groups=tuple(_groups(rows, foretold)),
        windows=tuple(sorted(windows.values(), key=lambda each: (each.opens_at, each.code))),
    )


def _packages() -> QuerySet[ReleasePackage]:
    """The next night first; what has none comes last."""
    here = Q(window__isnull=False) & ~Q(
        window__state__in=[window_life.CLOSED, window_life.CANCELLED, window_life.VERIFYING]
    )
    rows = ReleasePackage.objects.filter(here | Q(state=life.DELAYED), state__in=SHOWN_IN)
    ordered = rows.select_related("window", "owner", "coordinator").order_by(
        F("window__opens_at").asc(nulls_last=True), "code"
    )
    return ordered[:MOST_PACKAGES]


def _night_of(package: ReleasePackage) -> ReleaseWindow | None:
    """A delayed package has left its window."""
    return None if package.state == life.DELAYED else package.window


def _items_of(packages: Iterable[ReleasePackage]) -> dict[str, dict[str, ReadinessItem]]:
    """By package and gate; one query."""
    found: dict[str, dict[str, ReadinessItem]] = defaultdict(dict)
    rows = ReadinessItem.objects.filter(subject__in=[package.subject for package in packages])
    for item in rows.select_related("owner", "waiver", "attestation__submitted_by"):
        found[item.subject][item.gate] = item
    return found


def _cell(
    code: str,
    package: ReleasePackage,
    items: dict[str, dict[str, ReadinessItem]],
    actor: Actor,
    now: datetime,
) -> Cell:
    item = items[package.subject].get(code)
    is_open = item is not None and item.state in UNMET
    overdue = is_open and item is not None and item.due_at is not None and item.due_at <= now
    taken_on = acknowledgement_of(item, package) if is_open and item is not None else None
    asks_me = is_open and item is not None and _may_confirm(item, package, actor)
    return Cell(
        code, item, overdue and taken_on is None,
        is_open and taken_on is None and (asks_me or _is_mine(item, package, actor)),
        taken_on, asks_me,
    )  # fmt: skip


def _may_confirm(item: ReadinessItem, package: ReleasePackage, actor: Actor) -> bool:
    """Whether what was attested waits for this actor as the second person: the coordinator or
    whoever else answers for the gate; where that is nobody, who manages releases."""
    if item.state != SUBMITTED or item.attestation is None:
        return False
    first = item.attestation.submitted_by_id
    if actor.id == first:
        return False
    near = {item.owner_id, package.coordinator_id} - {first, None}
    if item.owner_id is None and _answers_for(actor, item):
        return True
    if near:
        return actor.id in near
    night = _night_of(package)
    lead = night.release_manager_id if night is not None else None
    return actor.id == lead if lead not in (None, first) else actor.holds("release_manager")


def _is_mine(item: ReadinessItem | None, package: ReleasePackage, actor: Actor) -> bool:
    night = _night_of(package)
    people = {package.owner_id, package.coordinator_id}
    if item is not None and item.owner_id is not None:
        people.add(item.owner_id)
    if night is not None and night.release_manager_id is not None:
        people.add(night.release_manager_id)
    return actor.id in people or (
        item is not None and item.owner_id is None and _answers_for(actor, item)
    )


def _answers_for(actor: Actor, item: ReadinessItem) -> bool:
    """By the role of the gate, of one of its families where it has any."""
    gate = GATE_BY_CODE.get(item.gate)
    scopes = (gate.owner_scopes if gate else ()) or (None,)
    return any(actor.holds(item.owner_role, scope=scope) for scope in scopes)


def _groups(rows: Iterable[Row], foretold: dict[UUID, Forecast]) -> Iterable[Group]:
    def night(row: Row) -> tuple[bool, str, str]:
        window = _night_of(row.package)
        if window is None:
            return True, "", ""
        return False, window.opens_at.isoformat(), window.code

    for _, found in groupby(sorted(rows, key=night), night):
        listed = tuple(found)
        window = _night_of(listed[0].package)
        yield Group(window, listed, foretold.get(window.pk) if window else None)


def _forecasts(
    packages: Iterable[ReleasePackage], items: dict[str, dict[str, ReadinessItem]]
) -> dict[UUID, Forecast]:
    """By window. Hard gates are what a package waits for; one never asked is not counted."""
    standings: dict[UUID, list[Standing]] = defaultdict(list)
    windows: dict[UUID, ReleaseWindow] = {}
    for package in packages:
        gates = [item for item in items[package.subject].values() if item.level == "hard"]
        if package.state not in FORETOLD_IN or package.window is None or not gates:
            continue
        windows[package.window.pk] = package.window
        standings[package.window.pk].append(
            Standing(
                package.code,
                sum(item.state in UNMET for item in gates),
                tuple(item.met_since for item in gates if item.met_since is not None),
            )
        )
    now = clock.now()
    return {pk: forecast(found, now, deadline_of(windows[pk])) for pk, found in standings.items()}


def deadline_of(window: ReleaseWindow) -> datetime:
    """By when a package should be ready: the deadline of the window, or its opening."""
    return window.readiness_deadline_at or window.opens_at


def called(window: ReleaseWindow) -> str:
    """ "T-24 h", as the house calls the deadline of this window."""
    hours = round((window.opens_at - deadline_of(window)).total_seconds() / 3600)
    return f"T-{hours} h" if hours else "the opening"


def forecast_of(window: ReleaseWindow) -> Forecast:
    """The same for one window. Two queries."""
    packages = list(
        ReleasePackage.objects.filter(window=window, state__in=FORETOLD_IN)
        .select_related("window")
        .order_by("code")
    )
    found = _forecasts(packages, _items_of(packages))
    return found.get(window.pk) or forecast((), clock.now(), deadline_of(window))


CSV_HEADER = (
    "window", "package", "name", "state", "gate", "title", "level", "readiness", "overdue", "due",
    "owner", "waived until", "what is missing", "acknowledged",
)  # fmt: skip


def csv_rows(matrix: Matrix) -> Iterable[Sequence[object]]:
    """One line for each gate of each package, as the page shows them."""
    for group in matrix.groups:
        for row in group.rows:
            for cell in row.cells:
                item = cell.item
                if item is None:
                    continue
                yield (
                    group.window.code if group.window else "", row.package.code,
                    row.package.name, row.package.state, cell.gate, cell.title, item.level,
                    item.state, cell.is_overdue, item.due_at,
                    str(item.owner) if item.owner else item.owner_role,
                    item.waiver.valid_until if item.waiver else None, item.detail,
                    cell.acknowledged.told if cell.acknowledged else "",
                )  # fmt: skip
