"""Watch over packages before their night. Each run may come twice and has one effect."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db.models import QuerySet

from apps.changes.models import ChangeRequest
from apps.changes.services import execution
from apps.core.actor import system_actor
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from apps.gates.domain.evaluation import hard_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.services.execution_seal import SEALED, seal_plans_of
from apps.releases.services.package import regress
from apps.releases.services.readiness import evaluate, refresh_readiness
from apps.releases.services.rows import lock_rows
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import CalendarRule, ReleaseWindow

logger = logging.getLogger(__name__)

#: The cause that is recorded names this many findings.
CAUSES_TOLD = 5


#: States in which a package waits for its night, or is in it.
ASKED = (life.PLANNED, life.READY, *life.LIVE)


def refresh_open_packages() -> int:
    """Ask the gates of every package that waits for its night or is in it; how many were asked."""
    return _refresh(ReleasePackage.objects.filter(state__in=ASKED))


def refresh_live_packages() -> int:
    """The same of the packages whose window is in progress."""
    rows = ReleasePackage.objects.filter(state__in=ASKED)
    return _refresh(rows.filter(window__state=window_life.IN_PROGRESS))


def _refresh(rows: QuerySet[ReleasePackage]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    refresh_readiness(keys)
    return len(keys)


def regress_unready() -> list[str]:
    """Take ready packages whose hard gate turned false back to planned, with the cause."""
    rows = ReleasePackage.objects.filter(state=life.READY)
    regressed = []
    for package in rows.select_related("window", "owner", "coordinator").order_by("code"):
        results = evaluate(package, moment="ready")
        reasons = [blocker.text for blocker in hard_blockers(results)]
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


def follow_change(entry: EvidenceEntry) -> None:
    """The outbox consumer "releases": a change was decided on, held or edited.

    Its package is asked again, and a change that is approved again takes its place in the
    schedule. Nothing rests on this delay: the moves ask the gates themselves.
    """
    key = UUID(entry.subject.partition(":")[2])
    package = (
        ReleasePackage.objects.select_for_update(of=("self",))
        .select_related("window")
        .filter(members__change=key, members__is_open=True, state__in=[life.PLANNED, life.READY])
        .first()
    )
    if package is None:
        return
    if ChangeRequest.objects.filter(pk=key, state="approved").exists():
        try:
            execution.schedule(
                change_ids=[key],
                actor=system_actor("releases"),
                package=package.subject,
                valid_through=package.window.closes_at if package.window else None,
            )
        except Refused as refusal:
            # Its approval ends before the window does; gate G01 says so to people as well.
            logger.info("%s was not scheduled: %s", entry.subject, refusal)
    refresh_readiness([package.pk])


def follow_window(entry: EvidenceEntry) -> None:
    """The outbox consumer "seals": the time of a window is another, or the calendar around it, and
    with it what its packages hand in. Safety does not rest on this delay: `confirm_ready` hands in
    again. But what it asks people anew is gone with its refusal; it is asked here."""
    kind, _, key = entry.subject.partition(":")
    if kind == ReleaseWindow.SUBJECT:
        keys, why = [UUID(key)], "The window was edited."
    elif kind == CalendarRule.SUBJECT:
        sealed = ReleasePackage.objects.filter(state__in=SEALED, window__isnull=False)
        keys, why = (
            list(sealed.values_list("window", flat=True).distinct()),
            "The calendar changed.",
        )
    else:
        return
    for window in lock_rows(ReleaseWindow, keys):
        seal_plans_of(window, system_actor("releases"), why)
