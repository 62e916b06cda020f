"""What belongs into a pack of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.core.cache import cache
from django.db.models import Max, Min, Q, QuerySet

from apps.approvals.models import Approval, Countersign, Obligation
from apps.audit.models import EvidencePack
from apps.changes.models import ChangeRequest, RiskOverride
from apps.evidence.models import (
    TELLS_OF_ERASURE,
    Comment,
    EvidenceCheckpoint,
    EvidenceEntry,
    EvidenceLeaf,
    Exhibit,
)
from apps.gates.models import Attestation, Waiver
from apps.releases.models import (
    Activity,
    Alert,
    BackoutPlan,
    Communication,
    Finding,
    GoNoGo,
    Handover,
    Lesson,
    PostReview,
    Rehearsal,
    ReleasePackage,
    RunIssue,
    Simulation,
    ValidationCheck,
)
from apps.windows.models import WindowDeviation

PROGRESS_KEY = "audit:pack:{}"
#: Records that say what they are about in a column.
_ABOUT: tuple[Any, ...] = (
    Approval, Attestation, Comment, Countersign, Exhibit, Obligation, Waiver, WindowDeviation,
)  # fmt: skip
_AT_ONCE = 2_000
#: How often what was found to belong is asked what belongs to it.
_ROUNDS = 6


def subjects_of_change(change: ChangeRequest) -> set[str]:
    """The change and what hangs on it by a key of its own."""
    return {
        change.subject,
        *_subjects(RiskOverride.objects.filter(change=change)),
        *_subjects(ValidationCheck.objects.filter(change=change)),
        *_subjects(Finding.objects.filter(changes=change)),
    }


def subjects_of_release(package: ReleasePackage) -> set[str]:
    """The package, its changes, its steps, checks and what else hangs on it by a key."""
    changes = ChangeRequest.objects.filter(memberships__package=package)
    steps = Activity.objects.filter(package=package)
    own: tuple[QuerySet[Any], ...] = (
        steps,
        *(
            model._default_manager.filter(package=package)
            for model in (BackoutPlan, ValidationCheck, Lesson, PostReview, Rehearsal,
                          Communication, Handover)
        ),
        Finding.objects.filter(packages=package),
        Alert.objects.filter(step__in=steps),
        RunIssue.objects.filter(step__in=steps),
    )  # fmt: skip
    found = {package.subject}
    for change in changes:
        found |= subjects_of_change(change)
    return found.union(*map(_subjects, own))


def subjects_of_night(package: ReleasePackage) -> set[str]:
    """What the package shares with others of its window: by itself, not what concerns it."""
    if package.window is None:
        return set()
    return {
        package.window.subject,
        *_subjects(GoNoGo.objects.filter(window=package.window)),
        *_subjects(Simulation.objects.filter(window=package.window)),
        *_subjects(WindowDeviation.objects.filter(window=package.window)),
    }


def _subjects(rows: QuerySet[Any]) -> set[str]:
    label = rows.model.SUBJECT
    return {f"{label}:{pk}" for pk in rows.values_list("pk", flat=True)}


def _portions(subjects: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(subjects)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def with_what_concerns(subjects: set[str]) -> set[str]:
    """These, and again and again what is about them: signatures, waivers, exhibits, refusals."""
    found, new = set(subjects), set(subjects)
    for _ in range(_ROUNDS):
        concerning: set[str] = set()
        for some in _portions(new):
            concerning.update(
                EvidenceEntry.objects.filter(about__in=some)
                .order_by()
                .values_list("subject", flat=True)
                .distinct()
            )
            for model in _ABOUT:
                concerning |= _subjects(model.objects.filter(about__in=some))
        new = concerning - found
        if not new:
            break
        found |= new
    return found


def entries_of(subjects: Iterable[str]) -> list[tuple[int, bytes, bool]]:
    """Key, leaf and whether the bytes are still there, of all entries of these records, in the
    order of the ledger."""
    rows: Iterator[Any] = chain.from_iterable(
        EvidenceEntry.objects.filter(subject__in=some)
        .order_by()
        .annotate(is_gone=Q(body__isnull=True))
        .values_list("pk", "leaf", "is_gone")
        for some in _portions(subjects)
    )
    return sorted((pk, bytes(leaf), not is_gone) for pk, leaf, is_gone in rows)


def entries_of_erasure(leaves: Iterable[bytes]) -> list[tuple[int, bytes, bool]]:
    """The entries that tell why the bytes of these were erased."""
    wanted = {leaf.hex().encode() for leaf in leaves}
    if not wanted:
        return []
    telling = EvidenceEntry.objects.filter(action__in=TELLS_OF_ERASURE, body__isnull=False)
    return [
        (entry.pk, bytes(entry.leaf), True)
        for entry in telling.order_by("pk").iterator(chunk_size=500)
        if any(leaf in bytes(entry.body or b"") for leaf in wanted)
    ]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last entry of a period, by key, with their leaves."""

    first: EvidenceEntry
    last: EvidenceEntry


