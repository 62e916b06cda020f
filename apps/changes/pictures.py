"""The risk of a record as bars of points, and what differs from one moment to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.changes.domain.risk_score import LABELS
from apps.changes.models import RiskAssessment, RiskOverride


@dataclass(frozen=True, slots=True)
class Bar:
    """A term that counts: its points of the most it can have."""

    label: str
    points: float
    most: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """A term whose points are others at the last moment than at the one before."""

    label: str
    before: float
    after: float
    sentence: str


@dataclass(frozen=True, slots=True)
class RiskPicture:
    """`moments` are the latest assessment of each moment, the oldest first; the bars are those of
    the last one. `silent` are the terms without points. `override` is the score that two people
    agreed on, if they did."""

    moments: tuple[RiskAssessment, ...]
    bars: tuple[Bar, ...]
    silent: tuple[str, ...]
    changes: tuple[Change, ...]
    override: RiskOverride | None

    @property
    def latest(self) -> RiskAssessment:
        return self.moments[-1]


def risk_picture(
    assessments: Sequence[RiskAssessment], override: RiskOverride | None = None
) -> RiskPicture | None:
    """None where the risk was not reckoned yet. `assessments` come the oldest first."""
    if not assessments:
        return None
    by_moment: dict[str, RiskAssessment] = {}
    for assessment in assessments:
        by_moment.pop(assessment.moment, None)
        by_moment[assessment.moment] = assessment
    moments = tuple(by_moment.values())
    terms = moments[-1].terms
    counted = sorted((t for t in terms if t["points"] >= 0.05), key=lambda t: -t["points"])
    return RiskPicture(
        moments=moments,
        bars=tuple(Bar(LABELS[t["code"]], t["points"], t["most"], t["sentence"]) for t in counted),
        silent=tuple(LABELS[t["code"]].lower() for t in terms if t["points"] < 0.05),
        changes=tuple(_changes(moments)),
        override=override,
    )


def _changes(moments: Sequence[RiskAssessment]) -> list[Change]:
    if len(moments) < 2:
        return []
    before = {t["code"]: t["points"] for t in moments[-2].terms}
    return [
        Change(LABELS[t["code"]], before.get(t["code"], 0.0), t["points"], t["sentence"])
        for t in moments[-1].terms
        if abs(t["points"] - before.get(t["code"], 0.0)) >= 0.05
    ]
