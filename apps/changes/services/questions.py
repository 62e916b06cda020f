"""Ask for the signatures that the policy wants, and ask again after an edit.

Inner functions: the doors of a change call them under its lock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.approvals.domain.slots import SlotSpec
from apps.approvals.models import Approval
from apps.approvals.services.seals import carry_on, void
from apps.approvals.services.slots import lock_live_slots, request_slots
from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import fingerprint
from apps.changes.domain.policy import PolicyInput, slots_for
from apps.changes.domain.seal import (
    ROW_CODES,
    Reopening,
    answering,
    differing,
    group_digests,
    reopening,
    rows_between,
)
from apps.changes.models import ApprovalPolicy, ChangeRequest
from apps.changes.policies import voided_by
from apps.changes.selectors import (
    environments_of,
    goes_into_freeze,
    policy_in_force,
    regulations_of,
)
from apps.core.actor import Actor
from apps.evidence.events import Event
from apps.evidence.services.ledger import record


def ask(change: ChangeRequest, actor: Actor) -> None:
    """Fix the content as it is, and ask for every signature that the policy wants on it."""
    policy = policy_in_force()
    fix_content(change)
    change.policy_version = policy.stamp
    _request(change, policy, slots_for(policy.in_rules(), policy_input(change)), actor)


def fix_content(change: ChangeRequest) -> None:
    """The content as it is now is what is asked about."""
    content = change.content()
    change.fingerprint = fingerprint(content)
    change.signed_content = content | {"groups": group_digests(content)}


def re_open(
    change: ChangeRequest, old_band: str, actor: Actor, *, unasked: Event, **more: Any
) -> ChangeRequest:
    """Record that a change which was asked about has another content: ask again whom that
    concerns, and tell who was and who was not; `unasked` is the event where nobody is, unless
    its night moved: that is told to whoever signed.

    An approved change goes back to assessing for it. `more` enters the entry.
    """
    what = voided_by(change, change.content())
    sealed = change.signed_content.get("groups", {})
    found = _ask_again(change, old_band, actor)
    asked = [spec.code for spec in found.ask]
    event = events.NIGHT_MOVED if "night_moved" in found.rows else unasked
    if asked:
        if change.state in life.SOURCES["invalidate"]:
            change.invalidate()
        change.approved_at = change.valid_until = None
    return record(
        change,
        actor=actor,
        event=events.INVALIDATED if asked else event,
        content_digest=change.fingerprint,
        policy_version=change.policy_version,
        rows=found.rows,
        groups=differing(sealed, change.signed_content["groups"]),
        asked_again=asked,
        kept=sorted(found.kept),
        **({"voided_by": what} if asked else {}),
        **more,
    )


def _ask_again(change: ChangeRequest, old_band: str, actor: Actor) -> Reopening:
    """What another content of a change that was asked about means: void, keep and ask slot by slot.

    `change` holds the new content, `signed_content` still the one that was asked about.
    """
    old, new = change.signed_content, change.content()
    why = voided_by(change, new)
    rows = rows_between(old, new, old_band, change.risk_band)
    policy = policy_in_force()
    wanted: tuple[SlotSpec, ...] = ()
    possible: tuple[SlotSpec, ...] = ()
    if set(rows) & set(ROW_CODES):
        # Half of what this reads: a night that moves many changes asks about none of them.
        facts = policy_input(change)
        wanted, possible = (
            slots_for(policy.in_rules(), replace(facts, changed=frozenset(codes)))
            for codes in (rows, ROW_CODES)
        )
    slots = lock_live_slots(change.subject)
    found = reopening(
        old, new, rows, change.risk_band, [slot.spec for slot in slots], wanted, possible
    )
    fix_content(change)
    void([slot for slot in slots if slot.slot in found.void], actor=actor, reason=why)
    _carry([slot for slot in slots if slot.slot in found.kept], change, actor, why)
    if found.ask:
        change.policy_version = policy.stamp
        _request(change, policy, found.ask, actor)
    return found


def policy_input(change: ChangeRequest) -> PolicyInput:
    """What the policy is asked about."""
    return PolicyInput(
        change_type=change.change_type,
        risk_band=change.risk_band,
        application=change.application.code,
        families=frozenset(line.asset.type.family for line in change.assets.all()),
        tier=change.application.criticality,
        environments=environments_of(change),
        regulations=regulations_of(change),
        in_freeze=goes_into_freeze(change),
    )


def _request(
    change: ChangeRequest, policy: ApprovalPolicy, specs: tuple[SlotSpec, ...], actor: Actor
) -> None:
    request_slots(
        about=change.subject,
        specs=specs,
        content_digest=change.fingerprint,
        seal=change.signed_content["groups"],
        policy_version=policy.stamp,
        actor=actor,
    )


def _carry(slots: list[Approval], change: ChangeRequest, actor: Actor, why: str) -> None:
    """Open slots are asked about the new content; signed ones learn of it where they answer."""
    seal = change.signed_content["groups"]
    specs = [slot.spec for slot in slots]
    told = [
        slot
        for slot in slots
        if (
            slot.content_digest != change.fingerprint
            if slot.state == Approval.State.REQUESTED
            else slot.slot in answering(specs, differing(slot.seal, seal), change.risk_band)
        )
    ]
    carry_on(told, content_digest=change.fingerprint, seal=seal, actor=actor, reason=why)
