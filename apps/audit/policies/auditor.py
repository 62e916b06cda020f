"""Who works on the workbench: auditors, who write nothing of what they audit."""

from __future__ import annotations

from collections.abc import Iterator

from apps.accounts.domain.roles import forbidden_combinations
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.policies.reasons import role_blockers

AUDITOR = "auditor"


def auditor_blockers(actor: Actor) -> Iterator[Blocker]:
    """An auditor, and nobody who holds a role that writes beside it, however that came about."""
    yield from role_blockers(actor, AUDITOR)
    held = {role.role for role in actor.roles}
    for first, second, why in forbidden_combinations(held):
        if AUDITOR in (first, second):
            other = second if first == AUDITOR else first
            yield Blocker(
                "duties_combined",
                f"{actor.printed_name} is auditor and {other.replace('_', ' ')}: {why}.",
                "Give one of the two roles back.",
                "site administrator",
                kind="permission",
            )


def person_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person decides on a finding.", "Sign in as yourself.",
                      "a person", kind="permission")  # fmt: skip
