"""Comments and exhibits: added to any governed record, never edited."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import LINE_MAX, text_blockers, tidy
from apps.evidence.events import COMMENTED, EXHIBIT_ADDED
from apps.evidence.models import Comment, EvidenceEntry, Exhibit
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_created

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
    kind: str,
    title: str,
    result: str = "",
    text: str = "",
    url: str = "",
    tested_version: str = "",
    captured_at: datetime | None = None,
) -> Exhibit:
    """Attach a document to the record `about`; its sha256 is over the text or the link."""
    blockers = [
        *_subject_blockers(about),
        *_person_blockers(actor),
        *text_blockers("title", title, required=True, longest=LINE_MAX),
        *text_blockers("result", result, longest=LINE_MAX),
        *text_blockers("text", text),
    ]
    if kind not in Exhibit.Kind.values:
        blockers.append(bad_input("kind", f"{kind!r} is no kind of evidence."))
    if not text.strip() and not url.strip():
        blockers.append(
            bad_input("text", "There is neither a text nor a link.", "Enter one of the two.")
        )
    refuse_if_any(blockers)
    exhibit = Exhibit(
        about=about,
        kind=kind,
        title=tidy(title),
        result=tidy(result),
        text=tidy(text),
        url=url.strip(),
        tested_version=tested_version.strip(),
        sha256=hashlib.sha256((tidy(text) or url.strip()).encode()).hexdigest(),
        captured_at=captured_at or clock.now(),
        captured_by_id=actor.user_id,
    )
    return record_created(exhibit, actor=actor, event=EXHIBIT_ADDED, about=about)


def _subject_blockers(about: str) -> Any:
    if not EvidenceEntry.objects.filter(subject=about, seq=1).exists():
        yield bad_input("about", f"There is no record {about[:80]}.", "Check the identifier.")


def _person_blockers(actor: Actor) -> Any:
    if actor.id is None:
        yield Blocker("not_a_person", "Only a person or a service account can do this.",
                      "Sign in.", "you", kind="permission")  # fmt: skip
