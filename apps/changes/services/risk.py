"""Reckon the risk of a change, keep what was found, and let two people know better."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import fingerprint
from apps.changes.domain.risk import (
    BANDS,
    Risk,
    RiskInput,
    Scored,
    assess,
    evidence_gap,
)
from apps.changes.domain.risk_score import (
    TIMING,
    AssetPast,
    Reached,
    RiskFacts,
    band_of,
    score,
)
from apps.changes.models import (
    ChangeAsset,
    ChangeRequest,
    RiskAssessment,
    RiskOverride,
    RiskWeights,
)
from apps.changes.selectors import (
    Night,
    agreed_score,
    expected_night,
    passed_tests,
    risk_weights,
    scopes_of,
    work_of,
)
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import tidy
from apps.evidence.models import GovernedModel
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created, record_many_created
from apps.evidence.services.register import edit_in_register, model_blockers, register_roles
from apps.inventory.selectors.impact import impact_of
from apps.windows.domain.calendar import Work
from apps.windows.selectors import surroundings

Moment = RiskAssessment.Moment
EDITION = "2026"
#: Who may hold another score to be right, and who may agree.
JUDGES = ("release_manager", "change_manager")
DORMANT_DAYS, HOT_DAYS = 730, 14
#: What of Db2 is altered by DDL, whose way back is another DDL and a reload.
DDL_TYPES = ("db2_table", "db2_tablespace", "db2_index")

keep_weights_blockers = register_roles("change_manager", "site_admin")


def _edit_weights_blockers(actor: Actor, weights: GovernedModel) -> Iterator[Blocker]:
    yield from keep_weights_blockers(actor, weights)
    yield from step_up_blockers(actor)


edit_weights = partial(edit_in_register, RiskWeights, check=_edit_weights_blockers)


def ensure_weights(**_: Any) -> None:
    """Enter the weights as delivered where there are none yet. Idempotent."""
    if RiskWeights._meta.db_table not in connection.introspection.table_names():
        return
    if RiskWeights.objects.filter(edition=EDITION).exists():
        return
    with transaction.atomic():
        record_many_created(
            [RiskWeights(edition=EDITION)], actor=system_actor("set-up"),
            event=events.WEIGHTS_ENTERED, at=clock.DELIVERED_AT,
        )  # fmt: skip


# What the score looks at.


def scope_facts(lines: Sequence[ChangeAsset], at: datetime, **more: Any) -> RiskFacts:
    """The facts that follow from a scope that is activated at the moment `at`; `more` are those
    that do not, by their names in RiskFacts. What is new has no past and is not dormant."""
    assets = {line.asset_id: line.asset for line in lines}
    new = {line.asset_id for line in lines if line.action == ChangeAsset.Action.NEW}
    now, impact = clock.now(), impact_of(assets, at)
    ages = {
        pk: (now - asset.last_changed_at).days if asset.last_changed_at else None
        for pk, asset in assets.items()
    }
    dormant = [
        pk for pk, age in ages.items()
        if pk not in new and (age is None or age > DORMANT_DAYS) and not assets[pk].change_count
    ]  # fmt: skip
    return RiskFacts(
        assets=tuple(
            AssetPast(asset.name, asset.type_id, asset.change_count, asset.bad_outcome_count)
            for asset in sorted(assets.values(), key=lambda each: (each.name, each.pk))
        ),
        reached=tuple(
            Reached(
                impact.assets[hit.asset].name.removeprefix("SVC:"),
                impact.assets[hit.asset].tier,
                hit.weight,
            )
            for hit in impact.services
        ),
        dormant=len(dormant),
        hot=sum(age is not None and age <= HOT_DAYS for age in ages.values()),
        **more,
    )


def _work_of(change: ChangeRequest, lines: Iterable[ChangeAsset], night: Night) -> Work:
    owners = {line.asset.application.code for line in lines if line.asset.application}
    return work_of(change, {line.asset.type.family for line in lines}, owners, night.site)


def teams_of(lines: Iterable[ChangeAsset]) -> set[UUID]:
    """Who keeps the assets: their own team, or that of their application."""
    found = (
        line.asset.owner_team_id
        or (line.asset.application.technical_owner_id if line.asset.application else None)
        for line in lines
    )
    return {team for team in found if team is not None}


def is_hard_to_reverse(lines: Iterable[ChangeAsset]) -> bool:
    """Data is converted, or a Db2 object is altered."""
    return any(
        line.action == ChangeAsset.Action.CONVERT
        or (line.asset.type_id in DDL_TYPES and line.action != ChangeAsset.Action.REBIND_ONLY)
        for line in lines
    )


def timing_of(works: Collection[Work], night: Night) -> float:
    """How far the night in which `works` go live is one in which things go wrong; 0 to 1."""
    around = surroundings(night.starts_at, night.ends_at, night.site)
    zone = ZoneInfo(settings.INTERLOCK_ZONE)
    share, _ = TIMING[around.near(night.starts_at, night.ends_at, zone, works)]
    return share


# Reckon and keep.


def assess_risk(change: ChangeRequest, lines: Sequence[ChangeAsset]) -> RiskAssessment | None:
    """Set the band of a change and the reasons for it; the caller saves both.

    A draft has its floors only, from `lines`, which need not be saved yet. Once it was submitted
    it is scored by its saved scope; that assessment is returned, not saved yet.
    """
    if change.state == life.DRAFT:
        risk = _assess(change, lines)
        change.risk_band, change.risk_reasons = risk.band, list(risk.reasons)
        return None
    return _take(change, reckon(change, Moment.SUBMIT))


def score_risk(change: ChangeRequest) -> None:
    """Set the band that people are asked to sign, and keep how it was reckoned."""
    _take(change, reckon(change, Moment.SUBMIT)).save(force_insert=True)


def _take(change: ChangeRequest, assessment: RiskAssessment) -> RiskAssessment:
    change.risk_band, change.risk_reasons = assessment.band, assessment.reasons
    return assessment


def reckon(change: ChangeRequest, moment: str) -> RiskAssessment:
    """The assessment of the change by its saved scope, not saved yet."""
    lines = scopes_of([change.pk])[change.pk]
    night = expected_night(change)
    facts = scope_facts(
        lines,
        night.starts_at,
        timing=timing_of([_work_of(change, lines, night)], night),
        teams=len(teams_of(lines)),
        reversibility=float(change.irreversible or is_hard_to_reverse(lines)),
        evidence_gap=evidence_gap(
            _assess(change, lines).band, passed_tests([change.subject])[change.subject]
        ),
    )
    override = agreed_score(change)
    scored = Scored(band_of(override.points), by_hand=True) if override else None
    return assessment_of(
        change.subject, moment, facts, lambda band: _assess(change, lines, scored or Scored(band))
    )


def assessment_of(
    about: str, moment: str, facts: RiskFacts, judge: Callable[[str], Risk]
) -> RiskAssessment:
    """An assessment, not saved yet. `judge` makes the risk of the band of the score."""
    found = score(facts, risk_weights())
    risk = judge(found.band)
    return RiskAssessment(
        about=about,
        moment=moment,
        points=found.points,
        score_band=found.band,
        band=risk.band,
        reasons=list(risk.reasons),
        terms=[asdict(term) for term in found.terms],
        inputs=asdict(facts),
        weights_version=found.version,
        at=clock.now(),
    )


def keep_risk(change: ChangeRequest, moment: str) -> RiskAssessment:
    """Inner: keep the risk as it is now beside what was signed; the change stays as it is."""
    assessment = reckon(change, moment)
    assessment.save(force_insert=True)
    return assessment


def _assess(
    change: ChangeRequest, lines: Sequence[ChangeAsset], scored: Scored | None = None
) -> Risk:
    return assess(
        RiskInput(
            declared=change.declared_risk or "low",
            tier=change.application.criticality,
            asset_count=len(lines),
            families=frozenset(line.asset.type.family for line in lines),
            irreversible=change.irreversible,
            converts_data=any(line.action == ChangeAsset.Action.CONVERT for line in lines),
        ),
        scored,
    )


# A score that is set by hand.


def judge_blockers(actor: Actor, *_: Any) -> Iterator[Blocker]:
    """Who may propose another score at all."""
    if not actor.is_human or not actor.holds(*JUDGES):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} is neither release manager nor change manager.",
            "Ask one of them to propose it.",
            "release manager or change manager",
            kind="permission",
        )


def propose_blockers(change: ChangeRequest, points: Any) -> Iterator[Blocker]:
    """Why this score cannot be proposed for this change."""
    if change.state != life.DRAFT:
        yield Blocker(
            "wrong_state",
            f"{change.code} was submitted with its score: people sign what they saw.",
            "Return it to its requester first.",
            "an approver or a change manager",
            kind="state",
        )
    if RiskOverride.objects.filter(change=change, state=life.PROPOSED).exists():
        yield Blocker(
            "proposed_already", "Another score is proposed already.",
            "Decide that one first.", "release manager or change manager", kind="state",
        )  # fmt: skip
    floor = _assess(change, scopes_of([change.pk])[change.pk])
    if isinstance(points, int) and BANDS.index(band_of(points)) < BANDS.index(floor.band):
        yield bad_input(
            "points",
            f"{points} points are {band_of(points)} risk, and {change.code} is at least "
            f"{floor.band}: {' '.join(floor.reasons)}",
            "Enter a score of that band or higher.",
            "below_floor",
        )


@door("risk_override")
def propose_score(*, actor: Actor, values: Mapping[str, Any]) -> RiskOverride:
    """Hold that the score of a draft is another; a second person has to agree.

    `values`: change, points (0 to 100), reason. Refused below what the content itself says.
    """
    refuse_if_any(judge_blockers(actor))
    override = RiskOverride(
        change=values.get("change"),
        points=values.get("points"),  # type: ignore[misc]
        reason=tidy(values.get("reason") or ""),
        proposed_by_id=actor.user_id,
    )
    refuse_if_any(model_blockers(override))
    change = lock(ChangeRequest.objects.select_related("application"), override.change_id)
    refuse_if_any(propose_blockers(change, override.points))
    override.content_digest = fingerprint(change.own_content())
    override.reckoned_points = reckon(change, Moment.MANUAL).points
    return record_created(override, actor=actor, event=events.SCORE_PROPOSED, about=change.subject)


def decide_blockers(actor: Actor, override: RiskOverride) -> Iterator[Blocker]:
    """Why the actor may not agree to a proposed score, or turn it down."""
    if override.state != life.PROPOSED:
        yield Blocker(
            "wrong_state", f"It is {override.get_state_display().lower()} already.",
            "Nothing to do.", "nobody", kind="state",
        )  # fmt: skip
    yield from judge_blockers(actor)
    change = override.change
    parts = {
        override.proposed_by_id: "proposed it",
        change.requester_id: "requested the change",
        change.author_id: "wrote the change",
    }
    if actor.id in parts:
        yield Blocker(
            "separation_of_duties",
            f"You {parts[actor.id]}; somebody independent decides.",
            "Ask another release manager or change manager.",
            "another release manager or change manager",
            kind="permission",
        )


def confirm_blockers(actor: Actor, override: RiskOverride) -> Iterator[Blocker]:
    yield from decide_blockers(actor, override)
    change = override.change
    own = fingerprint(change.own_content())
    if change.state != life.DRAFT or own != override.content_digest:
        yield Blocker(
            "other_content",
            f"{change.code} is not what the score was proposed for any more.",
            "Turn it down, and propose a score for the content as it is.",
            "release manager or change manager",
        )


@door("risk_override")
def confirm_score(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> RiskOverride:
    """Agree: the score counts for the content as it is, beside the one that was reckoned."""
    override: RiskOverride = lock(_overrides(), pk, expected_seq=expected_seq)
    refuse_if_any([*confirm_blockers(actor, override), *step_up_blockers(actor)])
    override.confirm()
    _decide(override, actor, events.SCORE_CONFIRMED, comment)
    keep_risk(override.change, Moment.MANUAL)
    return override


@door("risk_override")
def refuse_score(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> RiskOverride:
    """Turn it down: the reckoned score stays."""
    override = lock(_overrides(), pk, expected_seq=expected_seq)
    refuse_if_any([*decide_blockers(actor, override), *step_up_blockers(actor)])
    override.refuse()
    return _decide(override, actor, events.SCORE_REFUSED, comment)


def _decide(override: RiskOverride, actor: Actor, event: Any, comment: str) -> RiskOverride:
    override.decided_by_id, override.decided_at = actor.user_id, clock.now()
    return record(
        override, actor=actor, event=event, comment=comment, about=override.change.subject,
        content_digest=override.content_digest,
    )  # fmt: skip


def _overrides() -> Any:
    return RiskOverride.objects.select_related("change__application", "proposed_by", "decided_by")
