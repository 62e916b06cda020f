"""Remind people of gates that are not met: before they are due, every day that they are overdue,
and at one click of somebody who chases them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, not_found, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.services.ledger import record_fact
from apps.gates.catalogue import GATES
from apps.gates.domain.reminders import FURTHEST, Audience, Reminder, reminder_at
from apps.gates.models import ReadinessItem
from apps.gates.selectors import UNMET
from apps.notifications import events
from apps.notifications.domain.letter import wall_clock
from apps.notifications.models import Message
from apps.notifications.selectors import awaited, key_of, page_of, readiness_due, told_of
from apps.notifications.services.messages import notify
from apps.releases.models import ReleasePackage

#: The same person does not remind of the same gate twice within this time.
CHASED_AGAIN_AFTER = timedelta(hours=1)
NOTE_LONGEST = 500
_TITLES = {gate.code: gate.title for gate in GATES}
#: Parts of those who have to do something about it themselves.
DIRECT: tuple[Audience, ...] = ("owner", "second")
Told = Mapping[str, tuple[User, Audience]]


def remind_readiness() -> int:
    """Tell whoever answers for an unmet gate that it is due soon, or overdue, and whom it
    escalates to; `gates.domain.reminders` says when and who.

    Each reminder is recorded as evidence about the package. Returns how many gates were told of.
    """
    now, zone = clock.now(), ZoneInfo(settings.INTERLOCK_ZONE)
    due: list[tuple[ReadinessItem, ReleasePackage, Reminder, Told]] = []
    for item, package in readiness_due(now + FURTHEST):
        assert item.due_at is not None
        waits = item.state == ReadinessItem.State.SUBMITTED
        reminder = reminder_at(item.due_at, now, zone, item.level == "hard", submitted=waits)
        if reminder is not None:
            stem = f"readiness:{item.pk}:{item.due_at:%y%m%d%H%M}:{reminder.code}"
            if waits:  # another attestation is another question
                stem += f":{str(item.attestation_id)[-12:]}"
            people = told_of(item, package, reminder.audience)
            keys = {f"{stem}:{user.pk}": (user, part) for user, part in people.items()}
            due.append((item, package, reminder, keys))
    wanted = [key for *_, keys in due for key in keys]
    told = set(Message.objects.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
    return sum(
        _remind(item, package, reminder, {key: keys[key] for key in keys if key not in told})
        for item, package, reminder, keys in due
        if not told.issuperset(keys)
    )


def _remind(item: ReadinessItem, package: ReleasePackage, reminder: Reminder, people: Told) -> bool:
    """False when another worker was first."""
    word = _word(item, reminder.is_overdue, reminder.words)
    waits_for = ", ".join(str(user) for user in awaited(item, package))
    with transaction.atomic(durable=True):
        told = {
            user.username: part
            for key, (user, part) in people.items()
            if notify(
                recipient=user,
                kind=Message.Kind.READINESS,
                dedupe_key=key,
                subject_line=f"{package.code}: gate {item.gate} {word}",
                text=_letter(item, package, word)
                + ("" if part in DIRECT else f"\nIt waits for {waits_for}."),
                about=item.subject,
                url=page_of(item.subject),
            )
        }
        if told:
            record_fact(
                "system",
                actor=system_actor("readiness reminders"),
                event=events.READINESS_REMINDED,
                about=item.subject,
                facts={
                    "gate": item.gate,
                    "due_at": item.due_at,
                    "step": reminder.code,
                    "told": [name for name, part in told.items() if part in DIRECT],
                    "escalated": [name for name, part in told.items() if part not in DIRECT],
                },
            )
    return bool(told)


def _word(item: ReadinessItem, is_overdue: bool, when: str) -> str:
    """What is said of the gate, such as "is overdue"."""
    due = "is overdue" if is_overdue else f"is due {when}".rstrip() if when else ""
    if item.state != ReadinessItem.State.SUBMITTED:
        return due or "is due"
    return " and ".join(filter(None, ("waits for a second person", due)))


def _letter(item: ReadinessItem, package: ReleasePackage, word: str) -> str:
    due = f", due {wall_clock(item.due_at, settings.INTERLOCK_ZONE)}" if item.due_at else ""
    return (
        f"{package.code} {package.name}\n"
        f"Gate {item.gate} {_TITLES.get(item.gate, '')} {word}{due}.\n"
        f"{item.detail}"
    ).strip()


def chase_blockers(actor: Actor, item: ReadinessItem) -> list[Blocker]:
    """Why the actor may not remind anybody of this gate now."""
    found = []
    if item.state not in UNMET:
        found.append(
            Blocker("not_open", f"{item} is {item.get_state_display().lower()}.",
                    "Nothing to do.", "nobody", kind="state")
        )  # fmt: skip
    if not actor.is_human or not actor.roles or actor.holds("auditor", "viewer"):
        found.append(
            Blocker("role_missing", f"{actor.printed_name} chases nobody.",
                    "Ask a release coordinator.", "release coordinator", kind="permission")
        )  # fmt: skip
    since = clock.now() - CHASED_AGAIN_AFTER
    before = (
        Message.objects.filter(
            dedupe_key__startswith=f"chased:{item.pk}:{actor.id}:", created_at__gt=since
        )
        .order_by("-created_at")
        .first()
    )
    if before is not None:
        again = wall_clock(before.created_at + CHASED_AGAIN_AFTER, settings.INTERLOCK_ZONE)
        found.append(
            Blocker("chased_already", f"You reminded of {item} less than an hour ago.",
                    f"Wait until {again}, or call.", "you", kind="state")
        )  # fmt: skip
    return found


def chase(*, pk: UUID, actor: Actor, comment: str = "") -> list[User]:
    """Remind whoever answers for this gate, in the actor's name; who was told.

    Raises Refused with every reason: it is met, or the actor did the same within an hour.
    """
    with transaction.atomic(durable=True):
        # The lock makes two clicks one after the other.
        item = ReadinessItem.objects.select_for_update().filter(pk=pk).first()
        if item is None:
            raise not_found("readiness item")
        package = (
            ReleasePackage.objects.select_related("owner").filter(pk=key_of(item.subject)).first()
        )
        if package is None:
            raise not_found("package")
        note = text_blockers("comment", comment, longest=NOTE_LONGEST, label="Note")
        refuse_if_any([*chase_blockers(actor, item), *note])
        now = clock.now()
        word = _word(item, item.due_at is not None and item.due_at <= now, "")
        said = f"\n{tidy(comment)}" if comment.strip() else ""
        people = awaited(item, package)
        told = [
            user
            for user in people
            if notify(
                recipient=user,
                kind=Message.Kind.READINESS,
                dedupe_key=f"chased:{item.pk}:{actor.id}:{now:%y%m%d%H%M%S}:{user.pk}",
                subject_line=f"{package.code}: {actor.printed_name} reminds you of {item.gate}",
                text=f"{_letter(item, package, word)}{said}\nReminded by {actor.printed_name}.",
                about=item.subject,
                url=page_of(item.subject),
            )
        ]
        record_fact(
            "system",
            actor=actor,
            event=events.READINESS_CHASED,
            about=item.subject,
            comment=tidy(comment),
            facts={"gate": item.gate, "told": [user.username for user in told]},
        )
    return told
