"""What is behind a digest, and what stands against its going."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.audit.domain import retention as life
from apps.audit.models import LegalHold
from apps.evidence.models import TELLS_OF_ERASURE, Erasure, EvidenceEntry, Exhibit

BODY, FILE = Erasure.What.BODY, Erasure.What.FILE


def holds_on(subject: str, about: str = "") -> list[LegalHold]:
    """The holds that keep what is about this record, with who placed them."""
    active = LegalHold.objects.filter(state=life.HELD).select_related("placed_by")
    return [hold for hold in active if life.is_held([hold.scope], subject, about)]


def is_erased(what: str, digest: str, since: datetime) -> bool:
    return Erasure.objects.filter(what=what, digest=digest, at__gte=since).exists()


def bytes_of(about: str, versions: Iterable[int], *, files: bool) -> list[dict[str, str]]:
    """{what, digest} of the bodies of these versions of a record, and of its exhibits' files, as
    far as they are there."""
    entries = EvidenceEntry.objects.filter(
        subject=about, seq__in=list(versions), body__isnull=False
    ).exclude(action__in=TELLS_OF_ERASURE)
    found = [
        {"what": str(BODY), "digest": bytes(leaf).hex()}
        for leaf in entries.order_by("seq").values_list("leaf", flat=True)
    ]
    if files:
        exhibits = Exhibit.objects.filter(about=about).exclude(file_name="").order_by("pk")
        found += [
            {"what": str(FILE), "digest": each.sha256}
            for each in exhibits
            if not is_erased(FILE, each.sha256, each.created_at)
        ]
    return [dict(pair) for pair in dict.fromkeys(tuple(each.items()) for each in found)]


def exhibits_with(digests: Iterable[dict[str, Any]]) -> list[Exhibit]:
    """Every exhibit that shows one of the files."""
    files = [each["digest"] for each in digests if each["what"] == FILE]
    return list(Exhibit.objects.filter(sha256__in=files).exclude(file_name=""))


def waits_for_seal(digests: Iterable[dict[str, Any]]) -> int:
    """How many of the bodies are not under a seal yet."""
    leaves = [bytes.fromhex(each["digest"]) for each in digests if each["what"] == BODY]
    return EvidenceEntry.objects.filter(leaf__in=leaves, placed=None).count()
