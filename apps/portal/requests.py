"""Where one's own changes are: the way so far, the window, what is in the way, who can clear it,
and which promise to a customer is at risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.changes.domain import lifecycle as life
from apps.changes.domain.commitments import AtRisk, Commitment, commitments_at_risk
from apps.changes.domain.facts import ChangeFacts
from apps.changes.models import ChangeRequest, ContextLink
from apps.changes.policies import completeness_blockers
from apps.changes.selectors import (
    authorisation_blockers,
    changes_with_scope,
    facts_of,
    passed_tests,
)
from apps.console.page import Station, reached_by, route_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.gates.models import ReadinessItem
from apps.releases.models import Finding, PackageChange, ReleasePackage
from apps.releases.selectors import findings_with_rule
from apps.windows.models import ReleaseWindow

SHOWN = 50
#: What the business counts on: these may be at risk.
PROMISES = (ContextLink.Kind.CUSTOMER_COMMITMENT, ContextLink.Kind.REGULATORY)
#: States in which work on it goes on, so that approval no longer stands in its way.
RUNNING = (life.IMPLEMENTING, life.IMPLEMENTED, life.FAILED, life.BACKED_OUT)


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One change of the person. `at_risk` comes first on the page, `blockers` are told with who
    can clear them."""

    change: ChangeRequest
    url: str
    stations: Sequence[Station]
    package: ReleasePackage | None
    package_url: str
    window: ReleaseWindow | None
    blockers: tuple[Blocker, ...]
    at_risk: tuple[AtRisk, ...]

    @property
    def is_waiting(self) -> bool:
        """Work on it has not begun."""
        return self.change.state not in RUNNING


def own_requests(actor: Actor) -> list[OwnChange]:
    """Changes that the actor requested, wrote or owns and that are not done: those with a promise
    at risk first, then those that are blocked. A constant number of queries."""
    mine = Q(requester=actor.id) | Q(author=actor.id) | Q(owner=actor.id)
    changes = list(
        changes_with_scope()
        .select_related("standard_template")
        .filter(mine)
        .exclude(state__in=life.ENDED)
        .order_by("-changed_at")[:SHOWN]
    )
    around = _Around.of(changes)
    told = [around.tell(change) for change in changes]
    return sorted(told, key=lambda each: (not each.at_risk, not each.blockers))


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the changes, read at once."""

    facts: dict[UUID, ChangeFacts]
    packages: dict[UUID, ReleasePackage]
    gates: dict[str, list[ReadinessItem]]
    findings: dict[UUID, list[Finding]]
    tests: dict[str, set[str]]
    reached: dict[str, dict[str, datetime]]

    @classmethod
    def of(cls, changes: Sequence[ChangeRequest]) -> _Around:
        keys = [change.pk for change in changes]
        members = PackageChange.objects.filter(change__in=keys, is_open=True)
        packages = {
            member.change_id: member.package
            for member in members.select_related("package__window", "package__coordinator")
        }
        gates: dict[str, list[ReadinessItem]] = defaultdict(list)
        for item in ReadinessItem.objects.select_related("owner").filter(
            subject__in={package.subject for package in packages.values()},
            level=ReadinessItem.Level.HARD,
            state=ReadinessItem.State.NOT_MET,
        ):
            gates[item.subject].append(item)
        subjects = [change.subject for change in changes]
        return cls(
            facts=facts_of(keys),
            packages=packages,
            gates=gates,
            findings=_hard_findings(keys),
            tests=passed_tests(subjects),
            reached=reached_by(subjects),
        )

    def tell(self, change: ChangeRequest) -> OwnChange:
        package = self.packages.get(change.pk)
        window = package.window if package else None
        blockers = tuple({b.text: b for b in self._blockers(change, package, window)}.values())
        return OwnChange(
            change=change,
            url=reverse("admin:changes_changerequest_change", args=[change.pk]),
            stations=route_of(change, life.ROUTE, (), self.reached[change.subject]),
            package=package,
            package_url=reverse("admin:releases_releasepackage_change", args=[package.pk])
            if package
            else "",
            window=window,
            blockers=blockers,
            at_risk=_at_risk(change, window, _held_up(change, blockers)),
        )

    def _blockers(
        self, change: ChangeRequest, package: ReleasePackage | None, window: ReleaseWindow | None
    ) -> Iterator[Blocker]:
        """What the doors would say now: to submit a draft, to let anything else go live, and the
        gates of its package as they were asked last."""
        if change.state in RUNNING:
            return
        facts = self.facts[change.pk]
        if change.state == life.DRAFT:
            yield from completeness_blockers(change, has_tests=change.subject in self.tests)
        else:
            yield from authorisation_blockers(facts, window.closes_at if window else clock.now())
        if change.state == life.APPROVED and package is None:
            yield Blocker(
                "no_package", "It is in no package yet, so it has no window.",
                "Ask for a place in a package.", "release coordinator",
            )  # fmt: skip
        for finding in self.findings.get(change.pk, ()):
            yield Blocker(
                finding.rule.code, finding.text, _fix_of(finding), str(finding.owner or "its owner")
            )
        if package is not None:
            for item in self.gates.get(package.subject, ()):
                yield from _gate_blockers(package, item, but=change)


def _hard_findings(keys: Iterable[UUID]) -> dict[UUID, list[Finding]]:
    """Open hard findings by change; two queries."""
    links = Finding.changes.through.objects.filter(changerequest__in=list(keys))
    pairs = list(links.values_list("changerequest_id", "finding_id"))
    rows = findings_with_rule().filter(severity="hard", state="open")
    known = rows.in_bulk([finding for _, finding in pairs])
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for change, finding in pairs:
        if finding in known:
            found[change].append(known[finding])
    return found


def _fix_of(finding: Finding) -> str:
    return finding.fixes[0]["label"] if finding.fixes else "Remove the cause."


def _gate_blockers(
    package: ReleasePackage, item: ReadinessItem, *, but: ChangeRequest
) -> Iterator[Blocker]:
    """What the gate found, without what it says of the approval of `but`, which is told already."""
    for told in item.findings or ({"text": item.detail},):
        if item.gate == "G01" and told["text"].startswith(but.code):
            continue
        yield Blocker(
            item.gate,
            f"{package.code}, {item.gate}: {told['text']}",
            told.get("fix", ""),
            told.get("who", "") or str(item.owner or package.coordinator),
        )


def _held_up(change: ChangeRequest, blockers: Sequence[Blocker]) -> str:
    if change.state in (life.FAILED, life.BACKED_OUT):
        return "not delivered"
    return "blocked" if blockers else ""


def _at_risk(
    change: ChangeRequest, window: ReleaseWindow | None, held_up: str
) -> tuple[AtRisk, ...]:
    if change.state == life.IMPLEMENTED:
        return ()
    promises = [
        Commitment(link.ref, link.due_on) for link in change.links.all() if link.kind in PROMISES
    ]
    planned_on = None
    if window is not None:
        planned_on = window.opens_at.astimezone(ZoneInfo(window.zone)).date()
    today = timezone.localdate(clock.now())
    return tuple(commitments_at_risk(promises, planned_on, today, held_up=held_up))
