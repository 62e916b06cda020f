"""Ask for a deviation from the calendar, sign it, use it, and let it expire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.approvals.domain.slots import Verdict
from apps.approvals.policies import content_blockers, version_blockers
from apps.approvals.services import slots as signatures
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.windows import events
from apps.windows.domain import deviation as life
from apps.windows.domain.calendar import Span
from apps.windows.models import CalendarRule, ReleaseWindow, WindowDeviation
from apps.windows.policies import (
    asked_blockers,
    eligible_to_sign,
    expire_blockers,
    needed_blockers,
    request_blockers,
    sign_blockers,
)
from apps.windows.selectors import (
    deviations_over,
    deviations_with_people,
    spans_closing_window,
    windows_with_people,
)

#: What is stamped into its signatures as the policy that asked for them.
POLICY = "deviation"
EDITABLE_FIELDS = ("rule", "window", "reason")


@door("window_deviation")
def request_deviation(*, actor: Actor, values: Mapping[str, Any]) -> WindowDeviation:
    """Ask that a window may open although a hard rule stops it.

    `values`: rule, window, reason.
    """
    refuse_if_any(request_blockers(actor))
    window = values.get("window")
    if window is not None:
        window = lock(windows_with_people(), window.pk)
    return enter_deviation(
        rule=values.get("rule"),
        window=window,
        about=window.subject if window else "",
        about_name=window.code if window else "",
        reason=str(values.get("reason") or ""),
        spans=spans_closing_window(window) if window else (),
        actor=actor,
    )


def enter_deviation(
    *,
    rule: CalendarRule | None,
    window: ReleaseWindow | None,
    about: str,
    about_name: str,
    reason: str,
    spans: Iterable[Span],
    actor: Actor,
    tier0_applications: Iterable[str] = (),
) -> WindowDeviation:
    """Inner: the same for the record `about` in that window, which `spans` stop."""
    deviation = WindowDeviation(
        rule=rule,
        window=window,
        reason=tidy(reason),
        about=about,
        about_name=about_name,
        tier0_applications=sorted(tier0_applications),
        starts_at=window.opens_at if window else None,  # type: ignore[misc]
        ends_at=window.closes_at if window else None,
        requested_by_id=actor.user_id,
    )
    problems = [*model_blockers(deviation)]
    if rule is not None and window is not None:
        problems += [*needed_blockers(rule.code, spans), *asked_blockers(rule, about)]
    refuse_if_any(problems)
    record_created(deviation, actor=actor, event=events.DEVIATION_REQUESTED, about=about)
    content = deviation.content_digest()
    signatures.request_slots(
        about=deviation.subject,
        specs=life.slots_of(deviation.rule.code, deviation.tier0_applications),
        content_digest=content,
        seal={"deviation": content},
        policy_version=POLICY,
        actor=actor,
    )
    return deviation


@door("window_deviation")
def approve_deviation(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> WindowDeviation:
    """Sign in favour; the last signature that is needed approves it."""
    return _decide(pk, actor, "approve", expected_seq, comment, content_digest)


@door("window_deviation")
def refuse_deviation(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> WindowDeviation:
    """Sign against it, with the reason: the calendar holds."""
    refuse_if_any(text_blockers("comment", comment, required=True, label="Reason"))
    return _decide(pk, actor, "reject", expected_seq, comment, content_digest)


def _decide(
    pk: UUID,
    actor: Actor,
    verdict: Verdict,
    expected_seq: int | None,
    comment: str,
    content_digest: str | None,
) -> WindowDeviation:
    deviation = lock(deviations_with_people(), pk, expected_seq=expected_seq)
    slots = signatures.lock_live_slots(deviation.subject)
    answer = eligible_to_sign(deviation, actor, slots)
    content = deviation.content_digest()
    refuse_if_any(
        [
            *version_blockers(expected_seq),
            *sign_blockers(actor, deviation, slots, answer),
            *step_up_blockers(actor),
            *content_blockers(str(deviation), content, content_digest),
        ]
    )
    slot, settled = signatures.settle(
        about=deviation.subject, slots=slots, answer=answer, actor=actor, verdict=verdict,
        comment=comment,
    )  # fmt: skip
    event = events.DEVIATION_SIGNED
    if settled == "refused":
        deviation.refuse()
        event = events.DEVIATION_REFUSED
    elif settled == "approved":
        deviation.approve()
        event = events.DEVIATION_APPROVED
    if deviation.state != life.REQUESTED:
        deviation.decided_at = clock.now()
    return record(
        deviation, actor=actor, event=event, comment=comment, about=deviation.about,
        meaning=f"{slot.label}: {verdict}", content_digest=content,
    )  # fmt: skip


def use_deviations(*, about: str, actor: Actor) -> None:
    """Inner: the record begins what its approved deviations allow."""
    approved = WindowDeviation.objects.filter(about=about, state=life.APPROVED)
    for pk in approved.order_by("pk").values_list("pk", flat=True):
        deviation = lock(deviations_with_people(), pk)
        deviation.use()
        deviation.used_at = clock.now()
        record(deviation, actor=actor, event=events.DEVIATION_USED, about=about)


@door("window_deviation")
def expire_deviation(*, pk: UUID, actor: Actor) -> WindowDeviation:
    """Its time is over: nobody signs it any more, and it lets nothing pass."""
    deviation = lock(deviations_with_people(), pk)
    refuse_if_any(expire_blockers(deviation))
    signatures.withdraw(about=deviation.subject, actor=actor, reason="Its time is over.")
    deviation.expire()
    return record(deviation, actor=actor, event=events.DEVIATION_EXPIRED, about=deviation.about)


def expire_due_deviations() -> int:
    """Let every deviation expire whose time is over; how many did."""
    expired = 0
    for pk in deviations_over().values_list("pk", flat=True):
        try:
            expire_deviation(pk=pk, actor=system_actor("calendar"))
        except Refused:  # somebody else was faster; the refusal is recorded
            continue
        expired += 1
    return expired
