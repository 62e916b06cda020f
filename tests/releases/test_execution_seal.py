"""What a plan does is part of what people sign: as groups, and through the doors of a package."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals.models import Approval, Decision
from apps.changes.domain.content import ExecutionGroup, differences
from apps.changes.domain.seal import HANDED_IN, handed_in_rows
from apps.changes.models import ChangeRequest
from apps.changes.selectors import differences_since, facts_of
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.evidence.services.outbox import relay
from apps.releases.domain.checks import slack
from apps.releases.domain.execution_groups import (
    AlteringStep,
    ChangePlan,
    MandatoryCheck,
    groups_of,
)
from apps.releases.domain.execution_groups import (
    Night as OneNight,
)
from apps.releases.models import ActivityType, ReleasePackage
from apps.releases.services import activity_plan, backout, checks, package
from apps.releases.services.moving import move_window, preview_window_move
from apps.releases.services.watch import follow_window
from apps.windows.domain.near import Near
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from tests.factories import actor
from tests.releases.worlds import NOTE, Night, small_night
from tests.support import commit_now, once_a_module
from tests.windows.worlds import CUTOFF, OPENS, draft_window, make_rule

COPY = AlteringStep("COPY_LOAD", "Copy load modules", is_irreversible=False)
CONVERT = AlteringStep("CONVERT_DATA", "Convert data", is_irreversible=True)
RC = MandatoryCheck("V1", "Test job", "job_rc", "go_decision", "rc<=", "4")
SATURDAY = OneNight("W-2612", "monthly", "Monthly", date(2026, 12, 5))
FULL = ChangePlan(
    (COPY, COPY, CONVERT, CONVERT), (RC,), ("restore_members", "Restore members"), SATURDAY,
    date(2026, 12, 8),
)  # fmt: skip


def test_each_group_stands_for_one_thing_that_may_come_or_go() -> None:
    assert sorted(groups_of(FULL)) == [
        "fallback:irreversible:CONVERT_DATA:1",
        "fallback:irreversible:CONVERT_DATA:2",
        "fallback:strategy",
        "steps:CONVERT_DATA",
        "steps:COPY_LOAD",
        "validation:V1",
        "window:class",
        "window:night",
        "window:too_early",
    ]


def test_governance_knows_every_kind_of_group() -> None:
    nights: tuple[Near, ...] = ("period_end", "shoulder", "after_freeze", "holiday", "")
    names = {name for near in nights for name in groups_of(replace(FULL, near=near))}
    kinds = [line.kind for line in HANDED_IN]
    assert all(any(name.startswith(kind) for kind in kinds) for name in names)
    assert all(any(name.startswith(kind) for name in names) for kind in kinds)


@pytest.mark.parametrize(
    ("other", "alike", "passes"),
    [
        (replace(RC, expected="8"), True, (8,)),
        (replace(RC, title="Another title"), True, (4,)),
        (replace(RC, phase="warranty"), False, (4,)),
        (replace(RC, kind="manual"), False, (4,)),
        (replace(RC, operator="=", expected="4"), False, ()),
    ],
)
def test_checks_are_alike_when_only_what_they_let_pass_differs(
    other: MandatoryCheck, alike: bool, passes: tuple[int, ...]
) -> None:
    before, after = (groups_of(ChangePlan((), (c,)))["validation:V1"] for c in (RC, other))
    assert (before.digest == after.digest) is alike
    assert after.slack == tuple(map(Decimal, passes))


@pytest.mark.parametrize(
    ("operator", "strict", "loose"),
    [("rc<=", "0", "4"), ("abs(delta)<=", "0.00", "0.1"), ("between", "10..20", "9..20"),
     ("between", "10..20", "10..21"), ("between", "-5..-1", "-6..0")],
)  # fmt: skip
def test_a_looser_check_has_a_higher_number(operator: str, strict: str, loose: str) -> None:
    assert any(b > a for a, b in zip(slack(operator, strict), slack(operator, loose), strict=True))


@pytest.mark.parametrize(("operator", "expected"), [("=", "4"), ("rc<=", "many"), ("?", "1")])
def test_what_cannot_be_compared_has_no_number(operator: str, expected: str) -> None:
    assert slack(operator, expected) == ()


# The table.

PLAN = ChangePlan((COPY,), (RC,), ("restore_members", "Restore members"), SATURDAY)
WEEKLY = replace(SATURDAY, kind="weekly", kind_label="Weekly")
NEXT = replace(SATURDAY, code="W-2613", opens_on=date(2026, 12, 12))


def as_content(plan: ChangePlan) -> dict[str, Any]:
    return {name: group.as_content() for name, group in groups_of(plan).items()}


@pytest.mark.parametrize(
    ("plan", "rows"),
    [
        (PLAN, set()),
        (replace(PLAN, strategy=("fix_forward", "Fix forward")), {"fallback_worse"}),
        (replace(PLAN, strategy=None), {"fallback_worse"}),
        (replace(PLAN, steps=(replace(COPY, is_irreversible=True),)), {"fallback_worse"}),
        (replace(PLAN, steps=(COPY, replace(COPY, type="DDL"))), {"steps_extended"}),
        (replace(PLAN, steps=(COPY, COPY)), set()),
        (replace(PLAN, steps=()), set()),
        (replace(PLAN, checks=()), {"validation_weaker"}),
        (replace(PLAN, checks=(replace(RC, expected="8"),)), {"validation_weaker"}),
        (replace(PLAN, checks=(replace(RC, expected="0"),)), set()),
        (replace(PLAN, checks=(replace(RC, title="Other words"),)), set()),
        (replace(PLAN, checks=(RC, replace(RC, code="V2"))), set()),
        (replace(PLAN, night=NEXT), {"night_moved"}),
        (replace(PLAN, night=WEEKLY), {"window_harder"}),
        (replace(PLAN, near="period_end"), {"window_harder"}),
        (replace(PLAN, night=NEXT, near="shoulder"), {"night_moved", "window_harder"}),
        (replace(PLAN, near="after_freeze"), set()),
        (replace(PLAN, near="holiday"), set()),
        (replace(PLAN, earliest_on=date(2026, 12, 20)), {"window_harder"}),
    ],
)
def test_who_answers_for_what_differs(plan: ChangePlan, rows: set[str]) -> None:
    assert handed_in_rows(as_content(PLAN), as_content(plan)) == rows


def test_the_first_plan_adds_freely_and_is_no_earlier_than_what_was_signed() -> None:
    assert handed_in_rows({}, as_content(PLAN)) == set()
    early = replace(PLAN, earliest_on=date(2026, 12, 20))
    assert handed_in_rows({}, as_content(early)) == {"window_harder"}


def test_what_differs_is_told_in_words_and_words_alone_are_no_difference() -> None:
    later = replace(PLAN, strategy=("fix_forward", "Fix forward"))
    (found,) = differences({"execution": as_content(PLAN)}, {"execution": as_content(later)})
    assert (found.what, found.old, found.new) == (
        "backout strategy", "Restore members", "Fix forward",
    )  # fmt: skip
    one, other = (
        {"x": ExecutionGroup("what", words, "d", (Decimal(1),)).as_content()}
        for words in ("so", "or so")
    )
    assert differences({"execution": one}, {"execution": other}) == []


# Through the doors.


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def change_of(owner: ReleasePackage) -> ChangeRequest:
    return ChangeRequest.objects.get(memberships__package=owner)


def slots(change: ChangeRequest) -> dict[str, str]:
    """The latest state of each slot."""
    rows = Approval.objects.filter(about=change.subject).order_by("requested_at", "pk")
    return dict(rows.values_list("slot", "state"))


def last_entry(change: ChangeRequest) -> Any:
    return body_of(EvidenceEntry.objects.filter(subject=change.subject).latest("seq"))


def edit_step(night: Night, owner: ReleasePackage, **values: Any) -> None:
    activity_plan.edit_activity(
        pk=night.steps(owner)["A2"].pk, actor=actor(night.coordinator), values=values
    )


def edit_check(night: Night, owner: ReleasePackage, **values: Any) -> None:
    checks.edit_check(pk=owner.checks.get().pk, actor=actor(night.coordinator), values=values)


def edit_backout(night: Night, owner: ReleasePackage, **values: Any) -> None:
    plan = owner.backout_plan
    backout.revise_plan(pk=plan.pk, actor=actor(night.coordinator), comment=NOTE)
    backout.edit_backout_plan(pk=plan.pk, actor=actor(night.coordinator), values=values)


def test_the_first_plan_is_sealed_and_voids_no_signature(night: Night) -> None:
    change = change_of(night.planned())
    assert sorted(change.execution) == [
        "fallback:strategy", "steps:COPY_LOAD", "validation:V1", "window:class", "window:night",
    ]  # fmt: skip
    assert (change.state, slots(change)) == ("scheduled", {"application_owner": "approved"})
    assert facts_of([change.pk])[change.pk].approved_for_current_content
    assert EvidenceEntry.objects.filter(
        subject=change.subject, action="change.plan_sealed"
    ).exists()
    commit_now()


def test_a_draft_package_hands_nothing_in(night: Night) -> None:
    assert change_of(night.drafted()).execution == {}


@pytest.mark.parametrize(
    ("edit", "values", "asked"),
    [
        pytest.param(edit_backout, {"strategy": "fix_forward"},
                     {"application_owner", "release_manager"}, id="backout strategy"),
        pytest.param(edit_step, {"irreversible": True},
                     {"application_owner", "release_manager"}, id="irreversible"),
        pytest.param(edit_step, {"type": "DDL"}, {"application_owner"}, id="type of step"),
        pytest.param(edit_check, {"expected_value": "8"}, {"application_owner"}, id="relaxed"),
        pytest.param(edit_check, {"mandatory": False}, {"application_owner"}, id="not mandatory"),
        pytest.param(edit_backout, {"restore_points": "PROD.OTHER"}, set(), id="restore points"),
        pytest.param(edit_step, {"title": "Copy", "duration_minutes": 12}, set(), id="duration"),
        pytest.param(edit_check, {"expected_value": "0"}, set(), id="tightened"),
        pytest.param(edit_check, {"title": "The test job"}, set(), id="title"),
    ],
)  # fmt: skip
def test_an_edit_of_the_plan_asks_whom_it_concerns(
    night: Night, edit: Callable[..., None], values: dict[str, Any], asked: set[str]
) -> None:
    if "type" in values:
        values = {"type": ActivityType.objects.get(code=values["type"])}
    planned = night.planned()
    with night.before():
        edit(night, planned, **values)
    commit_now()
    change = change_of(planned)
    assert change.state == ("assessing" if asked else "scheduled")
    assert {slot for slot, state in slots(change).items() if state == "requested"} == asked
    if asked:
        assert last_entry(change)["action"] == "change.invalidated"


def test_the_request_tells_the_difference_in_words(night: Night, client: Client) -> None:
    planned = night.planned()
    with night.before():
        edit_backout(night, planned, strategy="fix_forward")
    change = change_of(planned)
    told = "backout strategy: Restore members → Fix forward"
    assert last_entry(change)["voided_by"] == told
    assert told in Approval.objects.get(about=change.subject, state="superseded").closed_reason
    decision = Decision.objects.get(by=night.bank.owner)
    assert "Fix forward" in {line.new for line in differences_since(change, decision)}
    client.force_login(night.bank.owner)
    page = client.get(reverse("admin:changes_changerequest_change", args=[change.pk]))
    assert "What changed since you decided" in page.content.decode()
    assert "Fix forward" in page.content.decode()
    answer = client.get(f"/api/v1/changes/{change.pk}/differences/").json()
    assert "Fix forward" in {line["new"] for line in answer["differences"]}
    detail = client.get(f"/api/v1/changes/{change.pk}/").json()
    assert "Fix forward" in {group["words"] for group in detail["execution"]}


def test_the_coordinator_who_plans_writes_nothing_of_the_change(night: Night) -> None:
    planned = night.planned()
    with night.before():
        edit_check(night, planned, expected_value="8")
    assert last_entry(change_of(planned))["rows"] == ["validation_weaker"]
    assert not EvidenceEntry.objects.filter(
        subject=change_of(planned).subject, action="change.edited"
    ).exists()


# Nights.


def later_window(night: Night, days: int, **more: Any) -> ReleaseWindow:
    """Open, `days` after the first one: after 14 an ordinary night, after 7 near a month's end."""
    opens = OPENS + timedelta(days=days)
    with night.before():
        window = draft_window(
            night.planners,
            code=f"W-{days}",
            opens_at=opens,
            closes_at=opens + timedelta(hours=8),
            cutoffs=[CUTOFF | {"at": opens + timedelta(hours=6)}],
            **more,
        )
        return planning.open_window(pk=window.pk, actor=actor(night.manager))


