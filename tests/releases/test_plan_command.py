"""The plan of a window, from its rows to what people read."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services.people import edit_team
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import create_in_register, edit_in_register
from apps.inventory.models import Asset, Environment, Subsystem, Sysplex
from apps.releases.management.commands.plan import what_one_more_gains
from apps.releases.models import Activity
from apps.releases.services import package
from apps.releases.services.activity_plan import edit_activity
from tests.changes.worlds import SCOPE_LINE, anybody, make_asset
from tests.factories import SETUP, actor
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night() -> Night:
    night = small_night()
    night.planned()
    return night


def told(*words: str) -> str:
    out = StringIO()
    call_command("plan", *words, stdout=out, no_color=True)
    return out.getvalue()


def as_json(code: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(code, "--json"))
    return found


def entered(model: type[GovernedModel], **values: Any) -> Any:
    return create_in_register(model, actor=SETUP, values=values, check=anybody)


def test_a_plan_is_told_for_people(night: Night) -> None:
    text = told(night.window.code)
    assert "no plan is shorter" in text
    assert "Point of no return" in text


def test_every_forward_step_is_planned_once(night: Night) -> None:
    labels = [step["label"] for step in as_json(night.window.code)["steps"]]
    steps = Activity.objects.filter(is_backout=False)
    assert sorted(labels) == sorted(steps.values_list("label", flat=True))


def test_a_plan_is_the_same_each_time(night: Night) -> None:
    assert told(night.window.code, "--json") == told(night.window.code, "--json")


def test_a_team_of_nobody_is_named(night: Night) -> None:
    step = Activity.objects.filter(is_backout=False).select_related("team").earliest("label")
    edit_team(pk=step.team_id, actor=SETUP, values={"capacity": 0})
    with pytest.raises(CommandError, match=f"needs 1 of {step.team.code}; there is none"):
        told(night.window.code)


def test_a_team_and_subsystems_of_one_name_are_told_apart(night: Night) -> None:
    environment = Environment.objects.get(code="PROD")
    for label, code in (("W1", "PLEXP1"), ("W2", "PLEXP2")):
        plex = entered(Sysplex, code=code, environment=environment)
        ops = entered(Subsystem, kind="lla", name="OPS", sysplex=plex)
        night.step(night.window, label, "LLA_REFRESH", subsystem=ops)
    needs = {step["label"]: set(step["needs"]) for step in as_json(night.window.code)["steps"]}
    assert needs["W1"] == {"OPS", "Library lookaside OPS of PLEXP1"}
    assert needs["W2"] == {"OPS", "Library lookaside OPS of PLEXP2"}


def test_one_more_that_only_ends_sooner_gains_no_margin() -> None:
    assert "gain 31 minutes of margin" in what_one_more_gains("STOR", 31)
    assert "sooner; the margin stays" in what_one_more_gains("STOR", 0)


def test_an_unknown_window_is_named() -> None:
    with pytest.raises(CommandError, match="There is no window W-MOON"):
        told("w-moon")


def test_what_would_gain_time_is_told(night: Night) -> None:
    found = json.loads(told(night.window.code, "--json", "--what-if"))["what_ifs"]
    assert {each["kind"] for each in found} == {"capacity", "cutoff", "pre_stage", "split"}
    assert [each["margin_gained_minutes"] for each in found[:2]] == [60, 30]
    assert "The cut-off 60 min later" in told(night.window.code, "--what-if")


@pytest.mark.parametrize(("versioning", "early"), [("auto", True), ("none", False), (None, False)])
def test_a_bind_of_another_version_may_run_before_the_window(
    night: Night, versioning: str | None, early: bool
) -> None:
    bound = make_asset("CARDCOLL.COTRTLIC", "db2_package", night.bank.application)
    if versioning is not None:
        values = {"attributes": {"bind_versioning": versioning}}
        edit_in_register(Asset, pk=bound.pk, actor=SETUP, values=values, check=anybody)
    scope = [SCOPE_LINE | {"asset": bound, "from_version": "01.06", "to_version": "01.07"}]
    found = night.draft(changes=[night.change(assets=scope)])
    bind = night.step(found, "B1", "BIND_PACKAGE")
    with night.before():
        edit_activity(
            pk=bind.pk, actor=actor(night.coordinator), values={},
            parts={"targets": [{"asset": bound}]},
        )  # fmt: skip
        package.plan(pk=found.pk, actor=actor(night.coordinator))
    offered = json.loads(told(night.window.code, "--json", "--what-if"))["what_ifs"]
    assert (("pre_stage", "B1") in [(each["kind"], each["subject"]) for each in offered]) is early


def test_a_package_without_which_another_is_nothing_is_vetoed(night: Night) -> None:
    first = night.planned(name="First")
    second = night.planned(name="Second", after=[first])
    found = json.loads(told(night.window.code, "--json", "--what-if"))["what_ifs"]
    drops = {each["subject"]: each for each in found if each["kind"] == "drop"}
    (veto,) = drops[first.code]["vetoes"]
    assert veto["rule"] == "order"
    assert veto["text"].startswith(f"{second.code} declares that {first.code} comes first")
    assert not drops[first.code]["is_recommended"]
    assert drops[second.code]["vetoes"] == []
    assert found[-1]["subject"] == first.code


def test_the_number_of_queries_does_not_depend_on_the_plan(night: Night) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            told(night.window.code, "--what-if")
        return len(queries)

    night.planned(name="Second")
    two = cost()
    night.planned(name="Third")
    night.step(night.window, "W9", "LLA_REFRESH")
    assert cost() == two


def test_the_run_book_is_numbered(night: Night) -> None:
    lines = told(night.window.code, "--run-book").splitlines()
    assert lines[0].startswith(f"Run-book {night.window.code}")
    assert lines[2].startswith("  1. 22:00-22:10 A1 Backup lib, ")
