"""A night with a row of every model that the console and the interface show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.selectors import AUTH_AT_KEY
from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.tokens import create_token
from apps.approvals.services.countersigns import propose
from apps.audit.services.packs import ask_for_pack
from apps.audit.services.retention import do_redaction, place_hold, propose_redaction
from apps.changes.models import ChangeRequest
from apps.changes.services.risk import propose_score
from apps.evidence.events import EXPORTED
from apps.evidence.models import EvidenceEntry, GovernedModel
from apps.evidence.services.door import door
from apps.evidence.services.reconciliation import reconcile
from apps.evidence.services.register import create_in_register
from apps.evidence.services.remarks import add_comment, add_exhibit
from apps.integrations.services.runs import start_import
from apps.inventory.models import (
    Asset,
    AssetType,
    BatchCycle,
    BusinessService,
    Environment,
    JobSchedule,
    Site,
    Subsystem,
    Sysplex,
    SystemImage,
)
from apps.windows.services.feeds import create_feed
from tests.api.worlds import message, rows
from tests.changes.worlds import anybody, draft, sign, submitted
from tests.factories import SETUP, actor, make_user
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import seal_everything

#: Ten minutes into the window, after the first steps of the running package.
AT = OPENS + timedelta(minutes=25)


@dataclass
class World:
    night: Night
    people: dict[str, User]
    change: ChangeRequest
    asked: ChangeRequest
    _found: dict[Any, Any] = field(default_factory=dict)

    def found(self, model: Any, look: Callable[[World, Any], Any]) -> Any:
        """What `look` finds of the model, looked for once."""
        if model not in self._found:
            self._found[model] = look(self, model)
        return self._found[model]

    def browser(self, name: str) -> Client:
        """A console that `name` is signed in to, the password just given."""
        client = Client(raise_request_exception=False)
        client.force_login(self.people[name])
        session = client.session
        session[AUTH_AT_KEY] = timezone.now().isoformat()
        session.save()
        return client

    def caller(self, name: str) -> APIClient:
        """A program with a personal token of `name`, the password just given."""
        user = self.people[name]
        token, text = create_token(
            pk=user.pk,
            actor=actor(user if user.kind == User.Kind.HUMAN else self.people["keeper"]),
            name="test",
            lifetime=timedelta(hours=1),
        )
        token.auth_at = token.last_used_at = timezone.now()
        token.save()
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client


def build() -> World:
    night = small_night()
    bank = night.bank
    people = {
        "viewer": make_user("viewer", "viewer"),
        "auditor": make_user("auditor", "auditor"),
        "keeper": make_user("registrar", "site_admin"),
        "robot": make_user("robot", "integration", kind=User.Kind.SERVICE),
        "root": make_user("root"),
        "requester": bank.requester,
        "developer": bank.developer,
        "owner": bank.owner,
        "lead": bank.db2_lead,
        "board": bank.board[0],
        "manager": bank.manager,
        "planner": night.manager,
        "coordinator": night.coordinator,
        "operator": night.operator,
        "validator": night.validator,
    }
    root = people["root"]
    root.is_superuser = root.is_staff = True
    root.save()
    with night.before():
        change, asked = draft(bank), submitted(bank, risk="high")
        sign(submitted(bank), bank.owner, verdict="approve_with_conditions", comment="Tell us.")
        propose_score(
            actor=actor(bank.manager),
            values={"change": draft(bank), "points": 60, "reason": "It runs on a holiday."},
        )
        delegate_role(actor=actor(bank.owner), delegate=make_user("deputy"), reason="Holidays",
                      role="application_owner", ends_at=AT + timedelta(days=3))  # fmt: skip
        for kind in (
            "applications", "assets", "relations", "standard-changes", "versions", "scm-packages",
            "meetings", "plan-templates",
        ):  # fmt: skip
            rows(night, kind, 1)
        _landscape(bank.owner)
        ask_for_pack(
            actor=actor(make_user("asks.evidence", "auditor")),
            from_at=timezone.now() - timedelta(days=9_000),
        )
        start_import(
            actor=actor(bank.developer),
            file_format="table",
            files=[SimpleUploadedFile("jobs.csv", b"type,name\njob,NEWJOB\n")],
        )
        add_comment(about=change.subject, actor=actor(bank.owner), text="Why now?")
        add_exhibit(about=change.subject, actor=actor(bank.developer), kind="unit",
                    title="Unit test", text="All green.")  # fmt: skip
    rows(night, "waivers", 1)
    rows(night, "attestations", 1)
    rows(night, "gate-profiles", 1)
    night.drafted()
    night.validating()
    rows(night, "completeness-findings", 1)
    rows(night, "calendar-rules", 1)
    rows(night, "window-series", 1)
    rows(night, "team-shifts", 1)
    rows(night, "window-deviations", 1)
    rows(night, "simulations", 1)
    rows(night, "communications", 1)
    rows(night, "handovers", 1)
    rows(night, "run-issues", 1)
    rows(night, "alerts", 1)
    rows(night, "step-jobs", 1)
    rows(night, "lessons", 1)
    rows(night, "post-reviews", 1)
    rows(night, "rehearsals", 1)
    rows(night, "go-no-go", 1)
    rows(night, "first-cycle", 1)
    rows(night, "populations", 1)
    rows(night, "audit-findings", 1)
    rows(night, "moved-reports", 1)
    door("countersign")(propose)(
        about=change.subject, purpose="backout", values={}, content_digest="0" * 64,
        because="The point of no return has passed.", actor=actor(night.manager),
    )  # fmt: skip
    _erasure(change.subject)
    create_feed(actor=actor(night.coordinator), values={"kind": "person", "name": "my phone"})
    for person in people.values():
        message(person, person.username)
    return World(night, people, change, asked)


def _erasure(subject: str) -> None:
    """Bytes that are gone, bytes that shall go, and what keeps them; and a check of it all."""
    keeper = actor(make_user("keeper.of.evidence", "site_admin"))
    manager = actor(make_user("manager.of.evidence", "change_manager"))
    seal_everything()
    values = {
        "about": subject,
        "versions": "1",
        "basis": "GDPR",
        "reason": "Somebody asked for it.",
    }
    asked, _left = (propose_redaction(actor=keeper, values=values) for _ in range(2))
    do_redaction(pk=asked.pk, actor=manager)
    place_hold(actor=keeper, values={"scope": "window", "reason": "Somebody looks into it all."})
    reconcile()


def _landscape(owner: User) -> None:
    def make(model: Any, **values: Any) -> Any:
        return create_in_register(model, actor=SETUP, check=anybody, values=values)

    plex = make(Sysplex, code="PLEX1", environment=Environment.objects.get(code="PROD"))
    make(SystemImage, code="SYSA", sysplex=plex)
    make(Subsystem, name="DB2P", kind=Subsystem.Kind.values[0], sysplex=plex)
    make(BusinessService, code="PAY", name="Payments", owner=owner)
    cycle = make(
        BatchCycle, code="NIGHT", name="Nightly", site=Site.objects.get(),
        latest_start=time(4, 30), end_by=time(8, 0),
    )  # fmt: skip
    job = make(Asset, type=AssetType.objects.get(pk="job"), name="NIGHTLY")
    make(JobSchedule, job=job, cycle=cycle, start_time=time(5, 10), elapsed_minutes=45)


def kept() -> dict[str, Any]:
    """How much there is of everything that a mere reader must not change; that they read it is
    kept in the view log, and that they took a list away in the ledger."""
    skipped = ("Session", "ApiToken", "ViewLog", "EvidenceEntry", "EvidenceOutbox")
    counts: dict[str, Any] = {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model.__name__ not in skipped
    }
    counts["evidence.EvidenceEntry"] = EvidenceEntry.objects.exclude(action=EXPORTED.code).count()
    versions = [m for m in apps.get_models() if issubclass(m, GovernedModel)]
    for model in versions:
        total = model._base_manager.aggregate(total=models.Sum("evidence_seq"))["total"]
        counts[f"{model._meta.label} versions"] = total
    return counts
