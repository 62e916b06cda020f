"""Watch over packages before their night. Each run may come twice and has one effect."""

from __future__ import annotations

from apps.core.actor import system_actor
from apps.core.errors import Refused
from apps.gates.domain.evaluation import hard_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.services.package import regress
from apps.releases.services.readiness import evaluate, refresh_readiness

#: The cause that is recorded names this many findings.
CAUSES_TOLD = 5


def refresh_open_packages() -> int:
    """Ask the gates of every package that is planned or ready; how many were asked."""
    keys = list(
        ReleasePackage.objects.filter(state__in=[life.PLANNED, life.READY]).values_list(
            "pk", flat=True
        )
    )
    refresh_readiness(keys)
    return len(keys)


def regress_unready() -> list[str]:
    """Take ready packages whose hard gate turned false back to planned, with the cause."""
    rows = ReleasePackage.objects.filter(state=life.READY)
    regressed = []
    for package in rows.select_related("window", "owner", "coordinator").order_by("code"):
        reasons = [blocker.text for blocker in hard_blockers(evaluate(package))]
        if not reasons:
            continue
        try:
            regress(
                pk=package.pk,
                actor=system_actor("readiness"),
                expected_seq=package.evidence_seq,
                comment=" ".join(reasons[:CAUSES_TOLD]),
            )
        except Refused:
            # Somebody moved the package meanwhile; the next run sees it as it is then.
            continue
        regressed.append(package.code)
    return regressed
