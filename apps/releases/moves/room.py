"""The moves of a window that hold room in it for what is not planned yet."""

from __future__ import annotations

from apps.changes.models import ChangeRequest
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.moves import Move, MoveField
from apps.releases.models import ReleasePackage
from apps.releases.services.reservations import reserve_room
from apps.windows.domain import lifecycle as life
from apps.windows.models import ReleaseWindow
from apps.windows.policies.reservation import give_up_blockers, reserve_blockers
from apps.windows.selectors import reservations_in
from apps.windows.services.reservations import give_up_reservation


def codes_of(subjects: list[str]) -> dict[str, str]:
    """What the packages and changes behind these subjects are called; two queries."""
    found: dict[str, str] = {}
    for model in (ReleasePackage, ChangeRequest):
        keys = [s.partition(":")[2] for s in subjects if s.startswith(f"{model.SUBJECT}:")]
        rows = model.objects.filter(pk__in=keys).values_list("pk", "code")
        found |= {f"{model.SUBJECT}:{pk}": code for pk, code in rows}
    return found


def _reservations(window: ReleaseWindow) -> list[tuple[str, str]]:
    held = list(reservations_in([window]))
    codes = codes_of([each.subject for each in held])
    return [
        (str(each.pk), f"{codes.get(each.subject, each.subject)}, held by {each.owner}")
        for each in held
    ]


def _give_up(actor: Actor, window: ReleaseWindow) -> list[Blocker]:
    """Whoever owns one of its reservations may; which one, its service asks."""
    owners = {each.owner_id for each in reservations_in([window])}
    return [] if actor.id in owners else [*give_up_blockers(actor, window, None)]


WINDOW_ROOM_MOVES = (
    Move(
        "reserve",
        "Reserve room",
        service=reserve_room,
        blockers=reserve_blockers,
        sources=(life.OPEN,),
        fields=(
            MoveField(
                "about",
                "For which packages or changes",
                help_text="Codes, separated by blanks; all of them get room, or none.",
            ),
            MoveField(
                "hours", "Hours until it expires", kind="integer", help_text="72 are three days."
            ),
            MoveField(
                "owner", "Owner", required=False, help_text="A user name. Empty: you yourself."
            ),
        ),
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "give_up_reservation",
        "Give a reservation up",
        service=give_up_reservation,
        blockers=_give_up,  # type: ignore[arg-type]  # an iterable is enough
        fields=(MoveField("reservation", "Reservation", kind="reference", choices=_reservations),),
        applies=lambda window: bool(_reservations(window)),
    ),
)
