"""The first risk rule: what the requester declares, never below what the content itself says."""

from __future__ import annotations

from dataclasses import dataclass

BANDS = ("low", "medium", "high", "critical")


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


def assess(facts: RiskInput) -> Risk:
    """The higher of the declared band and each floor."""
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
    band = max((floor for floor, _ in floors), key=BANDS.index)
    return Risk(band, tuple(sentence for _, sentence in floors))
