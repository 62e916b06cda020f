"""The steps of every plan, and who did them when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from django.db.models import Q

from apps.accounts.models import Team, User
from apps.integrations.services.jobs import report_job
from apps.inventory.models import Asset, Subsystem
from apps.portal.demo.changes import change
from apps.portal.demo.stage import NightClock, Row, Scene, acting, moment, read
from apps.releases.domain.required import RC
from apps.releases.models import Activity, ActivityType, ReleasePackage
from apps.releases.services import activities, activity_plan
from apps.releases.services.business_date import tell_business_date
from apps.releases.services.step_order import derive_window_order, drop_predecessor
from apps.windows.models import ReleaseWindow

PLANNER = "coordinator"
KIND_OF_SUBSYSTEM = {"ENDEVOR": "scm", "LLA": "lla", "IMSP": "ims"}
#: How long before a night its people say that they know of their steps.
READY_BEFORE = timedelta(hours=2)


def scenes() -> Iterator[Scene]:
    told = read("nights.yaml")
    for code, window in told["windows"].items():
        here = Q(window__code=code) | Q(package__window__code=code)
        steps = [_Step(row, window, here, window=code) for row in window["steps"]]
        for name, package in told["packages"].items():
            if package.get("window") == code:
                steps += [_Step(row, window, here, package=name) for row in package["steps"]]
        yield from _plan_scenes(steps)
        if "order_derived" in window:
            yield Scene(moment(window["order_derived"]), partial(_derive_order, code))
        for at, label, before, why in window.get("order_dropped", ()):
            yield Scene(moment(at), partial(_drop, here, label, before, why))
    for name, package in told["packages"].items():
        if "window" not in package:
            here = Q(package__code=name)
            yield from _plan_scenes(
                [_Step(row, package, here, package=name) for row in package["steps"]]
            )


def _derive_order(code: str) -> None:
    window = ReleaseWindow.objects.get(code=code)
    derive_window_order(pk=window.pk, actor=acting(PLANNER), expected_seq=window.evidence_seq)


def _drop(here: Q, label: str, before: str, why: str) -> None:
    steps = Activity.objects.filter(here)
    step = steps.get(label=label)
    drop_predecessor(
        pk=step.pk,
        actor=acting(PLANNER),
        predecessor=steps.get(label=before).pk,
        expected_seq=step.evidence_seq,
        comment=why,
    )


def _plan_scenes(steps: Sequence[_Step]) -> Iterator[Scene]:
    """Every step is planned after those it waits for; then the night runs."""
    by_label = {step.label: step for step in steps}
    order = TopologicalSorter({step.label: step.row.get("after", ()) for step in steps})
    for label in order.static_order():
        yield Scene(moment(by_label[label].night["steps_planned"]), by_label[label].plan)
    for step in steps:
        if step.is_to_run:
            yield from _night_scenes(step)


def _night_scenes(step: _Step) -> Iterator[Scene]:
    row = step.row
    yield Scene(step.ready_at, partial(step.do, activity_plan.acknowledge_activity))
    if "done" in row:
        yield from _run(step, row["done"], rc=0 if "rc" in row else None)
    if "holds" in row:
        tell = partial(step.do, tell_business_date, business_date=str(row["holds"]))
        yield Scene(step.at(row["done"][1]), tell)
    if "failed" in row:
        started, ended, code, text = row["failed"]
        yield Scene(step.at(started), partial(step.do, activities.start_activity), order=1)
        fail = partial(step.do, activities.fail_activity, code=code, comment=text)
        yield Scene(step.at(ended), fail)
    if "running" in row:
        yield Scene(step.at(row["running"]), partial(step.do, activities.start_activity), order=1)
        for minute, percent, text in row["percent"]:
            report = partial(step.do, activities.report_progress, percent=percent, comment=text)
            yield Scene(step.at(minute), report)
    if "job" in row:
        minute, name, job_id = row["job"]
        yield Scene(step.at(minute), partial(step.name_job, name, job_id))
    if "done" in row.get("back", ()):
        acknowledge = partial(step.do, activity_plan.acknowledge_activity, step.way_back)
        yield Scene(step.ready_at, acknowledge)
        yield from _run(step, row["back"]["done"], step.way_back)


def _run(step: _Step, times: list[int], label: str = "", rc: int | None = None) -> Iterator[Scene]:
    """What ends at a minute comes before what begins at the same one."""
    started, ended = times
    yield Scene(step.at(started), partial(step.do, activities.start_activity, label), order=1)
    yield Scene(step.at(ended), partial(step.complete, label, rc=rc))


class _Step:
    """A step as it is told: `night` is its window, or its package where that has none; `here`
    finds the steps of that night, whose labels are all different."""

    def __init__(
        self, row: Row, night: Row, here: Q, *, window: str = "", package: str = ""
    ) -> None:
        self.row, self.night = row, night
        self.label: str = row["label"]
        self.way_back = f"{self.label}-R"
        self.at = NightClock(night.get("opens") or night["zero"])
        self._here, self._window, self._package = here, window, package

    @property
    def is_to_run(self) -> bool:
        """Whether its people prepare for it: its window and its package run."""
        package = read("nights.yaml")["packages"].get(self._package, self.night)
        return "started" in self.night and "started" in package

    @property
    def ready_at(self) -> datetime:
        told = self.night.get("acknowledged")
        return moment(told) if told else self.at(0) - READY_BEFORE

    def plan(self) -> None:
        """Plan the step, and the backout step that reverses it."""
        row = self.row
        values: dict[str, Any] = {"label": self.label, "instruction": row.get("says", "")}
        if "at" in row:
            values["planned_start_at"] = self.at(row["at"])
            values["planned_end_at"] = self.at(row["at"] + row["minutes"])
        forward = self._create(row, values, row.get("after", ()))
        if "back" in row:
            shared = {name: row[name] for name in ("team", "owner", "targets") if name in row}
            reverse = {"label": self.way_back, "is_backout": True, "reverses": forward}
            self._create({**shared, **row["back"]}, reverse, ())

    def _create(self, row: Row, values: Row, after: Sequence[str]) -> Activity:
        team = Team.objects.get(code=row["team"])
        owner, deputy = _crew(team, row.get("owner", ""))
        place: dict[str, Any] = (
            {"window": ReleaseWindow.objects.get(code=self._window)}
            if self._window
            else {"package": ReleasePackage.objects.get(code=self._package)}
        )
        return activity_plan.create_activity(
            actor=acting(PLANNER),
            values={
                **place,
                "type": ActivityType.objects.get(code=row["type"]),
                "title": row["title"],
                "team": team,
                "owner": owner,
                "deputy": deputy,
                "duration_minutes": row["minutes"],
                "max_rc": row.get("rc"),
                "subsystem": _subsystem(row.get("on")),
                **values,
            },
            parts={
                "dependencies": [{"predecessor": self.find(label)} for label in after],
                "targets": [
                    {"asset": asset}
                    for asset in Asset.objects.filter(name__in=row.get("targets", ()))
                ],
                "change_links": [{"change": change(code)} for code in row.get("for", ())],
            },
        )

    def find(self, label: str = "") -> Activity:
        """The step of this night with that label; without one, this step."""
        found = Activity.objects.select_related("owner").filter(self._here)
        return found.get(label=label or self.label)

    def do(self, move: Any, label: str = "", /, **fields: Any) -> None:
        """What its owner does with the step."""
        step = self.find(label)
        assert step.owner is not None
        actor = acting(step.owner.username)
        move(pk=step.pk, actor=actor, expected_seq=step.evidence_seq, **fields)

    def complete(self, label: str = "", *, rc: int | None = None) -> None:
        """With what its type asks for."""
        needs = self.find(label).required
        self.do(
            activities.complete_activity, label,
            rc=0 if RC in needs else rc, result=self.row.get("result", ""),
        )  # fmt: skip

    def name_job(self, name: str, job_id: str) -> None:
        found = self.find()
        assert found.owner is not None
        values = {"activity": found, "job_name": name, "job_id": job_id}
        report_job(actor=acting(found.owner.username), values=values)


def _crew(team: Team, owner: str) -> tuple[User, User]:
    """Who runs a step of the team and who stands in: its implementers, `owner` first."""
    people = User.objects.filter(memberships__team=team, role_grants__role="implementer")
    first, second, *_ = sorted(
        set(people), key=lambda user: (user.username != owner, user.username)
    )
    return first, second


def _subsystem(name: str | None) -> Subsystem | None:
    return Subsystem.objects.get(name=name, kind=KIND_OF_SUBSYSTEM[name]) if name else None
