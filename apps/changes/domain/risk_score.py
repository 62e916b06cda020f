"""The risk of a change or of a package as points that each explain themselves.

The score is a sum of terms, each bounded, so that a reader can say where every point comes from.
History: p = (bad + κ·q) / (changes + κ) for each asset, with the base rate q of its type, counted
over 730 days; together 1 - Π(1 - p)^λ, with λ below one because failures of one release are not
independent of each other. Every change of the 730 days counts alike and does not fade with its
age: an opening balance knows no days, and a reader can check "3 of 9" but no sum of fading shares.
The other terms are shares of their most points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log2, prod

from apps.windows.domain.near import Near

BANDS: tuple[tuple[float, str], ...] = (
    (25, "low"),
    (50, "medium"),
    (75, "high"),
    (float("inf"), "critical"),
)

#: The terms of the score in the order of the formula, with the words of a picture.
TERMS: dict[str, str] = {
    "history": "History",
    "size": "Size",
    "complexity": "Complexity",
    "blast": "Blast radius",
    "dormant": "Dormant assets",
    "hot": "Hot assets",
    "timing": "Timing",
    "reversibility": "Way back",
    "evidence": "Test evidence",
    "late_scope": "Late scope",
    "delays": "Delays",
}
#: Beside them what only some records have, by a rule and not by a weight.
LABELS: dict[str, str] = {**TERMS, "waivers": "Waivers"}
#: What waivers beyond the limits of a package add.
WAIVERS_BEYOND = 10.0
#: The share of the timing term for what a night is near to, from the heaviest on, in words.
TIMING: dict[Near, tuple[float, str]] = {
    "period_end": (1.0, "Its night lies at the end of a month, a quarter or the year."),
    "shoulder": (0.6, "Its night lies at the edge of a freeze."),
    "after_freeze": (0.5, "It is the first window after a freeze."),
    "holiday": (0.3, "Its night is a holiday: few people are there."),
    "": (0.0, "An ordinary night."),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Most points of each term, and the constants of the formula. `version` is kept with every
    score, so that an old score can be computed again."""

    version: str = "2026.1"
    history: float = 35
    size: float = 10
    complexity: float = 10
    blast: float = 15
    dormant: float = 5
    hot: float = 5
    timing: float = 10
    reversibility: float = 10
    evidence: float = 10
    late_scope: float = 5
    delays: float = 5
    kappa: float = 6
    correlation: float = 0.35
    other_type: float = 0.05
    base_rates: Mapping[str, float] = field(
        default_factory=lambda: {
            "program_batch": 0.04,
            "program_cics": 0.05,
            "copybook": 0.08,
            "vsam": 0.12,
            "dataset": 0.06,
            "gdg": 0.04,
            "db2_table": 0.10,
            "db2_package": 0.06,
            "db2_dbrm": 0.03,
            "job": 0.05,
            "proc": 0.06,
            "control_card": 0.06,
            "scheduler_entry": 0.06,
            "ims_dbd": 0.12,
            "ims_psb": 0.08,
            "mq_queue": 0.05,
            "interface": 0.10,
            "cics_transaction": 0.03,
            "cics_mapset": 0.04,
            "loadlib": 0.05,
            "report": 0.03,
        }
    )
    tiers: Mapping[str, float] = field(
        default_factory=lambda: {"tier0": 1.0, "tier1": 0.6, "tier2": 0.3, "tier3": 0.1}
    )


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class AssetPast:
    """An asset of the scope: how often it was changed in 730 days, and how often that went badly
    (failed, backed out, or an incident within 72 hours)."""

    name: str
    type: str
    changes: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """A business service that the scope reaches, and how strongly (0 to 1)."""

    name: str
    tier: str
    weight: float


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What is known. Shares run from 0 to 1: `timing` as `TIMING` says, `reversibility` 1
    where data is converted or a step cannot be undone, `evidence_gap` the share of mandatory
    evidence that is missing or waived. Dormant assets were not changed for 730 days, hot ones
    within 14. `waivers_beyond`: more gates are waived than a package may have; only then that
    is a term."""

    assets: tuple[AssetPast, ...]
    teams: int = 1
    reached: tuple[Reached, ...] = ()
    dormant: int = 0
    hot: int = 0
    timing: float = 0.0
    reversibility: float = 0.0
    evidence_gap: float = 0.0
    late_scope: bool = False
    delays: int = 0
    waivers_beyond: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """Some of the points, with the sentence that says why."""

    code: str
    points: float
    most: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Score:
    points: float
    band: str
    terms: tuple[Term, ...]
    version: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """The terms that count, the heaviest first, each with its points."""
        ranked = sorted(self.terms, key=lambda term: -term.points)
        return tuple(f"{term.points:.1f} points: {term.sentence}" for term in ranked if term.points)


def band_of(points: float) -> str:
    return next(band for limit, band in BANDS if points < limit)


def score(facts: RiskFacts, weights: Weights = WEIGHTS) -> Score:
    """The points, at most 100, with every term, those without points too."""
    terms = tuple(_terms(facts, weights))
    points = min(100.0, sum(term.points for term in terms))
    return Score(points, band_of(points), terms, weights.version)


def bad_rate(asset: AssetPast, weights: Weights = WEIGHTS) -> float:
    """How likely a change of this asset goes badly, its type's base rate smoothed in."""
    base = weights.base_rates.get(asset.type, weights.other_type)
    return (asset.bad + weights.kappa * base) / (asset.changes + weights.kappa)


