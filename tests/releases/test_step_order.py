"""Deriving the order of a night from its rules, and dropping what they only advise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from apps.accounts.models import User
from apps.evidence.models import EvidenceEntry
from apps.inventory.services.relations import relate_asset
from apps.releases.models import Activity, ActivityDependency, Rule
from apps.releases.policies.activity_facts import plan_of
from apps.releases.policies.step_order import order_of, place_of, read_order
from apps.releases.services import package as packages
from apps.releases.services import step_order
from apps.releases.services.activity_plan import edit_activity
from apps.releases.services.rules import edit_rule
from apps.releases.services.step_order import Derived
from tests.changes.worlds import make_asset
from tests.factories import actor, make_user
from tests.releases.worlds import AS_IS, NOTE, Night, small_night
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def planned(night: Night, **kinds: str) -> Any:
    """A draft package with steps of these types, by label."""
    package = night.draft()
    for label, kind in kinds.items():
        night.step(package, label, kind)
    return package


def derive(night: Night, about: Any, **more: Any) -> Derived:
    door = (
        step_order.derive_window_order if about is night.window else step_order.derive_package_order
    )
    with night.before():
        return door(pk=about.pk, actor=actor(night.coordinator), **more)


def edges(about: Any) -> dict[tuple[str, str], ActivityDependency]:
    rows = ActivityDependency.objects.filter(activity__in=read_order(place_of(about)).steps)
    found = rows.select_related("activity", "predecessor")
    return {(row.predecessor.label, row.activity.label): row for row in found}


def edit(night: Night, code: str, **values: Any) -> Rule:
    rule = Rule.objects.get(code=code)
    with night.before():
        keeper = User.objects.filter(username="keeper").first() or make_user(
            "keeper", "change_manager"
        )
        return edit_rule(pk=rule.pk, actor=actor(keeper), values=values, comment="As agreed.")


def drop(night: Night, step: Activity, before: Activity, comment: str = NOTE) -> Activity:
    with night.before():
        return step_order.drop_predecessor(
            pk=step.pk, actor=actor(night.coordinator), predecessor=before.pk, comment=comment
        )


@contextmanager
def telling(code: str, text: str) -> Iterator[None]:
    with refused(code) as caught:
        yield
    assert text in str(caught.value)


class TestDeriving:
    def test_the_rules_become_dependencies_with_their_reasons_and_entries_once(
        self, night: Night
    ) -> None:
        package = planned(night, A1="BACKUP_LIB", A2="SCM_EXECUTE", A3="SMOKE_JOB", A4="RECON")
        done = derive(night, package, comment="For the first review.")
        commit_now()
        found = edges(package)
        assert {pair: (row.origin, row.strength) for pair, row in found.items()} == {
            ("A1", "A2"): ("O03", "hard"),
            ("A2", "A3"): ("O53", "hard"),
            ("A3", "A4"): ("O62", "soft"),
        }
        assert found["A1", "A2"].reasons == [["O03", "Copy after the archive of members"]]
        assert done.added == 3

        told = EvidenceEntry.objects.filter(action="activity.ordered")
        assert told.count() == 3
        step = json.loads(bytes(told.first().body))  # type: ignore[union-attr]
        assert (step["diff"][0]["field"], step["comment"]) == (
            "dependencies", "For the first review.",
        )  # fmt: skip
        assert EvidenceEntry.objects.filter(action="package.order_derived").count() == 1
        before = EvidenceEntry.objects.count()
        assert derive(night, package).text == "The order was as its rules have it."
        assert EvidenceEntry.objects.count() == before

    def test_what_no_rule_says_any_more_goes_and_what_people_entered_stays(
        self, night: Night
    ) -> None:
        package = night.draft()
        a1 = night.step(package, "A1", "BACKUP_LIB")
        night.step(package, "A2", "SCM_EXECUTE", a1)
        derive(night, package)
        assert ActivityDependency.objects.filter(activity__label="A2").count() == 2
        edit(night, "O03", is_active=False)
        assert derive(night, package).removed == 1
        assert [row.is_derived for row in edges(package).values()] == [False]

    def test_an_edit_of_a_step_leaves_what_rules_say(self, night: Night) -> None:
        package = planned(night, A1="BACKUP_LIB", A2="SCM_EXECUTE")
        derive(night, package)
        step = Activity.objects.get(label="A2")
        with night.before():
            edit_activity(pk=step.pk, actor=actor(night.coordinator), values={},
                          parts={"dependencies": []})  # fmt: skip
        assert ("A1", "A2") in edges(package)

    def test_a_package_waits_for_the_steps_that_its_window_shares(self, night: Night) -> None:
        package = planned(night, A2="SCM_EXECUTE")
        night.step(night.window, "W1", "HOLD_JOB")
        night.step(night.window, "W2", "LLA_REFRESH")
        derive(night, package)
        assert set(edges(package)) == {("W1", "A2"), ("A2", "W2")}

    def test_of_two_packages_the_lower_version_goes_first(self, night: Night) -> None:
        line = {"asset": night.bank.copybook, "action": "change", "from_version": "01.01"}
        first = night.draft([night.change(assets=[line | {"to_version": "01.02"}])])
        second = night.draft([night.change(assets=[line | {"to_version": "01.03"}])])
        night.step(second, "B3", "SCM_EXECUTE")
        night.step(first, "A3", "SCM_EXECUTE")
        derive(night, night.window)
        (row,) = edges(night.window).values()
        assert (row.predecessor.label, row.activity.label, row.origin) == ("A3", "B3", "X02")
        assert "01.02 before 01.03" in row.reasons[0][1]

    def test_a_reader_goes_before_what_writes_for_it_and_that_is_advice(self, night: Night) -> None:
        writer, reader, data = (
            make_asset(name, kind, night.bank.application)
            for name, kind in (("CBWRITE", "program_batch"), ("CBREAD", "program_batch"),
                               ("TRANSACT", "vsam"))
        )  # fmt: skip
        keeper = actor(make_user("keeper", "developer"))
        relate_asset(pk=writer.pk, actor=keeper, kind="writes", target=data.pk)
        relate_asset(pk=reader.pk, actor=keeper, kind="reads", target=data.pk)
        line = {"action": "change", "from_version": "01.01", "to_version": "01.02"}
        writes = night.draft([night.change(assets=[line | {"asset": writer}])])
        reads = night.draft([night.change(assets=[line | {"asset": reader}])])
        night.step(writes, "A3", "SCM_EXECUTE")
        night.step(reads, "B3", "SCM_EXECUTE")
        derive(night, night.window)
        (row,) = edges(night.window).values()
        assert (row.predecessor.label, row.activity.label, row.origin) == ("B3", "A3", "X03")

    def test_an_old_preview_is_refused_and_so_is_who_is_no_coordinator(self, night: Night) -> None:
        package = planned(night, A1="BACKUP_LIB", A2="SCM_EXECUTE")
        seen = order_of(package).digest
        night.step(package, "A3", "SMOKE_JOB")
        with refused("old_content"):
            derive(night, package, content_digest=seen)
        with refused("role_missing"), night.before():
            step_order.derive_package_order(pk=package.pk, actor=actor(night.operator))

    def test_a_frozen_plan_of_the_night_is_named(self, night: Night) -> None:
        ready = night.ready()
        package = planned(night, C1="SCM_EXECUTE")
        night.step(night.window, "W2", "LLA_REFRESH")
        with telling("plan_fixed", ready.code):
            derive(night, night.window)
        assert derive(night, package).added == 1


class TestCycles:
    def test_one_is_refused_with_its_steps_and_rules(self, night: Night) -> None:
        package = night.draft()
        a2 = night.step(package, "A2", "SCM_EXECUTE")
        night.step(package, "A1", "BACKUP_LIB", a2)
        with telling("step_cycle", "A1 → (O03) → A2 → (manual) → A1"):
            derive(night, package)
        assert not ActivityDependency.objects.filter(is_derived=True).exists()

    def test_planning_uses_the_derived_order(self, night: Night) -> None:
        package = night.drafted()
        derive(night, package)
        with night.before():
            found = packages.plan(pk=package.pk, actor=actor(night.coordinator))
        assert found.state == "planned"


class TestDropping:
    def test_advice_is_dropped_with_a_reason_and_stays_so(self, night: Night) -> None:
        package = planned(night, A3="SMOKE_JOB", A4="RECON")
        derive(night, package)
        steps = night.steps(package)
        drop(night, steps["A4"], steps["A3"])
        commit_now()
        assert derive(night, package).added == 0
        (row,) = order_of(package).dropped
        assert (row.dropped_by, row.dropped_reason) == (night.coordinator, NOTE)

    def test_it_needs_a_reason_and_may_be_dropped_before_it_is_derived(self, night: Night) -> None:
        package = planned(night, A3="SMOKE_JOB", A4="RECON")
        steps = night.steps(package)
        with refused("required"):
            drop(night, steps["A4"], steps["A3"], comment="")
        drop(night, steps["A4"], steps["A3"])
        assert not edges(package)["A3", "A4"].holds

    def test_a_hard_one_is_not_dropped_but_its_rule_narrowed(self, night: Night) -> None:
        package = planned(night, W6="OPEN_FILE", C8="SMOKE_ONLINE")
        edit(night, "O60", is_active=False)
        derive(night, package)
        steps = night.steps(package)
        with telling("hard_edge", "O60W"):
            drop(night, steps["C8"], steps["W6"])
        rule = edit(night, "O60W", narrowed_to="related")
        assert derive(night, package).removed == 1
        told = EvidenceEntry.objects.filter(subject=rule.subject)
        assert told.latest("seq").action == "register.edited"

    def test_it_can_be_taken_up_again(self, night: Night) -> None:
        package = planned(night, A3="SMOKE_JOB", A4="RECON")
        derive(night, package)
        steps = night.steps(package)
        drop(night, steps["A4"], steps["A3"])
        with night.before():
            step_order.take_up_predecessor(
                pk=steps["A4"].pk, actor=actor(night.coordinator), predecessor=steps["A3"].pk
            )
        assert edges(package)["A3", "A4"].holds

    def test_it_holds_again_when_its_rule_becomes_hard(self, night: Night) -> None:
        package = planned(night, A3="SMOKE_JOB", A4="RECON")
        steps = night.steps(package)
        drop(night, steps["A4"], steps["A3"])
        edit(night, "O62", severity="hard")
        derive(night, package)
        row = edges(package)["A3", "A4"]
        assert (row.holds, row.strength) == (True, "hard")


def test_a_rule_of_order_is_hard_or_soft_and_only_one_about_steps_is_narrowed(
    night: Night,
) -> None:
    for code, values, text in (
        ("O62", {"severity": "info"}, "hard or soft"),
        ("X02", {"narrowed_to": "asset"}, "not about pairs of steps"),
    ):
        with telling("invalid", text):
            edit(night, code, **values)


class TestTheNight:
    def test_nobody_waits_for_a_package_that_left_it(self, night: Night) -> None:
        stays, leaves = night.planned(), planned(night, C1="SCM_EXECUTE")
        night.step(night.window, "W2", "LLA_REFRESH")
        derive(night, night.window)
        assert ("C1", "W2") in edges(night.window)
        with night.before():
            packages.cancel(pk=leaves.pk, actor=actor(night.coordinator), comment=NOTE)
        shared = Activity.objects.get(label="W2")
        before = plan_of(window=night.window.pk)[shared.pk].after
        labels = set(Activity.objects.filter(pk__in=before).values_list("label", flat=True))
        assert labels == {"A2"}
        assert stays.pk


class TestPlanning:
    """Planning a package orders its steps, and nothing is ready that a hard rule has otherwise."""

    def test_planning_orders_the_steps_with_one_entry_of_the_package(self, night: Night) -> None:
        package = planned(night, A1="BACKUP_LIB", A2="SCM_EXECUTE", A3="SMOKE_JOB")
        hold = night.step(night.window, "W1", "HOLD_JOB")
        with night.before():
            packages.plan(pk=package.pk, actor=actor(night.coordinator))
        commit_now()
        assert edges(hold).keys() == {("A1", "A2"), ("A2", "A3"), ("W1", "A2")}
        told = EvidenceEntry.objects.filter(subject=package.subject).values_list(
            "action", flat=True
        )
        assert list(told.order_by("id"))[1:] == ["package.planned"]

    def test_steps_that_would_wait_for_each_other_keep_it_from_being_planned(
        self, night: Night
    ) -> None:
        package = night.draft()
        phase_in = night.step(package, "A1", "PHASEIN")
        night.step(package, "A2", "MQ_DEFINE", phase_in)
        with night.before(), refused("step_cycle") as caught:
            packages.plan(pk=package.pk, actor=actor(night.coordinator))
        assert "O40" in str(caught.value)
        assert not any(row.is_derived for row in edges(package).values())

    def test_a_delayed_package_is_ordered_in_the_night_it_goes_to(self, night: Night) -> None:
        package = night.planned()
        with night.before():
            packages.delay(pk=package.pk, actor=actor(night.coordinator), reason="not_ready",
                           comment=NOTE)  # fmt: skip
            hold = night.step(night.window, "W1", "HOLD_JOB")
            packages.replan(pk=package.pk, actor=actor(night.coordinator), window=night.window.pk)
        commit_now()
        assert ("W1", "A2") in edges(hold)

    def test_a_step_that_a_hard_rule_has_otherwise_keeps_it_from_ready(self, night: Night) -> None:
        package = night.planned()
        night.step(night.window, "W1", "HOLD_JOB")
        with night.before(), refused("gate_g10") as caught:
            packages.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
        assert "A2 does not wait for W1, as it has to: O01 " in str(caught.value)
        derive(night, package)
        with night.before():
            packages.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)

    def test_a_way_over_other_steps_is_order_enough(self, night: Night) -> None:
        package = night.draft()
        first = night.step(package, "A1", "BACKUP_LIB")
        night.step(package, "A3", "SCM_EXECUTE", night.step(package, "A2", "COMMS", first))
        assert not order_of(package).missing