def replanned(night: Night, window: ReleaseWindow, **more: Any) -> ChangeRequest:
    delayed = night.delayed(**more)
    with night.before():
        package.replan(pk=delayed.pk, actor=actor(night.coordinator), window=str(window.pk))
    commit_now()
    return change_of(delayed)


def test_a_later_night_of_the_same_class_tells_people_only(night: Night) -> None:
    change = replanned(night, later_window(night, 14))
    assert change.state == "scheduled"
    moved = EvidenceEntry.objects.get(subject=change.subject, action="change.night_moved")
    assert body_of(moved)["rows"] == ["night_moved"]


@pytest.mark.parametrize(
    ("days", "more"), [(7, {}), (14, {"window_type": "midweek"})], ids=["month's end", "class"]
)
def test_a_harder_night_asks_the_chair_of_the_board(
    night: Night, days: int, more: dict[str, Any]
) -> None:
    change = replanned(night, later_window(night, days, **more))
    assert change.state == "assessing"
    assert slots(change) == {"application_owner": "approved", "board_chair": "requested"}


def test_a_night_that_comes_to_lie_at_the_edge_of_a_freeze_asks_the_chair(night: Night) -> None:
    window = later_window(night, 14)
    freeze = (window.opens_at.date() + timedelta(days=3)).isoformat()
    make_rule("FRZ", night.planners, strength="advisory", dates=[freeze])
    change = replanned(night, window)
    assert slots(change)["board_chair"] == "requested"
    assert "harder night" in last_entry(change)["voided_by"]