def bounds_of(from_at: datetime, to_at: datetime) -> Bounds | None:
    """None when nothing happened in the period, `to_at` not included."""
    ends = _in_period(from_at, to_at).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return None
    found = EvidenceEntry.objects.in_bulk({ends["first"], ends["last"]})
    return Bounds(found[ends["first"]], found[ends["last"]])


def _in_period(from_at: datetime, to_at: datetime) -> QuerySet[EvidenceEntry]:
    return EvidenceEntry.objects.filter(at__gte=from_at, at__lt=to_at)


def nearest(from_at: datetime, to_at: datetime) -> list[datetime]:
    """When something happened last before and first after an empty period."""
    before = EvidenceEntry.objects.filter(at__lt=from_at).aggregate(at=Max("at"))["at"]
    after = EvidenceEntry.objects.filter(at__gte=to_at).aggregate(at=Min("at"))["at"]
    return [at for at in (before, after) if at is not None]


def range_of(from_at: datetime, to_at: datetime, before: int) -> tuple[int, int]:
    """The leaves of a period: from the first one to behind the last, all below `before`."""
    placed = EvidenceLeaf.objects.filter(
        entry__at__gte=from_at, entry__at__lt=to_at, idx__lt=before
    )
    ends = placed.aggregate(first=Min("idx"), last=Max("idx"))
    return ends["first"], ends["last"] + 1


def newest_checkpoint() -> EvidenceCheckpoint | None:
    return EvidenceCheckpoint.objects.order_by("-id").first()


def checkpoint_before(origin: str, size: int) -> EvidenceCheckpoint | None:
    """The last checkpoint that holds no more than `size` entries."""
    return (
        EvidenceCheckpoint.objects.filter(origin=origin, size__lte=size).order_by("-size").first()
    )


def handed_out_sizes(size: int) -> list[int]:
    """The sizes of the log that earlier packs were made with: auditors keep those checkpoints."""
    known = EvidencePack.objects.filter(state=EvidencePack.State.READY, log_size__lte=size)
    sizes = known.order_by("-asked_at").values_list("log_size", flat=True)[:200]
    return sorted({found for found in sizes if found})


def exhibits_in(subjects: Iterable[str]) -> list[Exhibit]:
    """The exhibits with a file among these records, each file once."""
    keys = [subject.partition(":")[2] for subject in subjects if subject.startswith("exhibit:")]
    found = Exhibit.objects.filter(pk__in=keys).exclude(file_name="").order_by("sha256", "pk")
    return list({exhibit.sha256: exhibit for exhibit in found}.values())


def packs_of(about: str) -> QuerySet[EvidencePack]:
    return EvidencePack.objects.filter(about=about).select_related("asked_by")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a worker is: a sentence and a percentage."""

    sentence: str
    percent: int


def progress_of(pack: EvidencePack) -> Progress:
    """For somebody who waits; it never reaches 100 before the pack has ended."""
    if not pack.is_busy:
        return Progress(pack.get_state_display(), 100)
    if pack.state == EvidencePack.State.WAITING:
        return Progress("Waiting until the entry of asking is sealed", 2)
    told = cache.get(PROGRESS_KEY.format(pack.pk)) or ("Begun", 5)
    return Progress(*told)
