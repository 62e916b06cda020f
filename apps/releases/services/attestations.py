"""Attest a manual gate of a package, and look at it as the second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.approvals.policies import content_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.domain.canonical import digest
from apps.evidence.events import Event
from apps.evidence.models import Exhibit
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.gates.domain.attestation import SUPERSEDED
from apps.gates.models import Attestation
from apps.releases import events
from apps.releases.models import ReleasePackage
from apps.releases.policies import attestation as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.gate_facts import content_of_package
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import IN_A_DOOR, refresh_items
from apps.releases.services.rows import as_key, comment_blockers, key_of


def attested_digest(package: ReleasePackage) -> str:
    """Over everything that an attestation of this package may rest on."""
    return digest(content_of_package(package))


def attestations_with_people() -> QuerySet[Attestation]:
    return Attestation.objects.select_related("submitted_by", "verified_by", "exhibit")


def package_of(row: Attestation) -> ReleasePackage:
    """The package that it is about."""
    known: ReleasePackage | None = row.__dict__.get("_package")
    if known is None:
        packages = ReleasePackage.objects.select_related("window", "owner", "coordinator")
        known = row.__dict__["_package"] = packages.get(pk=row.about.partition(":")[2])
    return known


def exhibits_of(package: ReleasePackage) -> QuerySet[Exhibit]:
    """The documents that an attestation may show: those of the package and its changes that
    everybody reads."""
    abouts = [package.subject, *(f"change:{key}" for key in work_of(package).open_changes)]
    rows = Exhibit.objects.filter(about__in=abouts, is_confidential=False)
    return rows.order_by("captured_at", "pk")


@door("package")
def attest_gate(
    *,
    pk: UUID,
    actor: Actor,
    gate: str,
    answer: str = "yes",
    exhibit: UUID | str | None = None,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Attestation:
    """Say whether what the gate asks holds ("yes" or "no"); `comment` is what shows it.

    It takes the place of what was attested before. The package itself stays as it is.
    `content_digest`, where given, is that of the content that was looked at.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    text = tidy(comment)
    content = content_of_package(package)
    refuse_if_any(content_blockers(package.code, digest(content), content_digest))
    blockers: list[Blocker] = [
        *rules.attest_blockers(actor, package),
        *rules.gate_blockers(actor, package, gate),
        *text_blockers("comment", text, label="What was done"),
        *rules.text_too_short(text),
    ]
    if answer not in ("yes", "no"):
        blockers.append(bad_input("answer", f"{answer!r} is no answer.", "Answer yes or no."))
    shown = _exhibit(package, exhibit, blockers)
    refuse_if_any(blockers)
    _supersede(package, gate, actor)
    row = Attestation(
        about=package.subject,
        about_name=package.code,
        gate=gate,
        holds=answer == "yes",
        text=text,
        exhibit=shown,
        content=content,
        submitted_by_id=actor.user_id,
        submitted_at=clock.now(),
    )
    record_created(
        row, actor=actor, event=events.ATTESTATION_SUBMITTED, comment=text,
        about=package.subject, meaning=answer,
    )  # fmt: skip
    refresh_items(package, most_steps=IN_A_DOOR)
    return row


def _exhibit(package: ReleasePackage, told: Any, blockers: list[Blocker]) -> Exhibit | None:
    if not told:
        return None
    key = as_key(told)
    found = exhibits_of(package).filter(pk=key).first() if key else None
    if found is None:
        blockers.append(
            bad_input("exhibit", "There is no such document.", "Choose one of the list.")
        )
    return found


def _supersede(package: ReleasePackage, gate: str, actor: Actor) -> None:
    rows = Attestation.objects.filter(about=package.subject, gate=gate)
    for key in rows.exclude(state=SUPERSEDED).values_list("pk", flat=True):
        row = lock(Attestation, key)
        row.supersede()
        record(row, actor=actor, event=events.ATTESTATION_SUPERSEDED, about=package.subject)


@door("attestation")
def confirm_attestation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Attestation:
    """The second person looked at it and finds the same."""
    row, package = _lock(pk, expected_seq)
    refuse_if_any(
        [
            *rules.verify_blockers(actor, row, package, "confirm", "confirmed"),
            *comment_blockers(comment),
        ]
    )
    row.confirm()
    return _verified(row, package, actor, events.ATTESTATION_CONFIRMED, comment)


@door("attestation")
def refuse_attestation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Attestation:
    """The second person does not find the same; `comment` is why."""
    row, package = _lock(pk, expected_seq)
    refuse_if_any(
        [
            *rules.verify_blockers(actor, row, package, "refuse", "refused"),
            *reason_blockers(comment),
        ]
    )
    row.refuse()
    return _verified(row, package, actor, events.ATTESTATION_REFUSED, comment)


def _verified(
    row: Attestation, package: ReleasePackage, actor: Actor, event: Event, comment: str
) -> Attestation:
    row.verified_by_id, row.verified_at = actor.user_id, clock.now()
    row.remark = tidy(comment)
    record(row, actor=actor, event=event, comment=comment, about=package.subject)
    refresh_items(package, most_steps=IN_A_DOOR)
    return row


def _lock(pk: UUID | str, expected_seq: int | None) -> tuple[Attestation, ReleasePackage]:
    """The attestation, locked after its package."""
    key = key_of(pk, "attestation")
    about = Attestation.objects.filter(pk=key).values_list("about", flat=True).first()
    if about is None:
        raise not_found("attestation")
    package = lock_package(about.partition(":")[2])
    row = lock(attestations_with_people(), key, expected_seq=expected_seq)
    row.__dict__["_package"] = package
    return row, package
