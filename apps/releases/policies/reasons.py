"""Reasons that every record of a release gives in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.text import text_blockers, tidy

REASON_LONGEST = 4_000


def state_blockers(
    name: str, state: str, sources: Sequence[str], labels: Mapping[str, str], done: str
) -> Iterator[Blocker]:
    """`done` completes "it can be … only when it is ready"."""
    if state not in sources:
        words = [labels[source].lower() for source in sources]
        wanted = " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
        yield Blocker(
            "wrong_state",
            f"{name} is {labels[state].lower()}; it can be {done} only when it is {wanted}.",
            "Reload the page: its state offers other moves.",
            "you",
            kind="state",
        )


def role_blockers(
    actor: Actor, *roles: str, scopes: Iterable[str | None] = (None,), fix: str = ""
) -> Iterator[Blocker]:
    """Passes who holds one of `roles` for one of `scopes` (None: for any)."""
    if not any(actor.holds(*roles, scope=scope) for scope in scopes):
        who = " or ".join(LABEL_OF_ROLE[role].lower() for role in roles)
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} may not do this; it takes the role {who}.",
            fix or f"Ask a {who}.",
            who,
            kind="permission",
        )


def reason_blockers(comment: str, label: str = "Reason") -> Iterator[Blocker]:
    """A move that needs a reason has one, and it can be stored."""
    yield from text_blockers(
        "comment", tidy(comment), required=True, longest=REASON_LONGEST, label=label
    )
