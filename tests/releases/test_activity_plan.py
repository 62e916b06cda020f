"""Planning steps: who, until when, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from apps.evidence.models import EvidenceEntry
from apps.releases.models import Activity, ActivityType, BackoutPlan
from apps.releases.policies.backout import content_of
from apps.releases.services import activity_plan
from tests.changes.worlds import draft, make_asset
from tests.factories import make_team
from tests.releases.night import NIGHT, Night, night, put
from tests.support import commit_now, refused
from tests.windows.worlds import OPENS, window_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night("planned")


def values(desk: Night, label: str = "A1", **more: Any) -> dict[str, Any]:
    return {
        "package": desk.package,
        "label": label,
        "type": ActivityType.objects.get(pk=more.pop("type", "COPY_LOAD")),
        "title": "Copy the load modules",
        "team": make_team("OPS"),
        "owner": desk.people["implementer"],
        "duration_minutes": 5,
        **more,
    }


def create(desk: Night, label: str = "A1", parts: Any = None, **more: Any) -> Activity:
    return activity_plan.create_activity(
        actor=desk.actor("coordinator"), values=values(desk, label, **more), parts=parts
    )


def edit(desk: Night, step: Activity, parts: Any = None, **more: Any) -> Activity:
    return activity_plan.edit_activity(
        pk=step.pk, actor=desk.actor("coordinator"), values=more, parts=parts
    )


def after(*steps: Activity, strength: str = "hard") -> dict[str, Any]:
    return {"dependencies": [{"predecessor": str(s.pk), "strength": strength} for s in steps]}


def test_a_step_is_one_entry_that_tells_its_parts(desk: Night) -> None:
    asset = desk.bank.copybook
    a1 = create(desk)
    a2 = create(desk, "A2", parts=after(a1) | {
        "targets": [{"asset": asset}], "change_links": [{"change": desk.change.pk}],
    })  # fmt: skip
    commit_now()
    entry = EvidenceEntry.objects.get(subject=a2.subject)
    assert (entry.seq, entry.action, entry.to_state) == (1, "activity.created", "planned")
    told = {row["field"]: row["new"] for row in json.loads(bytes(entry.body))["diff"]}
    assert told["dependencies"][0]["predecessor"] == str(a1.pk)
    assert told["targets"][0]["asset"] == str(asset.pk)
    assert told["change_links"][0]["change"] == str(desk.change.pk)


def test_the_coordinator_plans_and_nobody_else(desk: Night) -> None:
    for who in ("implementer", "manager", "developer", "viewer"):
        with refused("role_missing"):
            activity_plan.create_activity(actor=desk.actor(who), values=values(desk))
    step = create(desk)
    with refused("role_missing"):
        activity_plan.edit_activity(
            pk=step.pk, actor=desk.actor("implementer"), values={"title": "Mine"}
        )


@pytest.mark.parametrize("state", ["ready", "in_progress", "validating", "failed", "backing_out"])
def test_a_plan_that_is_confirmed_is_fixed(desk: Night, state: str) -> None:
    package = desk.make_package(state)
    with refused("plan_fixed"):
        create(desk, package=package)
    step = desk.step("A1", package=package)
    with refused("plan_fixed"):
        edit(desk, step, title="Something else")


def test_the_shared_plan_is_fixed_when_the_window_starts(desk: Night) -> None:
    with refused("plan_fixed"):
        create(desk, package=None, window=desk.window)


@pytest.mark.parametrize("minutes", [0, -1, 1441, None])
def test_a_step_takes_a_minute_to_a_day(desk: Night, minutes: int | None) -> None:
    with refused("bad_duration") as caught:
        create(desk, duration_minutes=minutes)
    assert {b.field for b in caught.value.blockers} == {"duration_minutes"}  # type: ignore[attr-defined]
    assert create(desk, "A1", duration_minutes=1).duration_minutes == 1
    assert create(desk, "A2", duration_minutes=1440).duration_minutes == 1440


def test_the_owner_belongs_to_the_team(desk: Night) -> None:
    with refused("not_in_team") as caught:
        create(desk, owner=desk.people["other_team"], deputy=desk.people["viewer"])
    fields = {b.field for b in caught.value.blockers}  # type: ignore[attr-defined]
    assert fields == {"owner", "deputy"}


def test_a_new_owner_acknowledges_again(desk: Night) -> None:
    step = create(desk)
    activity_plan.acknowledge_activity(pk=step.pk, actor=desk.actor("implementer"))
    step = edit(desk, step, title="Copy all load modules")
    assert step.acknowledged_at == NIGHT
    step = edit(desk, step, owner=desk.people["colleague"])
    assert step.acknowledged_at is None


def test_a_cycle_is_named_by_its_labels(desk: Night) -> None:
    a1 = create(desk, "A1")
    a2 = create(desk, "A2", parts=after(a1))
    a3 = create(desk, "A3", parts=after(a2))
    with refused("cycle") as caught:
        edit(desk, a1, parts=after(a3))
    assert "A1 → A2 → A3 → A1" in str(caught.value)  # type: ignore[attr-defined]
    assert Activity.objects.get(pk=a1.pk).evidence_seq == 1
    with refused("cycle"):
        edit(desk, a1, parts=after(a1))
    edit(desk, a1, parts=after(a3, strength="soft"))


def test_a_cycle_through_another_package_is_found(desk: Night) -> None:
    other = desk.make_package("planned")
    a1 = create(desk, "A1")
    b1 = create(desk, "B1", package=other, parts=after(a1))
    with refused("cycle") as caught:
        edit(desk, a1, parts=after(b1))
    assert "A1 → B1 → A1" in str(caught.value)  # type: ignore[attr-defined]


def test_steps_of_another_night_do_not_wait_for_each_other(desk: Night) -> None:
    later = window_in(
        "open", desk.planners, code="W-2612", opens_at=OPENS + timedelta(days=10),
        closes_at=OPENS + timedelta(days=10, hours=2), cutoffs=[
            {"kind": "batch_start", "label": "X", "at": OPENS + timedelta(days=10, hours=1)}
        ],
    )  # fmt: skip
    elsewhere = create(desk, "B1", package=desk.make_package("planned", window=later))
    with refused("other_night"):
        create(desk, "A1", parts=after(elsewhere))


@pytest.mark.parametrize("what", ["dependencies", "targets", "change_links"])
def test_unknown_and_repeated_rows_are_named_by_line(desk: Night, what: str) -> None:
    name = {"dependencies": "predecessor", "targets": "asset", "change_links": "change"}[what]
    known = {
        "dependencies": lambda: create(desk, "A1"),
        "targets": lambda: make_asset("CVACT02Y", "copybook", desk.bank.application),
        "change_links": lambda: desk.change,
    }[what]()
    rows = [{name: known}, {name: uuid7()}, {name: "nonsense"}, {name: known.pk}]
    with refused("unknown", "duplicate") as caught:
        create(desk, "A2", parts={what: rows})
    lines = [b.text[:6] for b in caught.value.blockers]  # type: ignore[attr-defined]
    assert lines == ["Line 2", "Line 3", "Line 4"]


def test_a_step_serves_changes_of_its_package(desk: Night) -> None:
    stranger = draft(desk.bank)
    with refused("not_a_member"):
        create(desk, parts={"change_links": [{"change": stranger}]})


def test_parts_are_replaced_as_a_whole_and_kept_when_not_given(desk: Night) -> None:
    a1, a2 = create(desk, "A1"), create(desk, "A2")
    step = create(desk, "A3", parts=after(a1))
    row = step.dependencies.get()
    step = edit(desk, step, title="Copy all load modules")
    assert step.dependencies.get() == row
    rows = [
        {"id": row.pk, "predecessor": a1, "strength": "soft", "DELETE": False},
        {"id": None, "predecessor": a2, "DELETE": False},
    ]
    step = edit(desk, step, parts={"dependencies": rows})
    assert {d.predecessor.label: d.strength for d in step.dependencies.all()} == {
        "A1": "soft", "A2": "hard",
    }  # fmt: skip
    assert step.dependencies.get(predecessor=a1).pk == row.pk
    rows[0]["DELETE"] = True
    edit(desk, step, parts={"dependencies": rows})
    assert [d.predecessor for d in step.dependencies.all()] == [a2]
    commit_now()


def test_nothing_is_written_when_nothing_differs(desk: Night) -> None:
    a1 = create(desk, "A1")
    step = create(desk, "A2", parts=after(a1))
    assert edit(desk, step, parts=after(a1), title=step.title).evidence_seq == 1


def test_a_label_is_used_once(desk: Night) -> None:
    create(desk)
    with refused("invalid"):
        create(desk)


def test_a_step_belongs_to_a_package_or_to_a_window(desk: Night) -> None:
    with refused():
        create(desk, package=None)
    with refused():
        create(desk, window=desk.window)


@pytest.mark.parametrize("field", ["state", "started_at", "done_by", "percent", "exclusive"])
def test_what_is_the_portals_cannot_be_entered(desk: Night, field: str) -> None:
    with refused("not_writable"):
        create(desk, **{field: "completed"})
    with refused("not_writable"):
        edit(desk, create(desk), **{field: "completed"})
    with refused("not_writable"):
        edit(desk, create(desk, "A2"), package=desk.make_package("planned"))


def test_what_follows_from_the_type_is_set(desk: Night) -> None:
    lla = desk.subsystem()
    assert create(desk, "A1", type="LLA_REFRESH", subsystem=lla).exclusive
    assert not create(desk, "A2", type="COPY_LOAD", subsystem=lla).exclusive
    assert create(desk, "A3", type="SEND_FILE", irreversible=False).irreversible


def test_a_backout_step_undoes_a_step_of_the_same_plan(desk: Night) -> None:
    a1 = create(desk, "A1")
    assert create(desk, "U1", is_backout=True, reverses=a1).reverses == a1
    with refused("invalid"):
        create(desk, "U2", is_backout=False, reverses=a1)
    other = create(desk, "B1", package=desk.make_package("planned"))
    with refused("invalid"):
        create(desk, "U3", is_backout=True, reverses=other)


def test_steps_are_reassigned_in_the_night(desk: Night) -> None:
    step = desk.step("A1", "ready", package=desk.make_package("in_progress"))
    colleague = desk.people["colleague"]
    actor = desk.actor("coordinator")
    with refused("not_in_team"):
        activity_plan.assign_activity(
            pk=step.pk, actor=actor, owner=str(desk.people["other_team"].pk)
        )
    with refused("invalid"):
        activity_plan.assign_activity(pk=step.pk, actor=actor, owner="nonsense")
    step = activity_plan.assign_activity(pk=step.pk, actor=actor, owner=colleague.pk)
    assert (step.owner, step.acknowledged_at) == (colleague, None)


def test_a_reviewed_backout_plan_is_void_when_its_steps_change(desk: Night) -> None:
    a1 = create(desk, "A1")
    plan = desk.plan("reviewed")
    plan = put(plan, content_digest=content_of(plan))
    edit(desk, a1, duration_minutes=7)
    assert BackoutPlan.objects.get(pk=plan.pk).state == "reviewed"
    create(desk, "U1", is_backout=True, reverses=a1)
    assert BackoutPlan.objects.get(pk=plan.pk).state == "invalid"
    commit_now()
