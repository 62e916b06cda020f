"""Every reason against a deviation from the calendar, and against what one would allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from apps.accounts.selectors import authorities_of
from apps.approvals.domain.eligibility import Deed, Eligibility, eligibility
from apps.approvals.models import Approval
from apps.approvals.policies import candidate_of, case_of
from apps.approvals.selectors import recusals_about, roles_of_signers, slots_now
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.windows.domain import deviation as life
from apps.windows.domain.calendar import Span
from apps.windows.domain.local_time import to_wall
from apps.windows.models import CalendarRule, WindowDeviation
from apps.windows.policies.window import PLANNERS, role_blockers

LABELS = dict(life.STATES)


def closed_blockers(spans: Iterable[Span], what: str, zone: str) -> Iterator[Blocker]:
    """Each hard span that does not let `what` happen; times are those of the wall in `zone`."""
    for span in spans:
        since, until = (
            f"{to_wall(moment, zone):%Y-%m-%d %H:%M}" for moment in (span.starts_at, span.ends_at)
        )
        yield Blocker(
            "closed_calendar",
            f"{span.rule.told} does not let {what} pass, from {since} to {until}: "
            f"{span.rule.reason}",
            "Choose another window, or ask for a deviation.",
            "release manager and board chair",
            field="window",
            details={
                "rule": span.rule.code,
                "starts_at": span.starts_at.isoformat(),
                "ends_at": span.ends_at.isoformat(),
            },
        )


def request_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, PLANNERS)


def needed_blockers(rule: str, spans: Iterable[Span]) -> Iterator[Blocker]:
    """Whether `rule`, by its code, is one of the `spans` that stop the record."""
    stopping = sorted({span.rule.code for span in spans})
    if rule not in stopping:
        told = ", ".join(stopping)
        yield bad_input(
            "rule",
            f"{rule[:20]} does not stop it.",
            f"Choose of {told}." if told else "Nothing to do: no hard rule stops it.",
            "not_needed",
        )


def asked_blockers(rule: CalendarRule, about: str) -> Iterator[Blocker]:
    """Whether somebody asked for the same already."""
    asked = WindowDeviation.objects.filter(rule=rule, about=about, state=life.REQUESTED)
    if asked.exists():
        yield Blocker(
            "asked_already",
            f"A deviation from {rule.code} is asked for already.",
            "Have that one decided.",
            "release manager and board chair",
            kind="state",
        )


def state_blockers(deviation: WindowDeviation, move: str) -> Iterator[Blocker]:
    if deviation.state not in life.SOURCES[move]:
        wanted = " or ".join(LABELS[state].lower() for state in life.SOURCES[move])
        yield Blocker(
            "wrong_state",
            f"It is {LABELS[deviation.state].lower()}; this needs {wanted}.",
            "Nothing to do.",
            "nobody",
            kind="state",
        )


def eligible_to_sign(
    deviation: WindowDeviation, actor: Actor, slots: Sequence[Approval]
) -> Eligibility:
    """Every fact for and against the actor's signature now; `slots`: the live ones."""
    asked = Deed(
        deviation.requested_by_id, "requester", "asked for it", deviation.created_at,
        deviation.subject,
    )  # fmt: skip
    case = case_of(slots, (asked,), recusals_about([deviation.subject]), roles_of_signers(slots))
    return eligibility(candidate_of(actor, authorities_of(actor.id)), case)


def sign_blockers(
    actor: Actor,
    deviation: WindowDeviation,
    slots: Sequence[Approval] | None = None,
    answer: Eligibility | None = None,
) -> Iterator[Blocker]:
    """`slots` and `answer`, where the caller knows them already."""
    yield from state_blockers(deviation, "approve")
    if deviation.ends_at <= clock.now():
        yield Blocker("over", "The time that it is about is over.", "Ask for another one.",
                      "release coordinator")  # fmt: skip
    live = slots_now(deviation.subject) if slots is None else slots
    found = answer or eligible_to_sign(deviation, actor, live)
    if found.asked or deviation.state == life.REQUESTED:
        yield from found.blockers()
    if any(actor.id in said.people for slot in live for said in slot.standing):
        yield Blocker(
            "second_person",
            "You have signed it; each signature is another person's.",
            "Ask another holder of the role.",
            "another approver",
            kind="permission",
        )


def expire_blockers(deviation: WindowDeviation) -> Iterator[Blocker]:
    yield from state_blockers(deviation, "expire")
    if deviation.ends_at > clock.now():
        yield Blocker(
            "not_due",
            "The time that it is about is not over yet.",
            f"Wait until {to_wall(deviation.ends_at, deviation.window.zone):%Y-%m-%d %H:%M}; the "
            "portal then ends it.",
            "the portal itself",
        )
