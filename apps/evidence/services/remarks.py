"""Comments and exhibits: added to any governed record, never edited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.events import COMMENTED, EXHIBIT_ADDED, EXHIBIT_DAMAGED, READ, Event
from apps.evidence.models import Comment, Erasure, EvidenceEntry, Exhibit
from apps.evidence.selectors import body_of, erasure_of
from apps.evidence.services.door import door
from apps.evidence.services.files import Upload, open_file, store_file, upload_blockers
from apps.evidence.services.ledger import record_created, record_fact
from apps.evidence.services.register import model_blockers

COMMENT_MAX = 4_000


@door("comment")
def add_comment(*, about: str, actor: Actor, text: str) -> Comment:
    """Add a remark on the record `about` ("change:<id>")."""
    text = tidy(text)
    refuse_if_any(
        [
            *_subject_blockers(about),
            *_person_blockers(actor),
            *text_blockers("text", text, required=True, longest=COMMENT_MAX, label="Comment"),
        ]
    )
    comment = Comment(about=about, author_id=actor.user_id, text=text)
    return record_created(comment, actor=actor, event=COMMENTED, about=about)


@door("exhibit")
def add_exhibit(
    *,
    about: str,
    actor: Actor,
    captured_at: datetime | None = None,
    upload: Upload | None = None,
    **told: Any,
) -> Exhibit:
    """Attach a document to the record `about`: see `record_exhibit`."""
    return record_exhibit(about=about, actor=actor, captured_at=captured_at, upload=upload, **told)


def record_exhibit(
    *,
    about: str,
    actor: Actor,
    kind: str,
    title: str,
    verdict: str = "",
    result: str = "",
    text: str = "",
    url: str = "",
    tested_version: str = "",
    tested_by: UUID | None = None,
    tester: str = "",
    tested_on: date | None = None,
    is_confidential: bool = False,
    captured_at: datetime | None = None,
    upload: Upload | None = None,
) -> Exhibit:
    """Inner: attach a document; its sha256 is over the file, else the text, else the link.

    Raises Refused naming every field that cannot be stored.
    """
    refuse_if_any(_person_blockers(actor))
    exhibit = Exhibit(
        about=about,
        kind=kind,
        verdict=verdict,
        title=tidy(title),
        result=tidy(result),
        text=tidy(text),
        url=url.strip(),
        tested_version=tested_version.strip(),
        tested_by_id=tested_by,
        tester=tidy(tester),
        tested_on=tested_on,
        is_confidential=is_confidential,
        sha256=hashlib.sha256((tidy(text) or url.strip()).encode()).hexdigest(),
        captured_at=captured_at or clock.now(),
        captured_by_id=actor.user_id,
    )
    blockers = [
        *_subject_blockers(about),
        *_tester_blockers(tested_by, tester),
        *model_blockers(exhibit, exclude=("about", "captured_by", "tested_by")),
    ]
    if url.strip() and not url.strip().lower().startswith(("https://", "http://")):
        blockers.append(bad_input("url", "A link begins with https:// or http://."))
    if tested_on is not None and tested_on > timezone.localdate(clock.now()):
        blockers.append(bad_input("tested_on", "Nobody tested tomorrow.", "Enter another day."))
    if upload is not None:
        blockers += upload_blockers(upload)
    elif not text.strip() and not url.strip():
        blockers.append(
            bad_input("text", "There is neither a file, a text nor a link.", "Enter one of them.")
        )
    refuse_if_any(blockers)
    attachments = []
    if upload is not None:
        stored = store_file(upload)
        exhibit.sha256, exhibit.size = stored.sha256, stored.size
        exhibit.file_name, exhibit.content_type = stored.name, stored.content_type
        attachments = [{"name": stored.name, "sha256": stored.sha256, "size": stored.size}]
    return record_created(
        exhibit, actor=actor, event=EXHIBIT_ADDED, about=about, attachments=attachments
    )


def _tester_blockers(tested_by: UUID | None, laboratory: str) -> Iterator[Blocker]:
    """Who tested may have left meanwhile, and is a person or a laboratory."""
    if tested_by is None:
        return
    people = get_user_model().objects.filter(pk=tested_by, kind="human")
    if not people.exists():
        yield bad_input("tested_by", "There is no such person.", "Choose who tested.")
    if tidy(laboratory):
        yield bad_input(
            "tester", "Either a person tested it or a laboratory did.", "Leave one of them empty."
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """An exhibit with its file, which was checked."""

    exhibit: Exhibit
    file: BinaryIO


def open_exhibit(*, exhibit: Exhibit, actor: Actor) -> Opened:
    """The file of an exhibit that the caller found the actor may read.

    That a confidential one was read is evidence, and so is a file that is gone or altered; for
    that one Refused is raised, as for one that was erased.
    """
    erasure = erasure_of(Erasure.What.FILE, exhibit.sha256)
    if erasure is not None and erasure.at >= exhibit.created_at:
        raise Refused(_erased(erasure))
    try:
        file = open_file(exhibit.sha256)
    except Refused as refusal:
        _tell(EXHIBIT_DAMAGED, exhibit, actor, outcome="failed", reason=str(refusal))
        raise
    if exhibit.is_confidential:
        _tell(READ, exhibit, actor)
    return Opened(exhibit, file)


def _erased(erasure: Erasure) -> Blocker:
    basis = body_of(erasure.entry).get("basis", "")
    return Blocker(
        "file_erased",
        f"The file was erased on {timezone.localtime(erasure.at):%Y-%m-%d}: {basis}",
        f"Its hash stays; entry {erasure.entry_id} of the ledger tells who decided it.",
        "auditor",
    )


def _tell(event: Event, exhibit: Exhibit, actor: Actor, **facts: Any) -> None:
    with transaction.atomic(durable=True):
        record_fact("read", actor=actor, event=event, about=exhibit.about,
                    exhibit=exhibit.pk, sha256=exhibit.sha256, **facts)  # fmt: skip


def _subject_blockers(about: str) -> Any:
    if not EvidenceEntry.objects.filter(subject=about, seq=1).exists():
        yield bad_input("about", f"There is no record {about[:80]}.", "Check the identifier.")


def _person_blockers(actor: Actor) -> Any:
    if actor.id is None:
        yield Blocker("not_a_person", "Only a person or a service account can do this.",
                      "Sign in.", "you", kind="permission")  # fmt: skip
