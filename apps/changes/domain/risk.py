"""The band of risk: never below what the requester declares, what the content itself says, and
what the score says. And the fact of the score that follows from the tests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

BANDS = ("low", "medium", "high", "critical")

#: Kinds of test that each band needs, from domain practice: the higher, the more of them.
TESTS_OF_BAND: dict[str, tuple[str, ...]] = {
    "low": (),
    "medium": ("unit", "sit"),
    "high": ("unit", "sit", "uat"),
    "critical": ("unit", "sit", "uat", "regression"),
}


@dataclass(frozen=True, slots=True)
class RiskInput:
    declared: str
    tier: str
    asset_count: int
    families: frozenset[str]
    irreversible: bool
    converts_data: bool


@dataclass(frozen=True, slots=True)
class Risk:
    """The band, and one sentence for everything that lifted it."""

    band: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """The band that a score lies in, and whether two people set it by hand."""

    band: str
    by_hand: bool = False

    @property
    def sentence(self) -> str:
        how = "Two people set its score to" if self.by_hand else "Its score says"
        return f"{how} {self.band} risk."


def assess(facts: RiskInput, scored: Scored | None = None) -> Risk:
    """The higher of the declared band, each floor, and the score where there is one."""
    floors = [(facts.declared, f"The requester declares {facts.declared} risk.")]
    if facts.converts_data:
        floors.append(("high", "It converts data: the way back is a restore."))
    if facts.irreversible:
        floors.append(("high", "A part of it cannot be undone."))
    if "ims" in facts.families:
        floors.append(("medium", "It changes an IMS structure, which needs an online change."))
    if "db2" in facts.families:
        floors.append(("medium", "It changes a Db2 object, which invalidates packages."))
    if facts.tier == "tier0":
        floors.append(("medium", "The application is of the highest criticality (tier 0)."))
    if facts.asset_count > 10:
        floors.append(("medium", f"It touches {facts.asset_count} assets."))
    if scored is not None:
        floors.append((scored.band, scored.sentence))
    band = max((floor for floor, _ in floors), key=BANDS.index)
    return Risk(band, tuple(sentence for _, sentence in floors))


def evidence_gap(band: str, passed: Collection[str]) -> float:
    """The share of the kinds of test that `band` needs and that nobody `passed`; 0 to 1."""
    needed = TESTS_OF_BAND[band]
    return len(set(needed) - set(passed)) / len(needed) if needed else 0.0
