"""Remind of signatures that are late, of conditions that are due, and of what emergencies owe: each
once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.selectors import holders_of, managers_of
from apps.approvals.models import Approval, Obligation
from apps.changes.domain.ageing import STAGES, Hold, running, stage_of
from apps.changes.domain.debt import Debt
from apps.changes.models import ChangeRequest
from apps.changes.selectors import DebtLine, debt_lines, holds_of, unexplained_versions
from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.services.ledger import record_fact
from apps.notifications import events
from apps.notifications.domain.letter import day_there, wall_clock
from apps.notifications.models import Message
from apps.notifications.selectors import (
    Waiting,
    conditions_due,
    owing,
    page_of,
    signers_of,
    waiting_slots,
)
from apps.notifications.services.messages import notify

#: How long before it is due whoever owes something is reminded.
AHEAD = timedelta(hours=24)
#: A message names this many versions.
STRAYS_TOLD = 20


def remind_approvals() -> int:
    """All kinds of reminders; how many questions, debts, conditions and strays were told of."""
    return remind_signers() + remind_debtors() + remind_of_conditions() + remind_of_strays()


def remind_signers() -> int:
    """Tell who may sign at 50 % and 100 % of the time to answer, and at 100 % their managers too,
    those of the deputies where somebody signs for another; the change managers, and for whom
    somebody would sign, at 150 %. Where nobody may sign, the change managers at once.

    The time begins when it is the slot's turn and stands still on hold; nobody is told of a change
    that is on hold. Only the highest stage reached is told.
    """
    waiting = waiting_slots()
    holds = holds_of({each.change.subject for each in waiting})
    late = [
        (each, stage)
        for each in waiting
        if (stage := _stage(each, holds.get(each.change.subject, ()))) in STAGES
    ]
    stems = _stems_told(Message.Kind.SIGNATURE, [each.change.subject for each, _ in late])
    return sum(
        _remind_signers(each, stage) for each, stage in late if _stem(each.slot, stage) not in stems
    )


def sla_of(slot: Approval) -> timedelta:
    """The time that the signers of the slot have."""
    return timedelta(hours=slot.sla_hours)


def _stage(waiting: Waiting, holds: Sequence[Hold]) -> int:
    spent = running(waiting.since, clock.now(), holds)
    return stage_of(spent, sla_of(waiting.slot))


def _stem(slot: Approval, stage: int) -> str:
    return f"sla:{slot.pk}:{stage}"


def _remind_signers(waiting: Waiting, stage: int) -> bool:
    slot, change = waiting.slot, waiting.change
    escalated = stage == STAGES[-1]
    signers = signers_of(slot, change)
    people = list(signers)
    principals = {str(right.principal) for right in signers.values() if right.principal}
    managers: list[User] = []
    if escalated or not signers:
        people = [*holders_of(["change_manager"]), *User.objects.filter(pk__in=principals)]
    elif stage == 100:
        managers = list(managers_of(user.pk for user in signers if str(user.pk) not in principals))
    hours = f"{sla_of(slot) / timedelta(hours=1):g}"
    word = "escalated" if escalated else "late" if stage == 100 else "waits"
    return _tell(
        [*people, *managers],
        stem=_stem(slot, stage),
        kind=Message.Kind.SIGNATURE,
        about=change.subject,
        subject_line=f"{change.code}: signature as {slot.label.lower()} {word}",
        text=(
            f"{change.code} {change.title}\n"
            f"{slot.label} was asked at {wall_clock(waiting.since, settings.INTERLOCK_ZONE)}. "
            f"{stage} % of its {hours} hours are over; time on hold does not count."
            f"{'' if signers else ' Nobody may sign it.'}"
            f"{_also_told(signers, managers)}"
        ),
        facts={"slot": slot.slot, "stage": stage, "sla_hours": float(hours)},
    )


def _also_told(signers: Iterable[User], managers: Sequence[User]) -> str:
    """What a manager needs to know: for whom it waits."""
    if not managers:
        return ""
    waits_for, told = (" and ".join(map(str, people)) for people in (signers, managers))
    return f" It waits for {waits_for}. Told as their managers: {told}."


def remind_debtors() -> int:
    """Tell who owes something that it is due within a day; overdue, them and the change managers
    once a day until it is settled."""
    now = clock.now()
    due = [line for line in debt_lines() if line.debt.due_at <= now + AHEAD]
    stems = _stems_told(Message.Kind.CHANGE, [_subject_of(line.debt) for line in due])
    return sum(
        _remind_debtor(line.debt, stem, is_overdue=line.is_overdue)
        for line in due
        if (stem := _debt_stem(line)) not in stems
    )


def _subject_of(debt: Debt) -> str:
    return f"{ChangeRequest.SUBJECT}:{debt.change_id}"


def _debt_stem(line: DebtLine) -> str:
    today = day_there(clock.now(), settings.INTERLOCK_ZONE)
    debt, stage = line.debt, f"{today}" if line.is_overdue else "due"
    return f"debt:{debt.change_id}:{debt.kind}:{debt.due_at:%Y%m%d%H%M%S%f}:{stage}"


def _remind_debtor(debt: Debt, stem: str, *, is_overdue: bool) -> bool:
    people = list(owing(debt))
    if is_overdue:
        people += holders_of(["change_manager"])
    word = "overdue" if is_overdue else "due"
    return _tell(
        people,
        stem=stem,
        kind=Message.Kind.CHANGE,
        about=_subject_of(debt),
        subject_line=f"{debt.change}: {debt.label.lower()} is {word}",
        text=(
            f"{debt.change} {debt.title}\n"
            f"{debt.label} is {word}: {wall_clock(debt.due_at, settings.INTERLOCK_ZONE)}. "
            f"{debt.fix}"
        ),
        facts={"debt": debt.kind, "due_at": debt.due_at, "overdue": is_overdue},
    )


def remind_of_conditions() -> int:
    """Tell who has to meet a condition that it is due within a day; overdue, them and the change
    managers once a day until it is met. Where that person has left, the change managers at once."""
    now = clock.now()
    due = conditions_due(now + AHEAD)
    stems = _stems_told(Message.Kind.CHANGE, [condition.subject for condition in due])
    return sum(
        _remind_of_condition(condition, due_at, stem, is_overdue=due_at < now)
        for condition in due
        if (due_at := condition.due_at) is not None
        if (stem := _condition_stem(condition, due_at, now)) not in stems
    )


def _condition_stem(condition: Obligation, due_at: datetime, now: datetime) -> str:
    stage = f"{day_there(now, settings.INTERLOCK_ZONE)}" if due_at < now else "due"
    return f"condition:{condition.pk}:{stage}"


def _remind_of_condition(
    condition: Obligation, due_at: datetime, stem: str, *, is_overdue: bool
) -> bool:
    people = [condition.owner]
    if is_overdue or not condition.owner.is_active:
        people += holders_of(["change_manager"])
    word = "overdue" if is_overdue else "due"
    return _tell(
        people,
        stem=stem,
        kind=Message.Kind.CHANGE,
        about=condition.subject,
        subject_line=f"Condition of an approval is {word}: {condition}",
        text=(
            f"{condition.text}\n"
            f"{condition.owner} has to meet it until "
            f"{wall_clock(due_at, settings.INTERLOCK_ZONE)}, and say what proves it. The work does "
            "not start before."
        ),
        facts={"condition": condition.text, "due_at": due_at, "overdue": is_overdue},
    )


def remind_of_strays() -> int:
    """Tell the change managers once a day of versions that no package installed and nobody's
    application answers for: without one there is nobody to explain them. How many."""
    strays = list(unexplained_versions().filter(home=None))
    if not strays:
        return 0
    names = [f"{version.asset.name} {version.level}" for version in strays[:STRAYS_TOLD]]
    more = len(strays) - len(names)
    _tell(
        holders_of(["change_manager"]),
        stem=f"strays:{day_there(clock.now(), settings.INTERLOCK_ZONE)}",
        kind=Message.Kind.CHANGE,
        about=strays[0].asset.subject,
        subject_line="In production without a package or an application",
        text=(
            f"{', '.join(names)}{f' and {more} more' if more else ''}.\n"
            "Give each asset an application or a team; the owner is then asked to explain it."
        ),
        facts={"strays": [str(version.pk) for version in strays[:STRAYS_TOLD]]},
    )
    return len(strays)


def _stems_told(kind: str, subjects: Iterable[str]) -> set[str]:
    """What was told about these records, by key without the person."""
    told = Message.objects.filter(kind=kind, about__in=list(subjects))
    return {key.rpartition(":")[0] for key in told.values_list("dedupe_key", flat=True)}


def _tell(
    people: Iterable[User],
    *,
    stem: str,
    kind: str,
    about: str,
    subject_line: str,
    text: str,
    facts: dict[str, object],
) -> bool:
    """Queue the messages with the fact that tells of them; False when another worker was first."""
    with transaction.atomic(durable=True):
        told = [
            user.username
            for user in dict.fromkeys(people)
            if notify(
                recipient=user,
                kind=kind,
                dedupe_key=f"{stem}:{user.pk}",
                subject_line=subject_line,
                text=text,
                about=about,
                url=page_of(about),
            )
        ]
        if told:
            record_fact(
                "system",
                actor=system_actor("approval reminders"),
                event=events.APPROVAL_REMINDED,
                about=about,
                facts={**facts, "told": told},
            )
    return bool(told)
