"""Who proposes, approves, suspends and retires a standard change."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from apps.changes.domain import standard as life
from apps.changes.domain.risk import BANDS
from apps.changes.models import StandardTemplate
from apps.changes.policies.reasons import role_blocker, wrong_state
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.inventory.models import AssetType

PROPOSERS = ("application_owner", "technical_lead")
_WORD = dict(life.STATES)


def propose_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human or not actor.holds(*PROPOSERS):
        yield role_blocker(
            actor,
            "an application owner or a technical lead",
            "Ask the owner of the application to propose it.",
        )


def edit_proposal_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    """What the board approved is not edited: another limit is another proposal."""
    if template.state != life.PROPOSED:
        yield Blocker(
            "content_locked",
            f"{template.code} is {_WORD[template.state].lower()}; its limits are fixed.",
            "Propose another standard change, and retire this one.",
            "application owner",
            kind="state",
        )
    yield from propose_blockers(actor)


def _state_blockers(template: StandardTemplate, move: str) -> Iterator[Blocker]:
    sources = life.SOURCES[move]
    if template.state not in sources:
        yield wrong_state(template.code, template.state, sources, _WORD, life.MOVERS)


def _chair_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    """The board answers for it by its chair, who did not propose it."""
    if not actor.is_human or not actor.holds("cab_chair"):
        yield role_blocker(actor, "the chair of the board", "Bring it to the board.")
    if template.proposed_by_id is not None and actor.id == template.proposed_by_id:
        yield Blocker(
            "separation_of_duties",
            "You proposed it; somebody else approves it for the board.",
            "Another chair of the board approves it.",
            "another chair of the board",
            kind="permission",
        )
    if template.approved_until <= clock.now():
        yield Blocker(
            "already_over",
            f"{template.code} would be approved until a time that is over.",
            "Propose it with a later end.",
            "application owner",
        )


def approve_template_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "approve")
    yield from _chair_blockers(actor, template)


def reactivate_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "reactivate")
    yield from _chair_blockers(actor, template)


def suspend_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "suspend")
    yield from _steward_blockers(actor)


def retire_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "retire")
    yield from _steward_blockers(actor)


def _steward_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human or not actor.holds("cab_chair", "change_manager"):
        yield role_blocker(actor, "the chair of the board or a change manager", "Ask one of them.")


def limits_blockers(actor: Actor, template: StandardTemplate) -> Iterator[Blocker]:
    """What is wrong with the limits of a proposal, and for whom it is not."""
    families = dict(AssetType.objects.values_list("code", "family"))
    yield from _code_blockers("families", template.families, set(families.values()), "family")
    yield from _code_blockers("asset_types", template.asset_types, families, "asset type")
    yield from _code_blockers("activity_types", template.activity_types, None, "type of step")
    if not template.families:
        yield bad_input("families", "It covers no family of assets.", "Name at least one.")
    if template.max_risk not in BANDS:
        yield bad_input("max_risk", f"{template.max_risk!r} is no band of risk.",
                        f"Choose one of {', '.join(BANDS)}.")  # fmt: skip
    if template.application is not None and not (
        actor.holds("technical_lead")
        or actor.holds("application_owner", scope=f"application:{template.application.code}")
    ):
        yield role_blocker(
            actor,
            f"the owner of {template.application.code} or a technical lead",
            "Propose it for your own application.",
        )


def _code_blockers(
    field: str, told: object, known: Collection[str] | None, what: str
) -> Iterator[Blocker]:
    if not isinstance(told, list) or not all(isinstance(code, str) for code in told):
        yield bad_input(field, "This is no list of codes.", 'Enter a list such as ["jcl"].')
        return
    for code in told:
        if known is not None and code not in known:
            yield bad_input(
                field, f"{code[:40]!r} is no {what}.", f"Name a {what} of the register."
            )