def test_a_night_before_the_earliest_day_asks_the_chair_at_once(night: Night) -> None:
    early = night.change(earliest_on=OPENS.date() + timedelta(days=3))
    change = change_of(night.planned(changes=[early]))
    assert slots(change)["board_chair"] == "requested"
    assert change.state == "assessing"


def test_a_window_that_moves_takes_its_packages_with_it(night: Night) -> None:
    ready = night.ready()
    with night.before():
        moved = {"pk": night.window.pk, "actor": actor(night.coordinator),
                 "opens_at": OPENS + timedelta(days=7)}  # fmt: skip
        told = preview_window_move(**moved).ripple
        assert told is not None
        move_window(**moved, digest=told.digest, comment=NOTE)
    commit_now()
    assert slots(change_of(ready))["board_chair"] == "requested"


def test_a_freeze_that_comes_to_lie_beside_a_planned_night_asks_the_chair(night: Night) -> None:
    planned = night.planned()
    freeze = (OPENS.date() + timedelta(days=3)).isoformat()
    make_rule("FRZ", night.planners, strength="advisory", dates=[freeze])
    assert "board_chair" not in slots(change_of(planned))
    with night.before():
        relay("seals", follow_window)
    commit_now()
    assert slots(change_of(planned))["board_chair"] == "requested"


def test_a_step_that_the_window_shares_concerns_the_changes_it_names(night: Night) -> None:
    planned, other = night.planned(), night.planned()
    named = change_of(planned)
    with night.before():
        activity_plan.create_activity(
            actor=actor(night.coordinator),
            values={
                "window": night.window, "label": "W1", "title": "Refresh", "team": night.ops,
                "type": ActivityType.objects.get(code="LLA_REFRESH"), "duration_minutes": 3,
                "owner": night.operator, "deputy": night.stand_in,
            },
            parts={"change_links": [{"change": named}]},
        )  # fmt: skip
    commit_now()
    assert change_of(planned).state == "assessing"
    assert change_of(other).state == "scheduled"
