"""What a rule of completeness is, and how it tells what it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from apps.core.words import in_words
from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine
from apps.releases.domain.findings import Detected, Fix, Severity

#: More names than these are counted in a text; the finding holds all of them.
MOST_NAMES = 20


class Rule(Protocol):
    """One rule: where `condition` holds, `requirement` must; if not, `symptom` is what people
    see. `waivable_by` is who may let it pass.

    `find` yields one finding per trigger, with everything that is missing for it. What cannot be
    known from the facts is not found.
    """

    code: str
    title: str
    condition: str
    requirement: str
    severity: Severity
    symptom: str
    waivable_by: str

    def find(self, facts: Facts) -> Iterator[Detected]: ...


def finding(
    rule: Rule,
    facts: Facts,
    text: str,
    *,
    trigger: ScopeLine | None = None,
    missing: Sequence[AssetFacts] = (),
    lacks: Iterable[str] = (),
    fixes: Iterable[Fix | None] = (),
) -> Detected:
    """What `rule` found: about the package or change, and the asset that triggered it.

    `missing` are the assets, `lacks` the words for everything else that is not there.
    """
    assets = dict.fromkeys(
        [*([trigger.asset.id] if trigger else []), *(asset.id for asset in missing)]
    )
    changes = [trigger.change] if trigger else [change.id for change in facts.changes]
    return Detected(
        rule=rule.code,
        about=(facts.subject, str(trigger.asset.id)) if trigger else (facts.subject,),
        text=text,
        severity=rule.severity,
        assets=tuple(assets),
        packages=(facts.package,) if facts.package else (),
        changes=tuple(changes),
        fixes=tuple(fix for fix in fixes if fix is not None),
        facts={"missing": [*(asset.name for asset in missing), *lacks]},
    )


def listed(names: Iterable[str], last: str = "and") -> str:
    return in_words(names, MOST_NAMES, last)


def named(assets: Iterable[AssetFacts]) -> str:
    return listed(asset.name for asset in assets)


def capital(text: str) -> str:
    """The text with a capital at its beginning, and everything else as it is."""
    return text[:1].upper() + text[1:]


def add_assets(
    label: str, assets: Iterable[AssetFacts], change: UUID, action: str = "change"
) -> Fix | None:
    """Lines for the scope of `change`; None without assets."""
    rows = tuple(
        {"change": str(change), "asset": str(asset.id), "action": action} for asset in assets
    )
    return Fix("add_assets", label, rows) if rows else None
