"""What the rules found in the story, and what people did about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from django.db.models import Count, Q

from apps.portal.demo.stage import Scene, acting, moment, read
from apps.releases.models import Finding
from apps.releases.services import evaluation, findings

SERVICES = {
    "acknowledge": findings.acknowledge_finding,
    "resolve": findings.resolve_finding,
}


def scenes() -> Iterator[Scene]:
    told = read("findings.yaml")
    for at in told["evaluated"]:
        yield Scene(moment(at), evaluation.evaluate_portfolio, order=9)
    for at, username, does, rule, packages, words in told["said"]:
        yield Scene(moment(at), partial(_say, does, username, rule, packages, words))


def finding_between(rule: str, packages: Sequence[str]) -> Finding:
    """The finding of `rule` that concerns exactly these packages."""
    codes = Q(packages__code__in=packages)
    rows = Finding.objects.filter(rule__code=rule).annotate(
        all_packages=Count("packages", distinct=True),
        named=Count("packages", filter=codes, distinct=True),
    )
    return rows.get(all_packages=len(packages), named=len(packages))


def _say(does: str, username: str, rule: str, packages: Sequence[str], words: str) -> None:
    finding = finding_between(rule, packages)
    SERVICES[does](
        pk=finding.pk, actor=acting(username), expected_seq=finding.evidence_seq, comment=words
    )
