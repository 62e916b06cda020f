"""Every reason why bytes of evidence are not erased, and why a hold is not placed or released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from apps.audit.domain import retention as life
from apps.audit.models import LegalHold, Redaction
from apps.audit.policies.retention_facts import (
    bytes_of,
    exhibits_with,
    holds_on,
    waits_for_seal,
)
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.step_up import step_up_blockers
from apps.evidence.models import EvidenceEntry, EvidenceSubject
from apps.evidence.services.register import register_roles

keep_classes_blockers = register_roles("site_admin", "change_manager")
#: So many digests one entry of the ledger can tell.
DIGESTS_MOST = 500


def _role_blockers(actor: Actor, *roles: str) -> Iterator[Blocker]:
    if not actor.is_human or not actor.holds(*roles):
        named = " or ".join(role.replace("_", " ") for role in roles)
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} may not do this.",
            f"Ask a {named}.",
            named,
            kind="permission",
        )


def place_hold_blockers(actor: Actor, obj: Any = None) -> Iterator[Blocker]:
    yield from _role_blockers(actor, "change_manager", "site_admin")


def scope_blockers(scope: str) -> Iterator[Blocker]:
    """What is held has to be there: a record, or a kind of record."""
    label, colon, _ = scope.partition(":")
    known = scope == "" or (
        EvidenceEntry.objects.filter(subject=scope).exists()
        if colon
        else EvidenceSubject.objects.filter(label=label).exists()
    )
    if not known:
        yield bad_input(
            "scope", f"There is no record {scope[:80]}.",
            "Enter the code of a change, release, window or team, a kind such as change, "
            "or nothing.",
        )  # fmt: skip


def release_hold_blockers(actor: Actor, hold: LegalHold) -> Iterator[Blocker]:
    yield from _role_blockers(actor, "change_manager", "site_admin")
    if hold.state != life.HELD:
        yield Blocker("wrong_state", "The hold is released already.", "Place another.",
                      "change manager", kind="state")  # fmt: skip
    if actor.id is not None and actor.id == hold.placed_by_id:
        yield Blocker(
            "second_person",
            "You placed the hold; somebody else releases it.",
            "Ask a colleague who may.",
            "another change manager or site administrator",
            kind="permission",
        )
    yield from step_up_blockers(actor)


def propose_redaction_blockers(actor: Actor, obj: Any = None) -> Iterator[Blocker]:
    yield from _role_blockers(actor, "site_admin")


def content_blockers(redaction: Redaction) -> Iterator[Blocker]:
    """What was entered leads to something that can go."""
    versions = life.versions_of(redaction.versions) if redaction.versions else []
    if versions is None:
        yield bad_input("versions", "These are no versions.", "Enter numbers such as 3, 5-7.")
    elif not versions and not redaction.files:
        yield bad_input("versions", "Nothing is named.", "Enter versions, or choose the files.")
    elif not EvidenceEntry.objects.filter(subject=redaction.about).exists():
        yield bad_input(
            "about",
            f"There is no record {redaction.about[:80]}.",
            "Enter the code of a change, release, window or team.",
        )
    else:
        found = bytes_of(redaction.about, versions, files=redaction.files)
        if not found:
            yield bad_input(
                "versions", "Nothing of that is there any more.", "Look at the record's history."
            )
        if len(found) > DIGESTS_MOST:
            yield bad_input(
                "versions", f"These are more than {DIGESTS_MOST} at once.", "Name fewer."
            )


def erase_blockers(redaction: Redaction) -> Iterator[Blocker]:
    """What stands against erasing, whoever asks: holds, and bytes that no seal covers yet."""
    about = [(redaction.about, "")]
    about += [(each.subject, each.about) for each in exhibits_with(redaction.digests)]
    found = {hold.pk: hold for pair in about for hold in holds_on(*pair)}
    for hold in found.values():
        yield Blocker(
            "legal_hold",
            f"{hold} stands against it: {hold.reason}",
            "Have the hold released, if it may be.",
            str(hold.placed_by),
        )
    waiting = waits_for_seal(redaction.digests)
    if waiting:
        yield Blocker(
            "not_sealed",
            f"{waiting} of the entries are not sealed yet; their hashes have to be first.",
            "Wait until the sealer has run.",
            "site administrator",
        )


def decide_redaction_blockers(actor: Actor, redaction: Redaction) -> Iterator[Blocker]:
    yield from _role_blockers(actor, "change_manager")
    if redaction.state != life.PROPOSED:
        yield Blocker(
            "wrong_state",
            f"It is {redaction.get_state_display().lower()} already.",
            "Propose another.",
            "site administrator",
            kind="state",
        )
    people: set[UUID | None] = {actor.id, actor.on_behalf_of}
    if redaction.proposed_by_id in people:
        yield Blocker(
            "second_person",
            "You proposed it; a second person decides.",
            "Ask a change manager.",
            "change manager",
            kind="permission",
        )
    yield from step_up_blockers(actor)


def do_redaction_blockers(actor: Actor, redaction: Redaction) -> Iterator[Blocker]:
    yield from decide_redaction_blockers(actor, redaction)
    if redaction.state == life.PROPOSED:
        yield from erase_blockers(redaction)
