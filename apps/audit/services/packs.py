"""Ask for a pack of evidence, and have it.

Asking is an entry of its own, the last of the pack: it carries the auditor's challenge and, for a
record, the hash over all entries that there were. The pack is made once that entry is sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from apps.audit.domain.verify_pack import CHALLENGE_MAX
from apps.audit.events import PACK_ASKED, PACK_FETCHED
from apps.audit.models import EvidencePack
from apps.audit.policies.packs import pack_blockers
from apps.audit.selectors import packs as read
from apps.changes.domain.lifecycle import ENDED
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.ids import uuid7
from apps.core.text import day_in_words, text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_fact
from apps.releases.domain.lifecycle import SETTLED
from apps.releases.models import ReleasePackage

CHALLENGE_MIN = 8
#: Entries of one record pack; each has a proof of its own.
RECORD_MOST = 200_000


@dataclass(frozen=True, slots=True)
class _Content:
    """What a pack is to hold, as columns of its row and as fields of the entry of asking."""

    columns: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)


@door("pack")
def ask_for_pack(
    *,
    actor: Actor,
    release: str = "",
    change: str = "",
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    challenge: str = "",
    earlier_size: int | None = None,
) -> EvidencePack:
    """Ask for the pack of a release or a change by its code, or of a period.

    Raises Refused naming every field that is wrong. A worker makes the pack.
    """
    challenge = tidy(challenge)
    release, change = release.strip(), change.strip()
    refuse_if_any(
        [
            *pack_blockers(actor),
            *_one_thing_blockers(release, change, from_at, to_at),
            *_challenge_blockers(challenge),
            *_earlier_blockers(earlier_size),
        ]
    )
    if release:
        content = _of_release(release)
    elif change:
        content = _of_change(change)
    else:
        assert from_at is not None
        content = _of_period(from_at, to_at)
    pk = uuid7()
    entry = record_fact(
        EvidencePack.SUBJECT,
        key=pk,
        actor=actor,
        event=PACK_ASKED,
        about=content.columns.get("about", ""),
        what=content.columns["what"],
        challenge=challenge,
        **content.told,
    )
    return EvidencePack.objects.create(
        pk=pk,
        challenge=challenge,
        earlier_size=earlier_size,
        leaf=bytes(entry.leaf).hex(),
        asked_by_id=actor.user_id,
        asked_at=entry.at,
        **content.columns,
    )


def _one_thing_blockers(
    release: str, change: str, from_at: datetime | None, to_at: datetime | None
) -> Iterator[Blocker]:
    asked = [name for name, value in (("release", release), ("change", change),
                                      ("from_at", from_at)) if value]  # fmt: skip
    if not asked:
        what = "from_at" if to_at else "release"
        yield bad_input(
            what,
            "The period has no beginning." if to_at else "It does not say what the pack is about.",
            "Enter when it begins." if to_at else "Enter a release, a change or a period.",
            "required",
        )
    if len(asked) > 1:
        yield bad_input(asked[1], "A pack is about one thing.", "Leave the others empty.")
    if from_at and to_at and to_at <= from_at:
        yield bad_input("to_at", "The period ends before it begins.", "Enter a later end.")
    if from_at and from_at >= clock.now():
        yield bad_input("from_at", "The period has not begun.", "Enter a moment that is past.")


def _challenge_blockers(challenge: str) -> Iterator[Blocker]:
    for blocker in text_blockers("challenge", challenge, longest=CHALLENGE_MAX):
        is_long = blocker.code == "too_long"  # a challenge is no file
        yield replace(blocker, fix="Choose a shorter one.") if is_long else blocker
    if len(challenge.splitlines()) > 1:
        yield bad_input("challenge", "The challenge has several lines.", "Enter one line.")
    elif unseen := next((c for c in challenge if not c.isprintable()), ""):
        yield bad_input(
            "challenge",
            f"The challenge holds U+{ord(unseen):04X}, which nobody sees and could enter again.",
            "Type it anew, with letters, digits and plain blanks.",
            "unseen",
        )
    if challenge and len(challenge) < CHALLENGE_MIN:
        yield bad_input(
            "challenge",
            f"The challenge has {len(challenge)} characters: somebody could have guessed it.",
            f"Enter at least {CHALLENGE_MIN} that nobody can guess, or leave it empty.",
            "too_short",
        )


def _earlier_blockers(size: int | None) -> Iterator[Blocker]:
    if size is None:
        return
    newest = read.newest_checkpoint()
    sealed = newest.size if newest else 0
    if not 0 < size <= sealed:
        yield bad_input(
            "earlier_size",
            f"The log has {sealed:,} sealed entries; a checkpoint of {size:,} is none of it.",
            "Enter the second line of the checkpoint that you kept.",
        )


def _of_release(code: str) -> _Content:
    package = ReleasePackage.objects.select_related("window").filter(code__iexact=code).first()
    if package is None:
        raise Refused(_unknown("release", "release", code, "RP-2610-02"))
    subjects = read.with_what_concerns(read.subjects_of_release(package))
    in_flight = package.state not in SETTLED
    state = package.get_state_display().lower()
    what = f"Release {package.code} {package.name} with everything in it, {state}"
    return _of_record(
        EvidencePack.Kind.RELEASE, package.subject, package.code, what, in_flight,
        subjects | read.subjects_of_night(package),
    )  # fmt: skip


def _of_change(code: str) -> _Content:
    change = ChangeRequest.objects.filter(code__iexact=code).first()
    if change is None:
        raise Refused(_unknown("change", "change", code, "CHG-2026-0001"))
    subjects = read.with_what_concerns(read.subjects_of_change(change))
    state = change.get_state_display().lower()
    what = f"Change {change.code} {change.title}, {state}"
    return _of_record(
        EvidencePack.Kind.CHANGE, change.subject, change.code, what,
        change.state not in ENDED, subjects,
    )  # fmt: skip


def _unknown(field_name: str, what: str, code: str, example: str) -> Blocker:
    return bad_input(
        field_name, f"There is no {what} {code[:40]!r}.",
        f"Enter its code as its page shows it, such as {example}.", "unknown",
    )  # fmt: skip


def _of_record(
    kind: str, about: str, code: str, what: str, in_flight: bool, subjects: set[str]
) -> _Content:
    found = read.entries_of(subjects)
    known = {pk for pk, _, _ in found}
    erased = [leaf for _, leaf, is_there in found if not is_there]
    telling = [row for row in read.entries_of_erasure(erased) if row[0] not in known]
    found = sorted([*found, *telling])
    if len(found) > RECORD_MOST:
        raise Refused(
            bad_input(
                "release" if kind == EvidencePack.Kind.RELEASE else "change",
                f"{code} has {len(found):,} entries; a pack of a record holds {RECORD_MOST:,}.",
                "Ask for the period in which it happened.",
                "too_many",
            )
        )
    if in_flight:
        what = f"{what}: in flight, more entries will follow"
    leaves = hashlib.sha256(b"".join(leaf for _, leaf, _ in found)).hexdigest()
    return _Content(
        {"kind": kind, "about": about, "code": code, "what": what[:300], "in_flight": in_flight,
         "entry_ids": [pk for pk, _, _ in found]},
        {"entries": len(found), "leaves_sha256": leaves},
    )  # fmt: skip


def _of_period(from_at: datetime, to_at: datetime | None) -> _Content:
    end = min(to_at or clock.now(), clock.now())
    bounds = read.bounds_of(from_at, end)
    if bounds is None:
        near = " and ".join(f"{at:%Y-%m-%d %H:%M} UTC" for at in read.nearest(from_at, end))
        raise Refused(
            bad_input(
                "from_at", "Nothing happened in this period: there is no entry to pack.",
                f"Choose a period that holds an entry; the nearest are of {near}."
                if near else "Choose a later period.",
                "empty_period",
            )
        )  # fmt: skip
    what = f"Period {day_in_words(from_at)} {from_at:%H:%M} to {day_in_words(end)} {end:%H:%M} UTC"
    return _Content(
        {"kind": EvidencePack.Kind.PERIOD, "what": what, "from_at": from_at, "to_at": end},
        {
            "from_at": from_at,
            "to_at": end,
            "first_leaf": bytes(bounds.first.leaf).hex(),
            "last_leaf": bytes(bounds.last.leaf).hex(),
        },
    )


def folder() -> Path:
    """The private folder of finished packs; all web servers and workers share it."""
    return Path(settings.INTERLOCK_PACKS_DIR)


def path_of(pack: EvidencePack) -> Path:
    return folder() / f"{pack.pk}.zip"


def open_pack(*, pack: EvidencePack, actor: Actor) -> BinaryIO:
    """The file of a finished pack, open for reading; that somebody had it is an entry.

    Raises Refused for who may not, for a pack that is not ready, and for a file that is gone or is
    not the one that was made.
    """
    refuse_if_any(pack_blockers(actor))
    if pack.state != EvidencePack.State.READY:
        raise Refused(_not_ready(pack))
    try:
        file = path_of(pack).open("rb")
    except OSError:
        raise Refused(_gone("The file of this pack is not in its place any more.")) from None
    if hashlib.file_digest(file, "sha256").hexdigest() != pack.sha256:
        file.close()
        raise Refused(_gone("The file of this pack is not the one that was made."))
    file.seek(0)
    with transaction.atomic(durable=True):
        EvidencePack.objects.select_for_update().get(pk=pack.pk)
        record_fact(
            EvidencePack.SUBJECT, key=pack.pk, actor=actor, event=PACK_FETCHED, about=pack.about,
            sha256=pack.sha256,
        )  # fmt: skip
    return file


def _not_ready(pack: EvidencePack) -> Blocker:
    return Blocker(
        "not_ready",
        f"This pack is {pack.get_state_display().lower()}.",
        "Ask for it anew." if pack.state == EvidencePack.State.FAILED else "Come back in a minute.",
        "you",
        kind="state",
    )


def _gone(text: str) -> Blocker:
    return Blocker("file_gone", text, "Ask for the pack anew.", "you", kind="state")
