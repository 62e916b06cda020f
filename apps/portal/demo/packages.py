"""The packages, their checks and backout plans, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apps.accounts.models import Team
from apps.changes.services import requests
from apps.core.errors import Refused
from apps.portal.demo.changes import change
from apps.portal.demo.stage import NightClock, Row, Scene, acting, moment, person, read
from apps.releases.models import BackoutPlan, Rehearsal, ReleasePackage, ValidationCheck
from apps.releases.policies.go_no_go import is_proposed
from apps.releases.services import (
    backout,
    checks,
    night_decision,
    package,
    package_backout,
    rehearsals,
)
from apps.releases.services.package_content import create_package
from apps.windows.models import ReleaseWindow

COORDINATOR, MANAGER, CHANGE_MANAGER = "coordinator", "release.manager", "cab.chair"
MEASURES = "validator"


def scenes() -> Iterator[Scene]:
    told = read("nights.yaml")
    for code, row in told["packages"].items():
        night = told["windows"].get(row.get("window"), row)
        at = NightClock(night.get("opens") or row["zero"])
        yield from _package_scenes(code, row, at, moment(night["steps_planned"]))


def _package_scenes(code: str, row: Row, at: NightClock, planned_at: datetime) -> Iterator[Scene]:
    yield Scene(at(row["drafted"]), partial(_draft_package, code, row))
    for check in row["checks"]:
        # The steps that they wait for are planned at the same moment.
        check_at = moment(check["planned"]) if "planned" in check else planned_at
        yield Scene(check_at, partial(_plan_check, code, check), order=1)
        yield from _check_scenes(code, check, at)
    yield from _backout_scenes(code, row["backout"], at, planned_at)
    yield from _paper_scenes(code, row, at)
    yield from _night_scenes(code, row, at)
    if "closed" in row:
        when, username, text = row["closed"]
        yield Scene(at(when), partial(_move, code, package.close, username, comment=text))
    if "changes_closed" in row:
        for change_code in row["changes"]:
            yield Scene(at(row["changes_closed"]), partial(_close_change, change_code))


def _paper_scenes(code: str, row: Row, at: NightClock) -> Iterator[Scene]:
    move = partial(partial, _move, code)
    if "planned" in row:
        yield Scene(at(row["planned"]), move(package.plan, COORDINATOR))
    if "confirmed" in row:
        soft, why = row.get("stands", ((), ""))
        confirm = move(package.confirm_ready, COORDINATOR, soft_gates=soft, comment=why)
        yield Scene(at(row["confirmed"]), confirm)
    if "tried" in row:
        yield Scene(at(row["tried"]), partial(_try_to_confirm, code))
    if "delayed" in row:
        when, reason, text = row["delayed"]
        delay = move(package.delay, COORDINATOR, reason=reason, comment=text)
        yield Scene(at(when), delay)


def _night_scenes(code: str, row: Row, at: NightClock) -> Iterator[Scene]:
    move = partial(partial, _move, code)
    if "emergency" in row:
        start = move(package.emergency_start, MANAGER, comment=row["emergency"])
        yield Scene(at(row["started"]), start)
    elif "started" in row:
        yield Scene(at(row["started"]), move(package.start, COORDINATOR))
    if "decided" in row:
        when, decision, text = row["decided"]
        yield Scene(at(when), partial(_decide, code, row["owner"], decision, text))
    if "completed" in row:
        yield Scene(at(row["completed"]), move(package.complete, COORDINATOR))
    if "fails" in row:
        when, cause, text = row["fails"]
        yield Scene(at(when), move(package.fail, COORDINATOR, code=cause, comment=text))
    if "taken_back" in row:
        when, incident, text = row["taken_back"]
        ask = move(package_backout.propose_backout, MANAGER, incident_ref=incident, comment=text)
        yield Scene(at(when) - timedelta(minutes=2), ask)
        yield Scene(at(when), move(package_backout.start_backout, CHANGE_MANAGER, comment=text))
        yield Scene(at(when), partial(_move_plan, backout.execute_plan, code, COORDINATOR), order=1)
        restored = partial(_move_plan, backout.restore_plan, code, COORDINATOR)
        yield Scene(at(row["restored"]), restored)
        yield Scene(at(row["backed_out"]), move(package_backout.finish_backout, COORDINATOR))


def _draft_package(code: str, row: Row) -> None:
    window = ReleaseWindow.objects.filter(code=row.get("window")).first()
    retried = ReleasePackage.objects.filter(code=row.get("retry_of")).first()
    create_package(
        actor=acting(COORDINATOR),
        code=code,
        values={
            "name": row["name"],
            "window": window,
            "kind": row.get("kind", "planned"),
            "owner": person(row["owner"]),
            "coordinator": person(COORDINATOR),
            "scm_package": row["scm"],
            "incident_ref": row.get("incident", ""),
            "retry_of": retried,
        },
        parts={"members": [{"change": change(each)} for each in row["changes"]]},
    )


def _move(code: str, move: Any, username: str, /, **fields: Any) -> None:
    found = ReleasePackage.objects.get(code=code)
    move(pk=found.pk, actor=acting(username), expected_seq=found.evidence_seq, **fields)


def _decide(code: str, second: str, decision: str, text: str) -> None:
    """The release manager decides; where that takes two, the owner of the application confirms."""
    _move(code, night_decision.decide, MANAGER, decision=decision, comment=text)
    if is_proposed(ReleasePackage.objects.get(code=code)):
        _move(code, night_decision.confirm_decision, second)


def _try_to_confirm(code: str) -> None:
    """A refusal is part of the story, and stays in the ledger."""
    try:
        _move(code, package.confirm_ready, COORDINATOR)
    except Refused:
        return


def _close_change(code: str) -> None:
    found = change(code)
    requests.close(
        pk=found.pk,
        actor=acting(CHANGE_MANAGER),
        expected_seq=found.evidence_seq,
        comment="Delivered as planned; the first cycle ran without a finding.",
    )


# Checks and backout plans.


def _plan_check(code: str, row: Row) -> None:
    owner = ReleasePackage.objects.get(code=code)
    team = Team.objects.get(code=row["team"])
    operator, expected = row["expect"]
    values: dict[str, Any] = {
        "package": owner,
        "code": row["code"],
        "title": row["title"],
        "kind": row["kind"],
        "expected_operator": operator,
        "expected_value": expected,
        "baseline": row.get("baseline", ""),
        "phase": row["phase"],
        "team": team,
        "owner": person(MEASURES),
    }
    if "change" in row:
        values["change"] = change(row["change"])
    if "after" in row:
        values["activity"] = owner.activities.get(label=row["after"])
    checks.create_check(actor=acting(COORDINATOR), values=values)


def _check_scenes(code: str, row: Row, at: NightClock) -> Iterator[Scene]:
    if "result" not in row:
        return
    when, value = row["result"]
    begun_at = at(when) - timedelta(minutes=1)
    yield Scene(begun_at, partial(_measure, checks.run_check, code, row["code"], MEASURES))
    result = partial(
        _measure, checks.record_result, code, row["code"], MEASURES, actual_value=value
    )
    yield Scene(at(when), result)
    if "accepted" in row:
        minute, username, reason = row["accepted"]
        accept = partial(
            _measure, checks.accept_check_deviation, code, row["code"], username, comment=reason
        )
        yield Scene(at(minute), accept)


def _measure(move: Any, code: str, check: str, username: str, /, **fields: Any) -> None:
    found = ValidationCheck.objects.get(package__code=code, code=check)
    move(pk=found.pk, actor=acting(username), expected_seq=found.evidence_seq, **fields)


def _backout_scenes(code: str, told: Row, at: NightClock, planned_at: datetime) -> Iterator[Scene]:
    yield Scene(planned_at, partial(_draft_backout, code, told), order=2)
    if "reviewed" in told:
        when, username = told["reviewed"]
        yield Scene(at(when), partial(_move_plan, backout.review_plan, code, username))
    if "rehearsed" in told:
        when, place, username = told["rehearsed"]
        rehearsal = {"environment": place, "rehearsed_at": at(when)}
        rehearse = partial(_move_plan, backout.rehearse_plan, code, username, **rehearsal)
        yield Scene(at(when), rehearse)
    if "rehearsal" in told:
        yield from _rehearsal_scenes(code, told["rehearsal"])
    if "approved" in told:
        when, username = told["approved"]
        yield Scene(at(when), partial(_move_plan, backout.approve_plan, code, username))


def _rehearsal_scenes(code: str, told: Row) -> Iterator[Scene]:
    """Its steps tried elsewhere; what was done whole speaks for the backout plan."""
    move = partial(partial, _move_rehearsal, code, told["led_by"])
    yield Scene(moment(told["planned"]), partial(_plan_rehearsal, code, told))
    if "given_up" in told:
        when, why = told["given_up"]
        yield Scene(moment(when), move(rehearsals.give_up_rehearsal, comment=why))
    if "begun" in told:
        yield Scene(moment(told["begun"]), move(rehearsals.begin_rehearsal))
        for label, how in told["steps"].items():
            row: dict[str, Any] = (
                {"outcome": "done", "minutes": how}
                if isinstance(how, int)
                else {"outcome": "left_out", "comment": how}
            )
            done = move(rehearsals.record_rehearsed_step, step=label, **row)
            yield Scene(moment(told["ended"]), done)
        finish = move(rehearsals.finish_rehearsal, comment=told["says"])
        yield Scene(moment(told["ended"]), finish, order=1)


def _plan_rehearsal(code: str, told: Row) -> None:
    package = ReleasePackage.objects.get(code=code)
    values = {"package": package, "environment": told["environment"]}
    rehearsals.plan_rehearsal(actor=acting(told["led_by"]), values=values)


def _move_rehearsal(code: str, username: str, move: Any, /, **fields: Any) -> None:
    found = Rehearsal.objects.get(package__code=code)
    move(pk=found.pk, actor=acting(username), expected_seq=found.evidence_seq, **fields)


def _draft_backout(code: str, told: Row) -> None:
    backout.create_backout_plan(
        actor=acting(COORDINATOR),
        values={
            "package": ReleasePackage.objects.get(code=code),
            "strategy": told["strategy"],
            "trigger_criteria": told["trigger"],
            "decision_owner": person(MANAGER),
            "verification": told["verification"],
            "restore_points": told["restore"],
            "data_written": told.get("data_written", "none"),
        },
    )


def _move_plan(move: Any, code: str, username: str, /, **fields: Any) -> None:
    plan = BackoutPlan.objects.get(package__code=code)
    move(pk=plan.pk, actor=acting(username), expected_seq=plan.evidence_seq, **fields)
