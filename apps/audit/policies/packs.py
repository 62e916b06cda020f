"""Who may have packs of evidence."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker

#: Who reads evidence in the whole may have it as a pack.
PACK_ROLES = ("auditor", "change_manager")


def pack_blockers(actor: Actor) -> Iterator[Blocker]:
    """Against asking for a pack and against having one."""
    if not actor.holds(*PACK_ROLES):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} may not have packs of evidence.",
            "Ask an auditor or a change manager.",
            "auditor, change manager",
            kind="permission",
        )
    if actor.id is None:
        yield Blocker(
            "not_a_person",
            "Only an account can have a pack of evidence: it is recorded who asked.",
            "Sign in, or name an account with --user.",
            "you",
            kind="permission",
        )
