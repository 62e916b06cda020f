"""Who may keep accounts, grants, teams and rosters."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localtime

from apps.accounts.domain.authority import DELEGABLE
from apps.accounts.domain.roles import LABEL_OF_ROLE, ROLE_CODES, forbidden_combinations
from apps.accounts.domain.roster import LONGEST_SHIFT
from apps.accounts.models import Delegation, RoleGrant, TeamMembership, TeamShift, User
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers

#: The longest life of a token: a person's, a service account's.
TOKEN_LIFE = {User.Kind.HUMAN: timedelta(days=90), User.Kind.SERVICE: timedelta(days=366)}

#: The longest time for which somebody decides for another.
DELEGATION_LIFE = timedelta(days=60)

#: Who enters shifts.
ROSTER_KEEPERS = ("release_coordinator", "release_manager", "site_admin")
#: How the beginning of a shift is told in a sentence.
SHIFT_TOLD = "%d %b %Y %H:%M"

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


def manager_blockers(user: User, manager: User, above: Collection[UUID]) -> Iterator[Blocker]:
    """Why `manager` cannot be that of `user`; `above` are the managers over `manager`."""

    def bad(text: str, fix: str, code: str) -> Blocker:
        return bad_input("manager", text, fix, code)

    if user.kind == User.Kind.SERVICE:
        yield bad(f"{user} is a service account; only people have a manager.", "Leave it empty.",
                  "service_account")  # fmt: skip
    if manager.kind == User.Kind.SERVICE or not manager.is_active:
        yield bad(f"{manager} is no active person.", "Choose somebody who works here.",
                  "not_a_person")  # fmt: skip
    if manager.pk == user.pk:
        yield bad("Nobody is their own manager.", "Choose somebody else, or leave it empty.",
                  "own_manager")  # fmt: skip
    elif user.pk in above:
        yield bad(
            f"{user} is over {manager} already, and would then be managed by who they manage.",
            f"Choose somebody else, or change the manager of {manager} first.",
            "manager_cycle",
        )


def grant_blockers(
    actor: Actor, user: User, role: str, scope: str, held: Iterable[str]
) -> Iterator[Blocker]:
    """Every reason against the grant; `held` are the roles that `user` has or acts by already."""
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
            f"End the other role of {user} or their delegation first, or choose another person.",
            "site administrator",
            field="role",
        )


def end_grant_blockers(actor: Actor, grant: RoleGrant) -> Iterator[Blocker]:
    yield from keep_people_blockers(actor)
    if grant.until is not None and grant.until <= clock.now():
        yield Blocker(
            "ended", "This grant has ended already.", "Nothing to do.", "nobody", kind="state"
        )


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


def delegate_blockers(actor: Actor) -> Iterator[Blocker]:
    """Whether `actor` has anything to delegate."""
    if not actor.is_human or not actor.holds(*DELEGABLE):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} holds no role whose decisions can be delegated.",
            f"Holders of one of these delegate: {', '.join(LABEL_OF_ROLE[r] for r in DELEGABLE)}.",
            "a holder of such a role",
            kind="permission",
        )


def delegation_blockers(
    actor: Actor, delegation: Delegation, held: Iterable[str]
) -> Iterator[Blocker]:
    """Every reason against `delegation`; `held` are the roles that the person it goes to has or
    acts by already."""
    yield from delegate_blockers(actor)
    role, scope, person = delegation.role, delegation.scope, delegation.delegate
    if not _SCOPE.match(scope):
        yield bad_input(
            "scope", f"{scope!r} is no scope.", "Leave it empty, or enter application:CARD."
        )
    if not actor.holds(role, scope=scope or None):
        yield Blocker(
            "not_yours",
            f"You do not hold {LABEL_OF_ROLE.get(role, role)}{f' for {scope}' if scope else ''}; "
            "what was delegated to you cannot be delegated on.",
            "Delegate a role that was granted to you, no further than it goes.",
            "you",
            kind="permission",
            field="role",
        )
    if person.pk == actor.id:
        yield bad_input("delegate", "Nobody delegates to themselves.", "Choose somebody else.",
                        "own_delegation")  # fmt: skip
    if not person.is_active or person.kind != User.Kind.HUMAN:
        yield bad_input("delegate", f"{person} is no active person; only people decide.",
                        "Choose somebody who works here.", "not_a_person")  # fmt: skip
    for first, second, reason in forbidden_combinations({*held, role}):
        if role in (first, second):
            yield Blocker(
                "duties_combined",
                f"{LABEL_OF_ROLE[first]} and {LABEL_OF_ROLE[second]} are not held together: "
                f"{reason}.",
                f"Choose somebody else than {person}.",
                "you",
                field="delegate",
            )
    yield from span_blockers(delegation.starts_at, delegation.ends_at)


def span_blockers(starts_at: datetime, ends_at: datetime) -> Iterator[Blocker]:
    """What is wrong with the time of a delegation."""
    if ends_at <= max(starts_at, clock.now()):
        yield bad_input("ends_at", "It would end before it begins, or has ended already.",
                        "Enter a later end.")  # fmt: skip
    elif ends_at - starts_at > DELEGATION_LIFE:
        yield bad_input(
            "ends_at",
            f"It would last longer than {DELEGATION_LIFE.days} days.",
            "Have the role granted to that person instead.",
        )


def revoke_blockers(actor: Actor, delegation: Delegation) -> Iterator[Blocker]:
    if delegation.revoked_at is not None or delegation.ends_at <= clock.now():
        yield Blocker(
            "ended", "This delegation has ended already.", "Nothing to do.", "nobody", kind="state"
        )
    if actor.id not in (delegation.delegator_id, delegation.delegate_id):
        for blocker in keep_people_blockers(actor):
            yield dataclasses.replace(
                blocker,
                text=f"{actor.printed_name} neither gave nor received it.",
                fix=f"Ask {delegation.delegator}, or a site administrator.",
                who=str(delegation.delegator),
            )


def keep_roster_blockers(actor: Actor) -> Iterator[Blocker]:
    if actor.kind != "system" and not actor.holds(*ROSTER_KEEPERS):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} does not keep the rosters.",
            "Ask a release coordinator or a site administrator.",
            "release coordinator",
            kind="permission",
        )


def change_shift_blockers(actor: Actor, shift: TeamShift) -> Iterator[Blocker]:
    """Why a shift, as it was entered, can be neither changed nor cancelled."""
    yield from keep_roster_blockers(actor)
    if shift.cancelled_at is not None:
        yield Blocker("cancelled", "This shift is cancelled already.", "Enter another one.",
                      "release coordinator", kind="state")  # fmt: skip
    elif shift.ends_at <= clock.now():
        yield Blocker("ended", "This shift has ended; it stays as it was.", "Enter another one.",
                      "release coordinator", kind="state")  # fmt: skip


def cancel_shift_blockers(actor: Actor, shift: TeamShift) -> Iterator[Blocker]:
    yield from change_shift_blockers(actor, shift)


def shift_blockers(shift: TeamShift) -> Iterator[Blocker]:
    """What is wrong with a shift that is to be kept: its person, its time, another of theirs."""
    person, team = shift.person, shift.team
    if not person.is_active or person.kind != User.Kind.HUMAN:
        yield bad_input("person", f"{person} is no active person; only people are on shift.",
                        "Choose somebody who works here.", "not_a_person")  # fmt: skip
    elif not TeamMembership.objects.filter(team=team, user=person).exists():
        yield bad_input(
            "person",
            f"{person} is not in team {team}.",
            f"Choose somebody of {team}, or have them taken into the team first.",
            "not_in_team",
        )
    if shift.ends_at <= shift.starts_at:
        yield bad_input("ends_at", "The shift would end before it begins.", "Enter a later end.",
                        "ends_before_start")  # fmt: skip
        return
    if shift.ends_at <= clock.now():
        yield bad_input("ends_at", "The shift has ended already.", "Enter a later end.",
                        "ended")  # fmt: skip
    if shift.ends_at - shift.starts_at > LONGEST_SHIFT:
        hours = int(LONGEST_SHIFT / timedelta(hours=1))
        yield bad_input("ends_at", f"The shift would last longer than {hours} hours.",
                        "Enter an earlier end; somebody else takes the next shift.",
                        "too_long")  # fmt: skip
    same = TeamShift.objects.filter(
        team=team, person=person, cancelled_at=None,
        starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at,
    ).exclude(pk=shift.pk)  # fmt: skip
    for other in same.order_by("starts_at"):
        span = f"{localtime(other.starts_at):{SHIFT_TOLD}} until {localtime(other.ends_at):%H:%M}"
        yield bad_input(
            "starts_at",
            f"{person} is on shift for {team} from {span} already.",
            "Enter a time beside it, or change that shift.",
            "overlap",
        )
