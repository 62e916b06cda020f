"""What emergencies owe, and what overdue debt of an application blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet

from apps.approvals.models import Approval
from apps.changes.domain import lifecycle as life
from apps.changes.domain.debt import Debt, Emergency, PhoneCall, debts_of
from apps.changes.models import ChangeRequest, DebtWaiver, PhoneApproval
from apps.core import clock
from apps.core.errors import Blocker

#: An approval by phone that counts and waits to be confirmed. What was taken back, or given on
#: content that is asked about no more, owes nothing.
_WAITS = Q(
    confirmed_at=None,
    decision__replaced_by=None,
    decision__approval__state__in=Approval.LIVE,
)
#: One that was none, of which the work had begun already: a signature is missing that nobody can
#: give any more.
_DENIED = Q(decision__replaced_by__isnull=False, decision__approval__state=Approval.State.DENIED)


def unconfirmed_calls() -> QuerySet[PhoneApproval]:
    """Approvals by phone that count and wait to be confirmed."""
    return PhoneApproval.objects.filter(_WAITS).select_related("verbal_by", "decision")


def owed_calls() -> QuerySet[PhoneApproval]:
    """Those, and the denied ones of work that has begun: `is_denied`."""
    return (
        PhoneApproval.objects.filter(_WAITS | _DENIED)
        .annotate(is_denied=ExpressionWrapper(_DENIED, output_field=BooleanField()))
        .select_related("verbal_by")
    )


def unsettled_emergencies() -> QuerySet[ChangeRequest]:
    """Emergency changes of which something is or may be owed, with what it hangs on. At most
    three queries, however many they are."""
    calls = owed_calls()
    waivers = DebtWaiver.objects.filter(expires_at__gt=clock.now())
    return (
        ChangeRequest.objects.filter(change_type=ChangeRequest.Type.EMERGENCY)
        .exclude(state__in=life.ENDED)
        .filter(
            Q(ratification_due_at__isnull=False)
            | Q(review_due_at__isnull=False)
            | Q(pk__in=calls.order_by().values("change"))
        )
        .select_related("application", "owner")
        .prefetch_related(
            Prefetch("phone_approvals", calls, to_attr="owed_calls"),
            Prefetch("debt_waivers", waivers, to_attr="waivers_in_force"),
        )
    )


def open_debts(applications: Iterable[UUID] | None = None) -> list[Debt]:
    """Everything that is owed, due or overdue, the oldest first; of these applications only."""
    rows = unsettled_emergencies()
    if applications is not None:
        rows = rows.filter(application__in=list(applications))
    return debts_of(_emergency(change) for change in rows)


def _emergency(change: ChangeRequest) -> Emergency:
    waived: dict[str, object] = {}
    for waiver in change.waivers_in_force:  # type: ignore[attr-defined]
        waived[waiver.kind] = max(waiver.expires_at, waived.get(waiver.kind, waiver.expires_at))
    calls: dict[bool, list[PhoneCall]] = {True: [], False: []}
    for call in change.owed_calls:  # type: ignore[attr-defined]
        calls[call.is_denied].append(PhoneCall(str(call.verbal_by), call.confirm_due_at))
    return Emergency(
        id=str(change.pk),
        code=change.code,
        title=change.title,
        application=change.application.code,
        owner=str(change.owner),
        ratification_due_at=None if change.ratified_at else change.ratification_due_at,
        review_due_at=change.review_due_at,
        calls=tuple(calls[False]),
        denied=() if change.ratified_at else tuple(calls[True]),
        waived=waived,  # type: ignore[arg-type]
    )


def in_words(debt: Debt) -> str:
    """ "CHG0499: ratification, due 2026-11-24 00:29 UTC (the board)"."""
    owes = debt.owes[0].lower() + debt.owes[1:] if debt.owes == "The board" else debt.owes
    return f"{debt.change}: {debt.label.lower()}, due {debt.due_at:%Y-%m-%d %H:%M} UTC ({owes})"


def debt_blocker(application: str, debt: str) -> Blocker:
    return Blocker(
        "approval_debt",
        f"{application} owes governance for an emergency: {debt}.",
        "Settle it, or have a change manager waive it for a time, with the reason.",
        "who owes it, or a change manager",
    )


def emergency_debt_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    """Why the application may have no new emergency now. What this change owes itself is no
    reason: it is under way."""
    if change.change_type != ChangeRequest.Type.EMERGENCY:
        return
    now = clock.now()
    for debt in open_debts([change.application_id]):
        if debt.change != change.code and debt.blocks(now):
            yield debt_blocker(debt.application, in_words(debt))
