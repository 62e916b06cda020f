"""What the rules found about a package, for the gates: as it was found last, or anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from apps.gates.domain.facts import FindingFacts
from apps.releases.domain import lifecycle as life
from apps.releases.domain.findings import Detected
from apps.releases.models import Finding, ReleasePackage, Rule
from apps.releases.policies.package_facts import turn_of
from apps.releases.services.conflicts import BY_IMPACT
from apps.releases.services.detection import Asked, detect

#: Rules of which every package may give way, not only the one that comes last.
NOBODY_FIRST = ("K08",)
NOBODY_YET = "release coordinator"
#: In a rule: what it finds is never waived.
NOBODY = ("", "nobody")


def found_last(package: ReleasePackage) -> Iterator[FindingFacts]:
    """What nobody has settled; three queries."""
    for found in _rows(package).filter(state__in=life.LIVE_FINDING):
        yield _kept(package, found)


def found_anew(package: ReleasePackage) -> Iterator[FindingFacts]:
    """The same as the rules find it at this moment. Nothing is stored.

    What people settled stays settled while it is found. Rules that follow what packages hit, which
    takes longer than a move should wait, are not asked: what they found last is told.
    """
    answer = detect(Asked(packages=frozenset({package.pk})), impact=False)
    known = {found.key: found for found in _rows(package)}
    told = [found for found in answer.found.values() if package.pk in found.packages]
    packages = ReleasePackage.objects.select_related("window").in_bulk(
        {key for found in told for key in found.packages}
    )
    for found in sorted(told, key=lambda each: (each.rule, each.key)):
        before = known.get(found.key)
        is_settled = before is not None and before.is_detected and not before.is_live
        if not is_settled:
            concerned = [packages[key] for key in found.packages]
            yield _new(package, found, before, answer.rules[found.rule], concerned)
    for before in known.values():
        if before.is_live and before.rule.code in BY_IMPACT:
            yield _kept(package, before)


def _rows(package: ReleasePackage) -> QuerySet[Finding]:
    rows = Finding.objects.filter(packages=package).select_related("rule", "owner")
    rows = rows.prefetch_related("packages__window")
    return rows.order_by("rule__code", "first_detected_at", "pk")


def _kept(package: ReleasePackage, found: Finding) -> FindingFacts:
    return FindingFacts(
        rule=found.rule.code,
        kind=found.rule.kind,
        severity=found.severity,
        text=found.text,
        who=str(found.owner or NOBODY_YET),
        acknowledged=found.state == life.ACKNOWLEDGED,
        gives_way=_gives_way(package, found.rule, found.packages.all()),
        key=found.key,
        never=_never(found.rule),
        cause=str(found.facts.get("cause", "")),
    )


def _new(
    package: ReleasePackage,
    found: Detected,
    before: Finding | None,
    rule: Rule,
    concerned: Iterable[ReleasePackage],
) -> FindingFacts:
    return FindingFacts(
        rule=rule.code,
        kind=rule.kind,
        severity=found.severity,
        text=found.text,
        who=str((before and before.owner) or NOBODY_YET),
        acknowledged=before is not None and before.state == life.ACKNOWLEDGED,
        gives_way=_gives_way(package, rule, concerned),
        key=found.key,
        never=_never(rule),
        cause=str(found.facts.get("cause", "")),
    )


def _never(rule: Rule) -> str:
    return "its rule names nobody who may" if rule.waivable_by in NOBODY else ""


def _gives_way(package: ReleasePackage, rule: Rule, packages: Iterable[ReleasePackage]) -> bool:
    """In a conflict the package that comes last has to change; in a cycle every one may."""
    if rule.kind != Rule.Kind.CONFLICT or rule.code in NOBODY_FIRST:
        return True
    return max(packages, key=turn_of).pk == package.pk
