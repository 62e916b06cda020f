"""Read what populations are made of, and where the page of a fact is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from apps.audit.domain import finding as finding_life
from apps.audit.domain.moved import UNAUTHORISED
from apps.audit.domain.population import CHANGE, MOVED, VERSION, Row, in_order
from apps.audit.models import AuditFinding, ControlResult, MovedItem, MovedReport, Population
from apps.audit.policies.population import READERS
from apps.changes.events import STARTED
from apps.changes.models import ChangeRequest
from apps.core.actor import Actor
from apps.evidence.domain.canonical import digest, plain
from apps.evidence.models import EvidenceEntry, GovernedModel
from apps.inventory.models import Application
from apps.inventory.selectors import unauthorised_versions


def rows_between(
    starts_at: datetime, ends_at: datetime, application: Application | None = None
) -> list[Row]:
    """Every production change from `starts_at` until before `ends_at`, in order.

    Four queries, however many there are.
    """
    found = [
        *_changes(starts_at, ends_at, application),
        *_versions(starts_at, ends_at, application),
        *(() if application else _moves(starts_at, ends_at)),
    ]
    return in_order(found)


def _changes(
    starts_at: datetime, ends_at: datetime, application: Application | None
) -> Iterable[Row]:
    """Those whose work began, the last time that it did in this period, as the ledger tells."""
    started = EvidenceEntry.objects.filter(
        action=STARTED.code, subject__startswith="change:", at__gte=starts_at, at__lt=ends_at
    )
    began = {
        UUID(subject.partition(":")[2]): at
        for subject, at in started.order_by("id").values_list("subject", "at")
    }
    changes = ChangeRequest.objects.filter(pk__in=began).select_related("application")
    if application is not None:
        changes = changes.filter(application=application)
    for change in changes:
        yield Row(
            CHANGE, change.pk, change.code, change.title, change.application.code,
            change.change_type, change.state, began[change.pk], change.evidence_seq,
            bytes(change.evidence_head).hex(),
        )  # fmt: skip


def _versions(
    starts_at: datetime, ends_at: datetime, application: Application | None
) -> Iterable[Row]:
    """What reached production past the release: it has no entry, so its own facts are its head."""
    found = unauthorised_versions().filter(
        environment__is_production=True, installed_at__gte=starts_at, installed_at__lt=ends_at
    )
    if application is not None:
        found = found.filter(asset__application=application)
    for version in found.select_related("asset__application"):
        home = version.asset.application
        told = {
            "asset": str(version.asset_id),
            "environment": str(version.environment_id),
            "level": version.level,
            "installed_at": plain(version.installed_at),
            "checksum": version.checksum,
        }
        yield Row(
            VERSION, version.pk, f"{version.asset.name}@{version.level}"[:120],
            f"{version.asset.name} {version.level} without a package"[:200],
            home.code if home else "", "", "", version.installed_at, 0, digest(told),
        )  # fmt: skip


def _moves(starts_at: datetime, ends_at: datetime) -> Iterable[Row]:
    found = MovedItem.objects.filter(
        bucket=UNAUTHORISED, moved_at__gte=starts_at, moved_at__lt=ends_at
    ).select_related("report")
    for item in found:
        assert item.moved_at is not None
        told = {"report": item.report.sha256, "line": item.line, "element": item.element}
        yield Row(
            MOVED, item.pk, f"{item.element}@{item.report.code}:{item.line}"[:120],
            f"{item.element} {item.version} moved, told by {item.report.code}"[:200], "", "", "",
            item.moved_at, 0, digest(told),
        )  # fmt: skip


def populations() -> QuerySet[Population]:
    return Population.objects.select_related("application", "run_by", "again_by", "tested_by")


def last_results(population: Population) -> QuerySet[ControlResult]:
    """Of the last run, in the order of the controls."""
    return population.results.filter(run=population.run).order_by("control")


def newest_tested() -> Population | None:
    """The population that the control tests ran over last."""
    return populations().filter(tested_at__isnull=False).order_by("-tested_at", "-id").first()


def findings_seen_by(actor: Actor) -> QuerySet[AuditFinding]:
    """All for who reads the workbench; for anybody else those that they answer for, and for who
    may accept a risk those that are not closed."""
    rows = AuditFinding.objects.select_related(
        "owner", "population", "report", "answered_by", "closed_by", "opened_by"
    )
    if actor.holds(*READERS):
        return rows
    mine = Q(owner=actor.id)
    if actor.holds(*finding_life.ACCEPTERS):
        mine |= Q(state__in=finding_life.LIVE)
    return rows.filter(mine)


def finding_counts() -> dict[str, int]:
    """How many findings are in each state, in the order of the lifecycle."""
    counted = dict(
        AuditFinding.objects.order_by().values_list("state").annotate(number=Count("pk"))
    )
    return {state: counted.get(state, 0) for state, _ in finding_life.STATES}


def reports() -> QuerySet[MovedReport]:
    return MovedReport.objects.select_related("owner", "imported_by")


@cache
def _pages() -> dict[str, str]:
    """Label of a subject → the name of its page in the console."""
    pages = {
        model.SUBJECT: f"{model._meta.app_label}_{model._meta.model_name}"
        for model in apps.get_models()
        if issubclass(model, GovernedModel)
    }
    return pages | {"asset_version": "inventory_assetversion"}


def page_of(fact: str) -> str:
    """The path of the page of a fact, "" where there is none.

    A fact is a subject ("change:<id>"), with a place on its page after "#", or a number of a
    change ("number:CHG0382"), which leads to the list around it.
    """
    subject, _, place = fact.partition("#")
    label, _, key = subject.partition(":")
    if label == "number":
        return f"{reverse('admin:changes_changerequest_changelist')}?q={key[:-1]}"
    try:
        address = reverse(f"admin:{_pages()[label]}_change", args=[UUID(key)])
    except (KeyError, ValueError, NoReverseMatch):
        return ""
    return f"{address}#{place}" if place else address


def shown_exceptions(result: ControlResult) -> list[dict[str, Any]]:
    """The exceptions with the pages of what they are about and of what shows them."""
    return [
        {
            **each,
            "url": page_of(each["subject"]),
            "reasons": [{**why, "url": page_of(why["fact"])} for why in each["reasons"]],
        }
        for each in result.exceptions
    ]
