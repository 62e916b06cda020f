"""Steps added many at once: those that a scope asks for, and those of a plan template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.services.people import edit_team
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.register import create_in_register
from apps.inventory.models import Environment, Subsystem, Sysplex
from apps.releases.models import Activity, ActivityType, PlanTemplate
from apps.releases.policies.scope_steps import proposals_digest, proposals_for
from apps.releases.services import plan_steps, plan_templates
from tests.changes.worlds import anybody, make_asset
from tests.factories import SETUP, actor
from tests.releases.worlds import NOTE, Night, small_night
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db

PARAMETERS = [
    {"name": "program", "label": "Program", "kind": "name8"},
    {"name": "region", "label": "Region", "kind": "region"},
    {"name": "mode", "label": "Mode", "kind": "choice", "choices": "NEWCOPY, PHASEIN",
     "default": "PHASEIN"},
]  # fmt: skip
VALUES = {"program": "COACTVWC", "region": "CICSCRA1"}


@pytest.fixture
def night() -> Night:
    night = small_night()
    environment = Environment.objects.get()
    sysplex = create_in_register(
        Sysplex, actor=SETUP, values={"code": "PLEXA", "environment": environment}, check=anybody
    )
    create_in_register(
        Subsystem,
        actor=SETUP,
        values={"kind": "cics_region", "name": "CICSCRA1", "sysplex": sysplex},
        check=anybody,
    )
    return night


def steps_of(night: Night) -> list[dict[str, Any]]:
    def kind(code: str) -> ActivityType:
        return ActivityType.objects.get(code=code)

    shared = {"team": night.ops, "duration_minutes": 5}
    return [
        {"label": "A1", "type": kind("SCM_EXECUTE"), "title": "Bring {program} in", **shared},
        {"label": "A2", "type": kind("PHASEIN"), "title": "{mode} {program} in {region}",
         "instruction": "CEMT SET PROGRAM({program}) {mode}", "after": "A1", **shared},
        {"label": "A2-R", "type": kind("PHASEIN"), "title": "Take {program} back in {region}",
         "reverses": "A2", **shared},
    ]  # fmt: skip


def written(night: Night, **parts: Any) -> PlanTemplate:
    with night.before():
        return plan_templates.write_template(
            actor=actor(night.coordinator),
            values={"code": "CICS-PROGRAM", "name": "CICS program"},
            parts={"parameters": PARAMETERS, "steps": steps_of(night), **parts},
        )


def active(night: Night) -> PlanTemplate:
    template = written(night)
    with night.before():
        plan_templates.review_template(pk=template.pk, actor=actor(night.manager))
        return plan_templates.activate_template(pk=template.pk, actor=actor(night.manager))


def apply(night: Night, package: Any, template: PlanTemplate, **values: str) -> Any:
    with night.before():
        return plan_steps.apply_template(
            pk=package.pk,
            actor=actor(night.coordinator),
            template=template.pk,
            values=VALUES | values,
        )


class TestTemplates:
    def test_a_second_person_reviews_a_version_before_it_is_used(self, night: Night) -> None:
        template = written(night)
        with refused("same_person"), night.before():
            plan_templates.review_template(pk=template.pk, actor=actor(night.coordinator))
        with refused("not_active"):
            apply(night, night.draft(), template)

    def test_its_steps_have_the_values_in_their_texts_and_remember_the_version(
        self, night: Night
    ) -> None:
        package, template = night.draft(), active(night)
        done = apply(night, package, template)
        commit_now()
        steps = night.steps(package)
        assert list(steps) == ["A1", "A2", "A2-R"]
        assert steps["A2"].title == "PHASEIN COACTVWC in CICSCRA1"
        assert steps["A2"].instruction == "CEMT SET PROGRAM(COACTVWC) PHASEIN"
        assert {step.template for step in steps.values()} == {template}
        assert steps["A2-R"].reverses == steps["A2"]
        assert steps["A2"].dependencies.get().origin == "CICS-PROGRAM v1"
        assert done.text.startswith("3 steps added")
        entry = EvidenceEntry.objects.get(action="package.steps_added")
        assert json.loads(bytes(entry.body))["facts"]["values"] == VALUES

    def test_a_second_time_its_labels_are_those_that_are_free(self, night: Night) -> None:
        package, template = night.draft(), active(night)
        apply(night, package, template)
        apply(night, package, template)
        assert sorted(night.steps(package)) == ["A1", "A2", "A2-R", "A3", "A4", "A4-R"]

    def test_every_parameter_that_does_not_fit_is_named(self, night: Night) -> None:
        package, template = night.draft(), active(night)
        with refused("parameter") as caught:
            apply(night, package, template, program="", region="CICSXX")
        fields = {blocker.field for blocker in caught.value.blockers}  # type: ignore[attr-defined]
        assert fields == {"values.program", "values.region"}
        assert not package.activities.exists()

    def test_a_new_version_takes_the_place_of_the_one_before(self, night: Night) -> None:
        first = active(night)
        with night.before():
            second = plan_templates.revise_template(pk=first.pk, actor=actor(night.coordinator))
            plan_templates.review_template(pk=second.pk, actor=actor(night.manager))
            plan_templates.activate_template(pk=second.pk, actor=actor(night.manager))
        states = dict(PlanTemplate.objects.values_list("number", "state"))
        assert states == {1: "retired", 2: "active"}
        assert second.steps.count() == 3

    def test_a_template_that_could_not_be_applied_is_not_kept(self, night: Night) -> None:
        with refused("template") as caught:
            written(night, parameters=[])
        assert "names {program}" in str(caught.value)  # type: ignore[attr-defined]

    def test_the_page_shows_the_steps_before_they_are_added(self, night: Night) -> None:
        package, template = night.draft(), active(night)
        client = Client()
        client.force_login(
            User.objects.get(pk=night.coordinator.pk),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        address = reverse("admin:releases_releasepackage_template", args=[package.pk])
        told = {f"values.{name}": value for name, value in VALUES.items()}
        form = {"template": template.pk, "values.mode": "PHASEIN", **told}
        with night.before():
            missing = client.post(address, {**form, "values.program": "", "preview": "1"})
            shown = client.post(address, {**form, "preview": "1"})
            assert not package.activities.exists()
            added = client.post(address, {**form, "apply": "1"})
        assert missing.status_code == 400 and "Program is missing." in missing.text
        assert "PHASEIN COACTVWC in CICSCRA1" in shown.text
        assert added.status_code == 302 and package.activities.count() == 3
        for name, record, text in (
            ("releasepackage", package, "Deriving the order would change"),
            ("plantemplate", template, "CEMT SET PROGRAM({program}) {mode}"),
            ("activity", package.activities.get(label="A2"), "CICS-PROGRAM v1"),
        ):
            with night.before():
                page = client.get(reverse(f"admin:releases_{name}_change", args=[record.pk]))
            assert page.status_code == 200 and text in page.text, name


class TestScope:
    def test_its_steps_are_added_with_their_ways_back(self, night: Night) -> None:
        program = make_asset("COACTVWC", "program_cics", night.bank.application)
        line = {"asset": program, "action": "change", "from_version": "01", "to_version": "02"}
        package = night.draft([night.change(assets=[line])])
        night.step(package, "A1", "BACKUP_LIB")
        seen = proposals_digest(package)
        assert [each.type for each in proposals_for(package)] == [
            "SCM_EXECUTE", "LLA_REFRESH", "NEWCOPY",
        ]  # fmt: skip
        with night.before():
            plan_steps.add_scope_steps(
                pk=package.pk, actor=actor(night.coordinator), content_digest=seen
            )
        commit_now()
        steps = night.steps(package)
        assert [(s.label, s.type_id, s.is_backout) for s in steps.values()] == [
            ("A1", "BACKUP_LIB", False),
            ("A2", "SCM_EXECUTE", False), ("A2-R", "SCM_EXECUTE", True),
            ("A3", "LLA_REFRESH", False), ("A3-R", "LLA_REFRESH", True),
            ("A4", "NEWCOPY", False), ("A4-R", "NEWCOPY", True),
        ]  # fmt: skip
        assert steps["A4"].targets.get().asset == program
        assert (steps["A4"].owner, steps["A4"].team) == (night.operator, night.ops)
        entry = EvidenceEntry.objects.get(subject=steps["A4"].subject)
        assert "COACTVWC is a cics program to change" in json.loads(bytes(entry.body))["comment"]
        package = type(package).objects.get(pk=package.pk)
        with refused("nothing_to_add"), night.before():
            plan_steps.add_scope_steps(pk=package.pk, actor=actor(night.coordinator))

    def test_a_step_of_which_nobody_can_tell_whose_it_is_is_refused(self, night: Night) -> None:
        package = night.draft()
        with refused() as caught, night.before():
            plan_steps.add_scope_steps(pk=package.pk, actor=actor(night.coordinator))
        fields = {blocker.field for blocker in caught.value.blockers}  # type: ignore[attr-defined]
        assert fields <= {"team", "owner"} and "team" in fields
        assert not Activity.objects.filter(package=package).exists()


def test_a_step_is_somebody_s_and_its_team_has_people(night: Night) -> None:
    package = night.draft()
    with refused("no_owner"):
        night.step(package, "A1", "COPY_LOAD", owner=None, deputy=None)
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 0}, comment=NOTE)
    night.ops.refresh_from_db()
    with refused("no_capacity"):
        night.step(package, "A1", "COPY_LOAD")