def _terms(facts: RiskFacts, weights: Weights) -> Iterator[Term]:
    count = len(facts.assets)
    yield _history(facts.assets, weights)
    yield Term(
        "size",
        weights.size * min(1.0, log2(1 + count) / 6),
        weights.size,
        f"It touches {_many(count, 'asset')}.",
    )
    types = len({asset.type for asset in facts.assets})
    spread = max(0, types - 1) / 10 + max(0, facts.teams - 1) / 10
    yield Term(
        "complexity",
        weights.complexity * min(1.0, spread),
        weights.complexity,
        f"{_many(types, 'type')} of assets and {_many(facts.teams, 'team')} work together.",
    )
    yield _blast(facts.reached, weights)
    yield _share("dormant", facts.dormant, count, weights.dormant, "not changed for two years")
    yield _share("hot", facts.hot, count, weights.hot, "changed within the last two weeks")
    yield from _circumstances(facts, weights)


def _circumstances(facts: RiskFacts, weights: Weights) -> Iterator[Term]:
    yield Term(
        "timing",
        weights.timing * facts.timing,
        weights.timing,
        next(words for share, words in TIMING.values() if facts.timing >= share),
    )
    yield Term(
        "reversibility",
        weights.reversibility * min(1.0, facts.reversibility),
        weights.reversibility,
        "Data is converted, or a part cannot be undone."
        if facts.reversibility >= 1
        else f"The way back takes {facts.reversibility:.0%} of the time there is.",
    )
    yield Term(
        "evidence",
        weights.evidence * min(1.0, facts.evidence_gap),
        weights.evidence,
        f"{facts.evidence_gap:.0%} of the mandatory test evidence is missing or waived.",
    )
    yield Term(
        "late_scope",
        weights.late_scope if facts.late_scope else 0.0,
        weights.late_scope,
        "Scope was added after the lock." if facts.late_scope else "Its scope was there in time.",
    )
    yield Term(
        "delays",
        weights.delays * min(1.0, facts.delays / 3),
        weights.delays,
        f"It was delayed {_many(facts.delays, 'time')}.",
    )
    if facts.waivers_beyond:
        yield Term(
            "waivers",
            WAIVERS_BEYOND,
            WAIVERS_BEYOND,
            "More of its gates are waived than a package may have without the chair.",
        )


def _history(assets: Iterable[AssetPast], weights: Weights) -> Term:
    known = list(assets)
    healthy = prod(1 - bad_rate(asset, weights) for asset in known)
    points = weights.history * (1 - healthy**weights.correlation)
    worst = max(known, key=lambda asset: (asset.bad, asset.name), default=None)
    if worst is None or not worst.bad:
        sentence = "No change of its assets went badly in two years."
    else:
        others = sum(1 for asset in known if asset.bad) - 1
        changes = _many(worst.changes, "change")
        sentence = f"{worst.name} went badly in {worst.bad} of {changes} in two years"
        sentence += f", and {_many(others, 'other asset')} at least once." if others else "."
    return Term("history", points, weights.history, sentence)


def _blast(reached: Iterable[Reached], weights: Weights) -> Term:
    known = sorted(reached, key=lambda each: (each.tier, each.name))
    total = sum(weights.tiers.get(each.tier, 0.0) * each.weight for each in known)
    names = ", ".join(each.name for each in known)
    return Term(
        "blast",
        weights.blast * min(1.0, total / 2),
        weights.blast,
        f"It reaches {names}." if known else "It reaches no business service.",
    )


def _share(code: str, part: int, whole: int, most: float, what: str) -> Term:
    share = part / whole if whole else 0.0
    return Term(code, most * share, most, f"{_many(part, 'asset')} of {whole} {what}.")


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
