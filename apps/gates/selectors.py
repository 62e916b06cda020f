"""Read readiness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.core import clock
from apps.gates.domain.attestation import SUPERSEDED
from apps.gates.domain.profile import ProfileRow
from apps.gates.domain.waiver import APPROVED, COUNTED, Pass
from apps.gates.models import Attestation, GateProfile, ReadinessItem, Waiver

State = ReadinessItem.State
#: States in which somebody still has to see to a gate.
UNMET = (State.NOT_MET, State.OPEN, State.SUBMITTED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Summary:
    """Gates met and waived of all that apply; `hard_unmet` of the others hold a package back."""

    met: int = 0
    total: int = 0
    hard_unmet: int = 0
    waived: int = 0


def items_of(subject: str) -> QuerySet[ReadinessItem]:
    rows = ReadinessItem.objects.filter(subject=subject).order_by("gate")
    return rows.select_related(
        "owner", "attestation__submitted_by", "attestation__verified_by", "attestation__exhibit"
    )


def standing_attestations(about: str) -> QuerySet[Attestation]:
    """What people attest of the record now, one a gate."""
    rows = Attestation.objects.filter(about=about).exclude(state=SUPERSEDED)
    return rows.select_related("submitted_by", "verified_by", "exhibit")


def profile_rows() -> tuple[ProfileRow, ...]:
    """Where gates are asked otherwise than delivered; one query."""
    rows = GateProfile.objects.filter(is_active=True).order_by("gate", "pk")
    return tuple(
        ProfileRow(gate, setting, application or "", band, reason)
        for gate, setting, application, band, reason in rows.values_list(
            "gate", "setting", "application__code", "risk_band", "reason"
        )
    )


def summaries(subjects: Iterable[str]) -> dict[str, Summary]:
    """By subject, in one query; a subject that was never evaluated has an empty summary."""
    wanted = list(subjects)
    rows = (
        ReadinessItem.objects.filter(subject__in=wanted)
        .exclude(state=State.NOT_APPLICABLE)
        .order_by()
        .values_list("subject")
        .annotate(
            met=Count("pk", filter=Q(state=State.MET)),
            total=Count("pk"),
            hard_unmet=Count("pk", filter=Q(state__in=UNMET, level="hard")),
            waived=Count("pk", filter=Q(state=State.WAIVED)),
        )
    )
    found = {subject: Summary(*counts) for subject, *counts in rows}
    return {subject: found.get(subject, Summary()) for subject in wanted}


def summary(subject: str) -> Summary:
    return summaries([subject])[subject]


def unmet_items() -> QuerySet[ReadinessItem]:
    return (
        ReadinessItem.objects.filter(state__in=UNMET)
        .select_related("owner")
        .order_by("due_at", "subject_code", "gate")
    )


def overdue(now: datetime) -> QuerySet[ReadinessItem]:
    return unmet_items().filter(due_at__lte=now)


def due_soon(now: datetime, within: timedelta = timedelta(hours=24)) -> QuerySet[ReadinessItem]:
    return unmet_items().filter(due_at__gt=now, due_at__lte=now + within)


def my_items(user: Any) -> QuerySet[ReadinessItem]:
    """What `user` has to see to, the most urgent first."""
    return unmet_items().filter(owner=user)


def waivers_with_people() -> QuerySet[Waiver]:
    return Waiver.objects.select_related("window", "requested_by", "decided_by")


def waivers_about(subject: str) -> QuerySet[Waiver]:
    """What was asked for a package, the latest first."""
    return waivers_with_people().filter(about=subject)


def waivers_in_force(subjects: Iterable[str], window: Any = None) -> QuerySet[Waiver]:
    """Approved and not over by the clock, of these packages; with `window` those for it."""
    rows = waivers_with_people().filter(
        about__in=list(subjects), state=APPROVED, valid_until__gt=clock.now(),
        window__closes_at__gt=clock.now(),
    )  # fmt: skip
    return rows if window is None else rows.filter(window=window)


def passes_of(subject: str, window: Any, implementers: Iterable[UUID]) -> list[Pass]:
    """What lets gates of the package pass in this window now. One query."""
    now, people = clock.now(), frozenset(implementers)
    rows = waivers_in_force([subject], window).filter(kind=Waiver.Kind.GATE).order_by("pk")
    known = (waiver.as_pass() for waiver in rows)
    return [one for one in known if one.holds_at(now, people)]


def has_late_scope(subject: str, window: Any, codes: Iterable[str]) -> bool:
    """Whether these changes may join the window in the package although its scope is locked.

    The waiver was given on a list of changes; one more needs another waiver. One query.
    """
    return window.pk in windows_joined_late(subject, codes)


def windows_joined_late(subject: str, codes: Iterable[str]) -> frozenset[UUID]:
    """The windows that these changes may join in the package although they are locked. One
    query."""
    rows = waivers_in_force([subject]).filter(kind=Waiver.Kind.LATE_SCOPE)
    wanted = set(codes)
    return frozenset(
        pk for pk, covers in rows.values_list("window", "covers") if wanted <= set(covers)
    )


def levels_counted(subject: str, window: Any) -> list[str]:
    """The levels of the waivers of gates that are asked for or in force. One query."""
    rows = Waiver.objects.filter(
        about=subject, window=window, kind=Waiver.Kind.GATE, state__in=COUNTED,
        valid_until__gt=clock.now(),
    )  # fmt: skip
    return list(rows.values_list("level", flat=True))


def waivers_over() -> QuerySet[Waiver]:
    """Waivers whose time is over, decided on or not."""
    now = clock.now()
    return Waiver.objects.filter(
        Q(valid_until__lte=now) | Q(window__closes_at__lte=now), state__in=COUNTED
    ).order_by("pk")
