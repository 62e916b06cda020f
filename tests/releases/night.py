"""A night with people, one package and the steps, checks and backout plan a test asks for.

Rows are brought into a state by their own transitions with an entry each, so that a test of one
move needs none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.evidence.events import RECORD_CREATED, RECORD_EDITED, Event
from apps.evidence.models import GovernedModel
from apps.evidence.services.ledger import lock, record, record_created
from apps.inventory.models import Environment, Subsystem, Sysplex
from apps.releases import events
from apps.releases.models import (
    Activity,
    ActivityChange,
    ActivityDependency,
    BackoutPlan,
    PackageChange,
    ReleasePackage,
    ValidationCheck,
)
from apps.windows.models import ReleaseWindow
from tests.changes.worlds import Bank, approved, small_bank
from tests.factories import SETUP, actor, make_team, make_user
from tests.windows.worlds import OPENS, Planners, planners, window_in

#: The night of the tests stands here: 00:40 in Amsterdam.
NIGHT = OPENS + timedelta(hours=2, minutes=40)

PACKAGE_WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "planned": ("plan",),
    "ready": ("plan", "confirm_ready"),
    "in_progress": ("plan", "confirm_ready", "start"),
    "validating": ("plan", "confirm_ready", "start", "to_validation"),
    "completed": ("plan", "confirm_ready", "start", "to_validation", "complete"),
    "failed": ("plan", "confirm_ready", "start", "fail"),
    "backing_out": ("plan", "confirm_ready", "start", "start_backout"),
}
ACTIVITY_WAYS: dict[str, tuple[str, ...]] = {
    "planned": (),
    "ready": ("release",),
    "in_progress": ("release", "start"),
    "paused": ("release", "start", "pause"),
    "completed": ("release", "start", "complete"),
    "failed": ("release", "start", "fail"),
    "skipped": ("skip",),
    "backed_out": ("release", "start", "complete", "back_out"),
}
CHECK_WAYS: dict[str, tuple[str, ...]] = {
    "planned": (),
    "running": ("begin",),
    "passed": ("begin", "pass_check"),
    "failed": ("begin", "fail"),
    "inconclusive": ("begin", "be_inconclusive"),
    "accepted_deviation": ("begin", "fail", "accept"),
    "not_run": ("leave_out",),
}
BACKOUT_WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "reviewed": ("review",),
    "rehearsed": ("review", "rehearse"),
    "approved": ("review", "rehearse", "approve"),
    "triggered": ("trigger",),
    "executing": ("trigger", "execute"),
    "restored": ("trigger", "execute", "restore"),
    "verified": ("trigger", "execute", "restore", "verify"),
    "failed": ("trigger", "execute", "fail"),
    "invalid": ("review", "invalidate"),
}
EVENTS: dict[str, Event] = {
    "package": events.PACKAGE_EDITED,
    "activity": events.ACTIVITY_EDITED,
    "check": events.CHECK_EDITED,
    "backout_plan": events.BACKOUT_EDITED,
}


@transaction.atomic
def walk(obj: Any, moves: tuple[str, ...], **values: Any) -> Any:
    """The record after `moves`, with `values` set beside the last one."""
    for number, move in enumerate(moves, start=1):
        obj = lock(type(obj), obj.pk)
        getattr(obj, move)()
        if number == len(moves):
            for name, value in values.items():
                setattr(obj, name, value)
        record(obj, actor=SETUP, event=EVENTS[obj.SUBJECT])
    return type(obj).objects.get(pk=obj.pk)


@transaction.atomic
def put(obj: GovernedModel, **values: Any) -> Any:
    """The record with `values` set, whatever a service would say."""
    obj = lock(type(obj), obj.pk)
    for name, value in values.items():
        setattr(obj, name, value)
    return record(obj, actor=SETUP, event=EVENTS.get(obj.SUBJECT, RECORD_EDITED))


@dataclass
class Night:
    planners: Planners
    bank: Bank
    window: ReleaseWindow
    change: ChangeRequest
    people: dict[str, User] = field(default_factory=dict)
    package: ReleasePackage = None  # type: ignore[assignment]
    count: int = 0

    def actor(self, who: str) -> Actor:
        return system_actor("clock") if who == "system" else actor(self.people[who])

    @transaction.atomic
    def make_package(self, state: str = "in_progress", **values: Any) -> ReleasePackage:
        self.count += 1
        package = record_created(
            ReleasePackage(
                **{
                    "code": f"RP-2611-{self.count:02d}",
                    "name": "Account record 300 to 340",
                    "points": 1,
                    "window": self.window,
                    "owner": self.people["coordinator"],
                    "coordinator": self.people["coordinator"],
                    **values,
                }
            ),
            actor=SETUP,
            event=events.PACKAGE_CREATED,
        )
        return walk(package, PACKAGE_WAYS[state])

    @transaction.atomic
    def step(self, label: str, state: str = "planned", **values: Any) -> Activity:
        """A step of the package, owned and acknowledged; `after` and `changes` are parts."""
        after, changes = values.pop("after", ()), values.pop("changes", ())
        if "window" not in values:
            values.setdefault("package", self.package)
        created = record_created(
            Activity(
                **{
                    "label": label,
                    "type_id": "COPY_LOAD",
                    "title": f"Step {label}",
                    "team": make_team("OPS"),
                    "owner": self.people["implementer"],
                    "duration_minutes": 5,
                    "acknowledged_at": clock.now(),
                    **values,
                }
            ),
            actor=SETUP,
            event=events.ACTIVITY_CREATED,
        )
        for before in after:
            ActivityDependency.objects.create(activity=created, predecessor=before)
        for change in changes:
            ActivityChange.objects.create(activity=created, change=change)
        way = ACTIVITY_WAYS[state]
        if "start" in way:
            started = NIGHT - timedelta(minutes=10)
            put(created, started_at=started, done_by=self.people["implementer"], attempts=1)
        return walk(created, way) if way else created

    @transaction.atomic
    def check(self, code: str, state: str = "planned", **values: Any) -> ValidationCheck:
        if "window" not in values:
            values.setdefault("package", self.package)
        created = record_created(
            ValidationCheck(
                **{
                    "code": code,
                    "title": f"Check {code}",
                    "kind": "job_rc",
                    "expected_operator": "rc<=",
                    "expected_value": "4",
                    "team": make_team("TEST"),
                    **values,
                }
            ),
            actor=SETUP,
            event=events.CHECK_CREATED,
        )
        extra = {"accepted_by": self.people["owner"]} if state == "accepted_deviation" else {}
        return walk(created, CHECK_WAYS[state], **extra) if CHECK_WAYS[state] else created

    @transaction.atomic
    def plan(self, state: str = "draft", **values: Any) -> BackoutPlan:
        author = values.pop("author", SETUP)
        created = record_created(
            BackoutPlan(
                **{
                    "package": self.package,
                    "strategy": "restore_members",
                    "trigger_criteria": "READACCT ends with RC above 4.",
                    "decision_owner": self.people["manager"],
                    **values,
                }
            ),
            actor=author,
            event=events.BACKOUT_CREATED,
        )
        return walk(created, BACKOUT_WAYS[state]) if BACKOUT_WAYS[state] else created

    @transaction.atomic
    def subsystem(self, kind: str = "lla", name: str = "LLA") -> Subsystem:
        environment = record_created(
            Environment(code="PROD", site=self.planners.site, order=9, is_production=True),
            actor=SETUP, event=RECORD_CREATED,
        )  # fmt: skip
        sysplex = record_created(
            Sysplex(code="PLEXP1", environment=environment), actor=SETUP, event=RECORD_CREATED
        )
        return record_created(
            Subsystem(kind=kind, name=name, sysplex=sysplex), actor=SETUP, event=RECORD_CREATED
        )


def night(state: str = "in_progress") -> Night:
    """A window in progress with a package in `state` that carries one approved change.

    `approver` approved it, and is an implementer of the team, too.
    """
    people = planners()
    bank = small_bank()
    change = approved(bank)
    found = Night(people, bank, window_in("in_progress", people), change)
    make_user("owner.card", "implementer", teams=("OPS",))
    found.people = {
        "coordinator": people.coordinator,
        "manager": people.manager,
        "implementer": make_user("shift.one", "implementer", teams=("OPS",)),
        "colleague": make_user("shift.two", "implementer", teams=("OPS",)),
        "other_team": make_user("dba.one", "implementer", teams=("DBA",)),
        "validator": make_user("tester", "validator", teams=("TEST",)),
        "approver": bank.owner,
        "owner": bank.owner,
        "developer": bank.developer,
        "viewer": make_user("viewer", "viewer"),
    }
    with transaction.atomic():
        found.package = found.make_package(state)
        PackageChange.objects.create(package=found.package, change=change)
    return found
