"""Who may keep accounts, grants and teams."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from apps.accounts.domain.roles import LABEL_OF_ROLE, ROLE_CODES, forbidden_combinations
from apps.accounts.models import RoleGrant, User
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers

#: The longest life of a token: a person's, a service account's.
TOKEN_LIFE = {User.Kind.HUMAN: timedelta(days=90), User.Kind.SERVICE: timedelta(days=366)}

_SCOPE = re.compile(r"^((application|family|team):[A-Za-z0-9_-]+)?$")


def keep_people_blockers(actor: Actor) -> Iterator[Blocker]:
    if actor.kind != "system" and not actor.holds("site_admin"):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} does not keep accounts and roles.",
            "Ask a site administrator.",
            "site administrator",
            kind="permission",
        )


def grant_blockers(
    actor: Actor, user: User, role: str, scope: str, held: Iterable[str]
) -> Iterator[Blocker]:
    yield from keep_people_blockers(actor)
    if role not in ROLE_CODES:
        yield bad_input("role", f"There is no role {role!r}.", "Choose one of the list.")
    if not _SCOPE.match(scope):
        yield bad_input(
            "scope", f"{scope!r} is no scope.", "Leave it empty, or enter application:CARD."
        )
    if actor.id is not None and actor.id == user.pk:
        yield Blocker(
            "own_role",
            "Nobody grants a role to themselves.",
            "Another site administrator grants it.",
            "another site administrator",
            kind="permission",
        )
    if not user.is_active:
        yield Blocker("inactive", f"{user} is deactivated.", "Reactivate the account first.",
                      "site administrator")  # fmt: skip
    if user.kind == User.Kind.SERVICE and role not in ("integration", "viewer", "auditor"):
        yield Blocker(
            "service_account",
            f"{user} is a service account; it can hold integration, viewer or auditor only.",
            "Grant the role to a person.",
            "site administrator",
        )
    already = set(held)
    for first, second, reason in forbidden_combinations({*already, role}):
        if {first, second} <= already:
            continue
        yield Blocker(
            "duties_combined",
            f"{LABEL_OF_ROLE[first]} and {LABEL_OF_ROLE[second]} are not held together: {reason}.",
            f"End the other role of {user} first, or choose another person.",
            "site administrator",
            field="role",
        )


def end_grant_blockers(actor: Actor, grant: RoleGrant) -> Iterator[Blocker]:
    yield from keep_people_blockers(actor)
    if grant.until is not None:
        yield Blocker("ended", "This grant has an end already.", "Nothing to do.", kind="state")


def token_blockers(actor: Actor, user: User, name: str, lifetime: timedelta) -> Iterator[Blocker]:
    if user.kind == User.Kind.SERVICE:
        yield from keep_people_blockers(actor)
    elif actor.id != user.pk:
        yield Blocker(
            "own_tokens_only",
            "People make their own tokens.",
            f"{user} makes it.",
            str(user),
            kind="permission",
        )
    if not user.is_active:
        yield Blocker("inactive", f"{user} is deactivated.", "Reactivate the account first.",
                      "site administrator")  # fmt: skip
    yield from text_blockers("name", name, required=True, longest=60)
    longest = TOKEN_LIFE[User.Kind(user.kind)]
    if not timedelta() < lifetime <= longest:
        yield bad_input(
            "hours", f"A token of {user} lives between one hour and {longest.days} days."
        )
