"""Hold room in a window for packages and changes that are not planned yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.accounts.models import User
from apps.changes.domain import lifecycle as change_life
from apps.changes.models import ChangeRequest
from apps.changes.selectors import works_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock
from apps.releases.domain import lifecycle as life
from apps.releases.models import PackageChange, ReleasePackage
from apps.releases.policies.package_facts import load_of
from apps.releases.services.slots import TOLD, next_fit, points_of, slots_of_package
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies import booking_blockers
from apps.windows.policies.reservation import hours_blockers, reserve_blockers
from apps.windows.selectors import Slot, Wanted, find_slots
from apps.windows.services.bookings import reserve

REASON_LONGEST = 200
#: Records that one reservation may be for.
MOST = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """What room is asked for: a package, or a change that is in none."""

    record: ReleasePackage | ChangeRequest
    load: Load

    @property
    def code(self) -> str:
        return self.record.code

    def slots(self) -> list[Slot]:
        if isinstance(self.record, ReleasePackage):
            return slots_of_package(self.record)
        works = tuple(works_of([self.record.pk]).values())
        return find_slots(Wanted(self.load, self.code, works, self.record.subject))


@door("window")
def reserve_room(
    *,
    pk: UUID,
    actor: Actor,
    about: str,
    hours: int,
    owner: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """Hold room for all packages and changes whose codes `about` names, or for none of them.

    `hours` from now, `owner` by user name (whoever asks, where empty); `comment` is the reason.
    When not all fit, the refusal tells which would, and the next window for each of the others.
    """
    window = lock(ReleaseWindow, pk, expected_seq=expected_seq, parts=True)
    claims, problems = _claims(about)
    problems += reserve_blockers(actor, window)
    problems += hours_blockers(hours)
    problems += text_blockers(
        "comment", comment, required=True, longest=REASON_LONGEST, label="Reason"
    )
    person = User.objects.filter(username=owner or actor.username, is_active=True).first()
    if person is None:
        problems.append(bad_input("owner", "There is no such active person.", "Enter a user name."))
    refuse_if_any(problems)
    refuse_if_any(_room_blockers(window, claims))
    reserve(
        window_pk=window.pk,
        loads={claim.record.subject: claim.load for claim in claims},
        owner=person,  # type: ignore[arg-type]  # refused above without one
        reason=comment,
        expires_at=clock.now() + timedelta(hours=hours),
        actor=actor,
        comment=comment,
    )
    return ReleaseWindow.objects.get(pk=window.pk)


def _claims(about: str) -> tuple[list[Claim], list[Blocker]]:
    codes = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", about.upper()))))
    if not codes or len(codes) > MOST:
        return [], [
            bad_input("about", f"A reservation is for 1 to {MOST} packages or changes.",
                      "Enter their codes, separated by blanks.")
        ]  # fmt: skip
    packages = {
        package.code: package
        for package in ReleasePackage.objects.select_related("window").filter(code__in=codes)
    }
    changes = {change.code: change for change in ChangeRequest.objects.filter(code__in=codes)}
    problems = [
        bad_input("about", f"There is no package and no change {code[:20]}.", "Correct its code.")
        for code in codes
        if code not in packages and code not in changes
    ]
    problems += _planned_blockers(packages.values(), changes.values())
    problems += _reserved_blockers([*packages.values(), *changes.values()])
    if problems:
        return [], problems
    return [
        Claim(packages[code], load_of(packages[code]))
        if code in packages
        else Claim(changes[code], _load_of_change(changes[code]))
        for code in codes
    ], []


def _load_of_change(change: ChangeRequest) -> Load:
    """As a package of its own, whose steps nobody knows yet."""
    return Load(1, points_of([change.pk], change.risk_band), 1, 0)


def _planned_blockers(
    packages: Iterable[ReleasePackage], changes: Iterable[ChangeRequest]
) -> Iterator[Blocker]:
    for package in packages:
        if package.state not in (life.DRAFT, life.DELAYED):
            yield _input(f"{package.code} is {package.get_state_display().lower()}.",
                         "Room is reserved for what is not planned yet.")  # fmt: skip
    rows = list(changes)
    members = PackageChange.objects.filter(change__in=rows, is_open=True)
    carried = dict(members.values_list("change_id", "package__code"))
    for change in rows:
        if change.pk in carried:
            yield _input(f"{change.code} is in {carried[change.pk]}.",
                         "Reserve for that package.")  # fmt: skip
        elif change.state not in change_life.OPEN:
            yield _input(f"{change.code} is {change.get_state_display().lower()}.",
                         "Reserve for a change that is still to be delivered.")  # fmt: skip


def _reserved_blockers(
    records: Sequence[ReleasePackage | ChangeRequest],
) -> Iterator[Blocker]:
    codes = {record.subject: record.code for record in records}
    held = Booking.objects.filter(subject__in=codes, state=Booking.State.RESERVED)
    for booking in held.select_related("window"):
        yield _input(
            f"Room is reserved for {codes[booking.subject]} in {booking.window.code} already.",
            "Give that reservation up first.",
        )


def _input(text: str, fix: str) -> Blocker:
    return bad_input("about", text, fix)


def _room_blockers(window: ReleaseWindow, claims: Sequence[Claim]) -> Iterator[Blocker]:
    """Why not everything fits, which of it would, and where the rest would."""
    total = sum((claim.load for claim in claims), Load())
    against = list(booking_blockers(window, total, is_emergency=False))
    yield from against
    if not any(blocker.code == "no_capacity" for blocker in against):
        return
    fitting, taken = [], Load()
    for claim in claims:
        if not [*booking_blockers(window, taken + claim.load, is_emergency=False)]:
            fitting.append(claim)
            taken += claim.load
    if fitting:
        codes = " and ".join(claim.code for claim in fitting)
        yield Blocker(
            "would_fit",
            f"Of these, {codes} would fit.",
            f"Reserve for {codes} alone.",
            "release coordinator",
            details={"fits": [claim.code for claim in fitting]},
        )
    for claim in claims:
        if claim not in fitting:
            yield _next_blocker(window, claim)


def _next_blocker(window: ReleaseWindow, claim: Claim) -> Blocker:
    found = next_fit(slot for slot in claim.slots() if slot.window.pk != window.pk)
    if found is None:
        return Blocker("no_room_soon", f"No other window of the next weeks has room for "
                       f"{claim.code}.", "Plan another window.", "release manager")  # fmt: skip
    opens = f"{found.opens_at.astimezone(ZoneInfo(found.zone)):{TOLD}}"
    return Blocker(
        "next_window",
        f"{claim.code} fits into {found.code}, which opens {opens}.",
        f"Reserve in {found.code}.",
        "release coordinator",
        details={"window": str(found.pk), "code": found.code},
    )
