"""A night of a small bank: people of every duty, an open window, and packages in every state,
built through the services only."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from apps.accounts.models import Team, User
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.evidence.services.register import create_in_register
from apps.gates.catalogue import GATE_BY_CODE
from apps.inventory.models import Asset, Environment
from apps.releases.models import (
    Activity,
    ActivityType,
    BackoutPlan,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.services import activities, backout, checks, night, package, package_backout
from apps.releases.services import night_decision as decision
from apps.releases.services.activity_plan import (
    acknowledge_activity,
    create_activity,
    edit_activity,
)
from apps.releases.services.package_content import create_package
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from tests.changes.worlds import Bank, anybody, approved, small_bank
from tests.factories import SETUP, actor, make_team, make_user
from tests.windows.worlds import BEFORE, OPENS, Planners, draft_window, planners

__all__ = ["AS_IS", "BEFORE", "OPENS", "Night", "small_night"]

NOTE = "As agreed on the bridge tonight."
#: Every soft gate that is not met is let stand as it is.
AS_IS: dict[str, Any] = {"soft_gates": [*GATE_BY_CODE], "comment": NOTE}


@dataclass
class Night:
    """Who is there, and one open window."""

    bank: Bank
    planners: Planners
    window: ReleaseWindow
    ops: Team
    validation: Team
    operator: User
    stand_in: User
    validator: User

    @property
    def coordinator(self) -> User:
        return self.planners.coordinator

    @property
    def manager(self) -> User:
        return self.planners.manager

    def before(self) -> AbstractContextManager[None]:
        return clock.at(BEFORE + timedelta(days=1))

    def at(self, minutes: int = 0) -> AbstractContextManager[None]:
        return clock.at(OPENS + timedelta(minutes=minutes))

    def change(self, **more: Any) -> ChangeRequest:
        with self.before():
            return approved(self.bank, **more)

    def draft(self, changes: Sequence[ChangeRequest] | None = None, **more: Any) -> ReleasePackage:
        """A draft package for the window, with one approved change unless `changes` are given."""
        carried = [self.change()] if changes is None else changes
        after = more.pop("after", ())
        with self.before():
            return create_package(
                actor=actor(self.coordinator),
                values={"name": "Account layout", "window": self.window, **more},
                parts={
                    "members": [{"change": change} for change in carried],
                    "dependencies": [{"predecessor": p, "reason": "Same asset"} for p in after],
                },
            )

    def step(
        self, plan: ReleasePackage | ReleaseWindow, label: str, kind: str, *after: Activity,
        **more: Any,
    ) -> Activity:  # fmt: skip
        place = "package" if isinstance(plan, ReleasePackage) else "window"
        with self.before():
            return create_activity(
                actor=actor(self.coordinator),
                values={
                    place: plan,
                    "label": label,
                    "type": ActivityType.objects.get(code=kind),
                    "title": kind.replace("_", " ").capitalize(),
                    "team": self.ops,
                    "owner": self.operator,
                    "deputy": self.stand_in,
                    "duration_minutes": 10,
                    **more,
                },
                parts={"dependencies": [{"predecessor": before} for before in after]},
            )

    def check(self, plan: ReleasePackage, code: str = "V1", **more: Any) -> ValidationCheck:
        with self.before():
            return checks.create_check(
                actor=actor(self.coordinator),
                values={
                    "package": plan,
                    "code": code,
                    "title": "Return code of the test job",
                    "kind": "job_rc",
                    "expected_operator": "rc<=",
                    "expected_value": "4",
                    "phase": "go_decision",
                    "team": self.validation,
                    "owner": self.validator,
                    **more,
                },
            )

    def backout_plan(self, owner: ReleasePackage) -> BackoutPlan:
        """Written, reviewed by operations and approved."""
        with self.before():
            plan = backout.create_backout_plan(
                actor=actor(self.coordinator),
                values={
                    "package": owner,
                    "strategy": "restore_members",
                    "trigger_criteria": "The test job ends above 4.",
                    "decision_owner": self.manager,
                    "verification": "Footprints equal the archive.",
                    "restore_points": "PROD.ARCHIVE.LOADLIB",
                },
            )
            backout.review_plan(pk=plan.pk, actor=actor(self.operator))
            return backout.approve_plan(pk=plan.pk, actor=actor(self.manager))

    def with_plan(self, owner: ReleasePackage) -> dict[str, Activity]:
        """Archive, copy (undone by Z1), test; one check; an approved backout plan."""
        archive = self.step(owner, "A1", "BACKUP_LIB")
        copy = self.step(owner, "A2", "COPY_LOAD", archive)
        test = self.step(owner, "A3", "SMOKE_JOB", copy)
        undo = self.step(owner, "Z1", "COPY_LOAD", is_backout=True, reverses=copy)
        self.check(owner)
        self.backout_plan(owner)
        return {step.label: step for step in (archive, copy, test, undo)}

    def drafted(self, **more: Any) -> ReleasePackage:
        found = self.draft(**more)
        self.with_plan(found)
        return found

    def planned(self, **more: Any) -> ReleasePackage:
        found = self.drafted(**more)
        with self.before():
            return package.plan(pk=found.pk, actor=actor(self.coordinator))

    def ready(self, **more: Any) -> ReleasePackage:
        found = self.planned(**more)
        return self.confirm(found)

    def confirm(self, found: ReleasePackage) -> ReleasePackage:
        """With every soft gate as it is."""
        with self.before():
            return package.confirm_ready(pk=found.pk, actor=actor(self.coordinator), **AS_IS)

    def acknowledge(self, owner: ReleasePackage) -> None:
        with self.before():
            for step in Activity.objects.filter(package=owner):
                acknowledge_activity(pk=step.pk, actor=actor(self.operator))

    def start_window(self) -> None:
        with self.before():
            if ReleaseWindow.objects.get(pk=self.window.pk).state == "open":
                planning.lock_scope(pk=self.window.pk, actor=actor(self.coordinator))
        with self.at(0):
            night.start_window(pk=self.window.pk, actor=actor(self.coordinator), batch_held=True)
        self.window = ReleaseWindow.objects.get(pk=self.window.pk)

    def target(self, *labels: str, on: Asset) -> None:
        """The steps with these labels work on the asset."""
        for step in Activity.objects.filter(label__in=labels):
            with self.before():
                edit_activity(
                    pk=step.pk, actor=actor(self.coordinator), values={},
                    parts={"targets": [{"asset": on}]},
                )  # fmt: skip

    def going(self, drafted: ReleasePackage) -> ReleasePackage:
        """A drafted package, planned as it is, and started."""
        with self.before():
            plan = BackoutPlan.objects.get(package=drafted)
            if plan.state in ("approved", "invalid"):
                backout.revise_plan(pk=plan.pk, actor=actor(self.coordinator), comment=NOTE)
            backout.review_plan(pk=plan.pk, actor=actor(self.operator))
            backout.approve_plan(pk=plan.pk, actor=actor(self.manager))
            package.plan(pk=drafted.pk, actor=actor(self.coordinator))
        self.confirm(drafted)
        return self.start(drafted)

    def started(self, **more: Any) -> ReleasePackage:
        return self.start(self.ready(**more))

    def start(self, found: ReleasePackage) -> ReleasePackage:
        self.acknowledge(found)
        self.start_window()
        with self.at(5):
            return package.start(pk=found.pk, actor=actor(self.coordinator))

    def run(self, step: Activity, minute: int = 10) -> Activity:
        """The operator starts and completes a step that is ready."""
        with self.at(minute):
            activities.start_activity(pk=step.pk, actor=actor(self.operator))
        with self.at(minute + 5):
            return activities.complete_activity(pk=step.pk, actor=actor(self.operator))

    def steps(self, owner: ReleasePackage) -> dict[str, Activity]:
        return {step.label: step for step in Activity.objects.filter(package=owner)}

    def validating(self, **more: Any) -> ReleasePackage:
        found = self.started(**more)
        steps = self.steps(found)
        self.run(steps["A1"], 10)
        self.run(steps["A2"], 20)
        return ReleasePackage.objects.get(pk=found.pk)

    def checked(self, owner: ReleasePackage, value: str = "0", minute: int = 45) -> None:
        with self.at(minute):
            for check in ValidationCheck.objects.filter(package=owner, phase="go_decision"):
                checks.run_check(pk=check.pk, actor=actor(self.validator))
                checks.record_result(pk=check.pk, actor=actor(self.validator), actual_value=value)

    def decided(self, **more: Any) -> ReleasePackage:
        found = self.validating(**more)
        self.run(self.steps(found)["A3"], 30)
        self.checked(found)
        with self.at(50):
            return decision.decide(pk=found.pk, actor=actor(self.manager), decision="go")

    def completed(self, **more: Any) -> ReleasePackage:
        found = self.decided(**more)
        with self.at(55):
            return package.complete(pk=found.pk, actor=actor(self.coordinator))

    def failed(self, **more: Any) -> ReleasePackage:
        found = self.validating(**more)
        with self.at(60):
            return package.fail(
                pk=found.pk, actor=actor(self.coordinator), code="validation", comment=NOTE
            )

    def backing_out(self, **more: Any) -> ReleasePackage:
        found = self.failed(**more)
        with self.at(65):
            return package_backout.start_backout(
                pk=found.pk, actor=actor(self.manager), comment=NOTE
            )

    def backed_out(self, **more: Any) -> ReleasePackage:
        found = self.backing_out(**more)
        self.run(self.steps(found)["Z1"], 70)
        self.restored(found)
        with self.at(80):
            return package_backout.finish_backout(pk=found.pk, actor=actor(self.coordinator))

    def restored(self, owner: ReleasePackage, minute: int = 76) -> None:
        """The validator finds everything as it was before."""
        with self.at(minute):
            for check in ValidationCheck.objects.filter(package=owner, phase="post_backout"):
                checks.run_check(pk=check.pk, actor=actor(self.validator))
                checks.record_result(
                    pk=check.pk, actor=actor(self.validator), actual_value=check.baseline
                )

    def delayed(self, **more: Any) -> ReleasePackage:
        found = self.planned(**more)
        with self.before():
            return package.delay(
                pk=found.pk, actor=actor(self.coordinator), reason="capacity", comment=NOTE
            )

    def cancelled(self, **more: Any) -> ReleasePackage:
        found = self.planned(**more)
        with self.before():
            return package.cancel(pk=found.pk, actor=actor(self.coordinator), comment=NOTE)

    def closed(self, **more: Any) -> ReleasePackage:
        found = self.completed(**more)
        with self.at(60 * 24):
            return package.close(pk=found.pk, actor=actor(self.coordinator))


def small_night(**window: Any) -> Night:
    """Everybody is hired and the window is open, twenty days before the night."""
    with clock.at(BEFORE):
        people = planners()
        bank = small_bank()
        ops, validation = make_team("OPS"), make_team("VAL")
        opened = draft_window(people, **window)
        opened = planning.open_window(pk=opened.pk, actor=actor(people.manager))
        create_in_register(
            Environment,
            actor=SETUP,
            values={"code": "PROD", "site": people.site, "order": 9, "is_production": True},
            check=anybody,
        )
        return Night(
            bank=bank,
            planners=people,
            window=opened,
            ops=ops,
            validation=validation,
            operator=make_user("operator", "implementer", "validator", teams=["OPS"]),
            stand_in=make_user("stand.in", "implementer", teams=["OPS"]),
            validator=make_user("validator", "validator", teams=["VAL"]),
        )
