"""Ask for a waiver, sign it, take it back, revoke it, and let it expire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from apps.approvals.domain.slots import Verdict
from apps.approvals.policies import content_blockers, version_blockers
from apps.approvals.services import slots as signatures
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, Refused, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.gates import events
from apps.gates.domain import waiver as life
from apps.gates.domain.evaluation import GateResult
from apps.gates.models import Waiver
from apps.gates.selectors import waivers_over, waivers_with_people
from apps.releases.models import ReleasePackage
from apps.releases.policies import waiver as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import IN_A_DOOR, evaluate, refresh_items
from apps.releases.services.rows import as_key, key_of
from apps.windows.models import ReleaseWindow

#: What is stamped into its signatures as the policy that asked for them.
POLICY = "waiver"


@door("package")
def ask_waiver(
    *,
    pk: UUID,
    actor: Actor,
    gate: str,
    risk: str,
    control: str,
    finding: str = "",
    until: datetime | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Ask that a gate which is not met lets the package pass; `comment` is the reason.

    `gate` is its code, `finding` the key of the one finding where the gate is waived for one at a
    time. Everything it finds now is asked for, and nothing that it may find later. `until` at the
    latest when the window closes. The package itself stays as it is.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    results = _results(package)
    found = results.get(gate)
    window = package.window
    ends_at = until or (window.closes_at if window else None)
    blockers: list[Blocker] = [
        *rules.ask_blockers(actor, package),
        *rules.gate_blockers(gate, results, finding),
        *rules.text_of_waiver_blockers(comment, risk, control),
        *(rules.until_blockers(ends_at, window) if window and ends_at else ()),
    ]
    refuse_if_any(blockers)
    assert found is not None and window is not None and ends_at is not None
    chosen = rules.chosen_finding(found, finding)
    covered = found.findings if chosen is None else (chosen,)
    waiver = _drafted(package, window, ends_at, actor, comment, risk, control)
    waiver.kind, waiver.gate = Waiver.Kind.GATE, found.code
    waiver.level = (chosen.level if chosen else None) or found.level
    waiver.finding_key = chosen.key if chosen else ""
    waiver.covers = sorted({life.kind_of(each) for each in covered})
    waiver.beyond_limits = rules.is_beyond_with(waiver)
    return _enter(waiver, package, actor, found.waivable_by)


@door("package")
def ask_late_scope(
    *,
    pk: UUID,
    actor: Actor,
    window: UUID | str,
    risk: str,
    control: str,
    changes: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Ask that the package may join a window whose scope is locked, or grow in it.

    It lets in the changes that the package carries now and those of `changes`, by their codes,
    and no others. `comment` is the reason.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    key = as_key(window)
    found = ReleaseWindow.objects.filter(pk=key).first() if key else None
    asked = [code for code in re.split(r"[\s,;]+", changes.strip()) if code]
    known = set(ChangeRequest.objects.filter(code__in=asked).values_list("code", flat=True))
    refuse_if_any([
        *rules.ask_late_scope_blockers(actor, package),
        *rules.late_scope_blockers(package, found, [c for c in asked if c not in known]),
        *rules.text_of_waiver_blockers(comment, risk, control),
    ])  # fmt: skip
    assert found is not None
    waiver = _drafted(package, found, found.closes_at, actor, comment, risk, control)
    waiver.kind = Waiver.Kind.LATE_SCOPE
    waiver.covers = sorted({*open_codes(package), *known})
    return _enter(waiver, package, actor, life.LATE_SCOPE_ROLES)


def open_codes(package: ReleasePackage) -> list[str]:
    """The codes of the changes that it carries."""
    return [member.change.code for member in work_of(package).members if member.is_open]


def _drafted(
    package: ReleasePackage,
    window: ReleaseWindow,
    until: datetime,
    actor: Actor,
    reason: str,
    risk: str,
    control: str,
) -> Waiver:
    return Waiver(
        about=package.subject, about_name=package.code, window=window, valid_until=until,
        reason=tidy(reason), risk_statement=tidy(risk), compensating_control=tidy(control),
        requested_by_id=actor.user_id,
    )  # fmt: skip


def _enter(
    waiver: Waiver, package: ReleasePackage, actor: Actor, roles: Iterable[str]
) -> ReleasePackage:
    refuse_if_any([*model_blockers(waiver), *rules.asked_blockers(waiver)])
    record_created(waiver, actor=actor, event=events.WAIVER_REQUESTED, about=package.subject)
    content = waiver.content_digest()
    facts = work_of(package).change_facts.values()
    because = f"{waiver.what} of {package.code} is not met."
    if waiver.kind == Waiver.Kind.LATE_SCOPE:
        because = f"The scope of {waiver.window.code} is locked."
    signatures.request_slots(
        about=waiver.subject,
        specs=life.slots_of(
            roles, because,
            applications={each.application_code for each in facts},
            families={family for each in facts for family in each.families},
            beyond=waiver.beyond_limits,
        ),
        content_digest=content,
        seal={"waiver": content},
        policy_version=POLICY,
        actor=actor,
    )  # fmt: skip
    return package


def _locked(pk: UUID, expected_seq: int | None = None) -> tuple[Waiver, ReleasePackage]:
    """The waiver after its package: that is the order of locks."""
    key = key_of(pk, "waiver")
    about = Waiver.objects.filter(pk=key).values_list("about", flat=True).first()
    package = lock_package(about.partition(":")[2]) if about else None
    waiver = lock(waivers_with_people(), key, expected_seq=expected_seq)
    assert package is not None
    waiver.__dict__["_package"] = package
    return waiver, package


@door("waiver")
def approve_waiver(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Waiver:
    """Sign in favour; the last signature that is needed approves it."""
    return _decide(pk, actor, "approve", expected_seq, comment, content_digest)


@door("waiver")
def refuse_waiver(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Waiver:
    """Sign against it, with the reason: the gate holds."""
    refuse_if_any(text_blockers("comment", comment, required=True, label="Reason"))
    return _decide(pk, actor, "reject", expected_seq, comment, content_digest)


def _decide(
    pk: UUID,
    actor: Actor,
    verdict: Verdict,
    expected_seq: int | None,
    comment: str,
    content_digest: str | None,
) -> Waiver:
    waiver, package = _locked(pk, expected_seq)
    slots = signatures.lock_live_slots(waiver.subject)
    answer = rules.eligible_to_sign(waiver, actor, slots)
    content = waiver.content_digest()
    refuse_if_any(
        [
            *version_blockers(expected_seq),
            *rules.sign_blockers(actor, waiver, slots, answer),
            *(_still_waivable(waiver, package) if verdict == "approve" else ()),
            *step_up_blockers(actor),
            *content_blockers(str(waiver), content, content_digest),
        ]
    )
    slot, settled = signatures.settle(
        about=waiver.subject, slots=slots, answer=answer, actor=actor, verdict=verdict,
        comment=comment,
    )  # fmt: skip
    waiver.signers = [*waiver.signers, actor.user_id]
    event = events.WAIVER_SIGNED
    if settled == "refused":
        waiver.refuse()
        event = events.WAIVER_REFUSED
    elif settled == "approved":
        waiver.approve()
        event = events.WAIVER_APPROVED
    if waiver.state != life.REQUESTED:
        waiver.decided_at, waiver.decided_by_id = clock.now(), actor.user_id
    record(
        waiver, actor=actor, event=event, comment=comment, about=waiver.about,
        meaning=f"{slot.label}: {verdict}", content_digest=content,
    )  # fmt: skip
    refresh_items(package, most_steps=IN_A_DOOR)
    return waiver


def _still_waivable(waiver: Waiver, package: ReleasePackage) -> Iterator[Blocker]:
    results = _results(package) if waiver.gate else {}
    yield from rules.still_waivable_blockers(waiver, package, results)


def _results(package: ReleasePackage) -> dict[str, GateResult]:
    """What its gates say now, by their codes."""
    return {result.code: result for result in evaluate(package, most_steps=IN_A_DOOR)}


@door("waiver")
def withdraw_waiver(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Waiver:
    """Nobody is asked any more."""
    waiver, package = _locked(pk, expected_seq)
    refuse_if_any([*rules.withdraw_blockers(actor, waiver), *text_blockers("comment", comment)])
    signatures.withdraw(about=waiver.subject, actor=actor, reason=comment or "Taken back.")
    waiver.withdraw()
    return _ended(waiver, package, actor, events.WAIVER_WITHDRAWN, comment)


@door("waiver")
def revoke_waiver(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Waiver:
    """It lets nothing pass any more, with the reason; the gate holds the package again."""
    waiver, package = _locked(pk, expected_seq)
    refuse_if_any([
        *rules.revoke_blockers(actor, waiver), *step_up_blockers(actor), *reason_blockers(comment)
    ])  # fmt: skip
    signatures.withdraw(about=waiver.subject, actor=actor, reason=f"Revoked: {comment}")
    waiver.revoke()
    return _ended(waiver, package, actor, events.WAIVER_REVOKED, comment)


@door("waiver")
def expire_waiver(*, pk: UUID, actor: Actor) -> Waiver:
    """Its time is over: nobody signs it any more, and it lets nothing pass."""
    waiver, package = _locked(pk)
    refuse_if_any(rules.expire_blockers(waiver))
    signatures.expire(about=waiver.subject, actor=actor, reason="Its time is over.")
    waiver.expire()
    return _ended(waiver, package, actor, events.WAIVER_EXPIRED, "")


def _ended(
    waiver: Waiver, package: ReleasePackage, actor: Actor, event: Event, comment: str
) -> Waiver:
    record(waiver, actor=actor, event=event, comment=comment, about=waiver.about)
    if package.state in rules.ASKED_IN:
        refresh_items(package, most_steps=IN_A_DOOR)
    return waiver


def expire_due_waivers() -> int:
    """Let every waiver expire whose time is over; how many did."""
    expired = 0
    for pk in waivers_over().values_list("pk", flat=True):
        try:
            expire_waiver(pk=pk, actor=system_actor("waivers"))
        except Refused:  # somebody else was faster; the refusal is recorded
            continue
        expired += 1
    return expired
