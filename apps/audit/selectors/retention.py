"""What of the evidence is over its term, and what holds keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from apps.accounts.models import Team
from apps.audit.domain import retention as life
from apps.audit.models import LegalHold, RetentionClass
from apps.audit.policies.retention_facts import FILE, is_erased
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.evidence.models import TELLS_OF_ERASURE, EvidenceEntry, EvidenceSubject, Exhibit
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

#: What people name by its code when they hold or redact it.
CODED: tuple[Any, ...] = (ChangeRequest, ReleasePackage, ReleaseWindow, Team)


def subject_named(text: str) -> str:
    """The subject of the record with this code, whatever its case; any other text, and the name of
    a kind, as it is."""
    if not text or ":" in text or "\0" in text:
        return text
    if EvidenceSubject.objects.filter(label=text).exists():
        return text
    for model in CODED:
        key = model.objects.filter(code__iexact=text).values_list("pk", flat=True).first()
        if key is not None:
            return f"{model.SUBJECT}:{key}"
    return text


def held_scopes() -> frozenset[str]:
    return frozenset(LegalHold.objects.filter(state=life.HELD).values_list("scope", flat=True))


def settled_classes() -> list[RetentionClass]:
    """The classes whose terms are acted on: those not changed in the last days."""
    settled = clock.now() - timedelta(days=life.SETTLES_AFTER_DAYS)
    return list(RetentionClass.objects.filter(changed_at__lte=settled))


def expired_bodies(row: RetentionClass) -> Iterator[tuple[str, str, str]]:
    """(leaf, subject, about) of each entry of a class whose term is over, the oldest first."""
    entries = EvidenceEntry.objects.filter(
        body__isnull=False, at__lt=life.gone_before(clock.now(), row.years)
    ).exclude(action__in=TELLS_OF_ERASURE)
    others = _kinds_of_others(row)
    rows = entries.order_by("id").values_list("leaf", "subject", "about")
    for leaf, subject, about in rows.iterator(chunk_size=1_000):
        label = subject.partition(":")[0]
        if label in row.kinds or (not row.kinds and label not in others):
            yield bytes(leaf).hex(), subject, about


def expired_files(row: RetentionClass) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(sha256, [(subject, about) of each exhibit]) of files whose every exhibit is over its term;
    of the class that holds files."""
    holds_files = life.FILE in row.kinds or (
        not row.kinds and life.FILE not in _kinds_of_others(row)
    )
    if not holds_files:
        return
    before = life.gone_before(clock.now(), row.years)
    old = Exhibit.objects.exclude(file_name="").filter(created_at__lt=before)
    for sha256 in old.order_by("sha256").values_list("sha256", flat=True).distinct().iterator():
        exhibits = list(Exhibit.objects.filter(sha256=sha256).exclude(file_name=""))
        newest = max(exhibit.created_at for exhibit in exhibits)
        if newest < before and not is_erased(FILE, sha256, newest):
            yield sha256, [(each.subject, each.about) for each in exhibits]


def _kinds_of_others(row: RetentionClass) -> set[str]:
    others = RetentionClass.objects.exclude(pk=row.pk).values_list("kinds", flat=True)
    return {kind for kinds in others for kind in kinds}
