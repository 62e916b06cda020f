"""Where one's own changes are: the way so far, the window, what is in the way, who can clear it,
and which promise to a customer is at risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.changes.domain import lifecycle as life
from apps.changes.domain.commitments import AtRisk, Commitment, commitments_at_risk
from apps.changes.domain.debt import Debt
from apps.changes.domain.facts import ChangeFacts
from apps.changes.models import ChangeRequest, ContextLink
from apps.changes.policies import (
    completeness_blockers,
    debt_blocker,
    in_words,
    is_emergency,
    open_debts,
)
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
from apps.gates.selectors import UNMET
from apps.releases.domain.lifecycle import DELAYED, LIVE_FINDING, PACKAGE_SOURCES
from apps.releases.models import Finding, PackageChange, ReleasePackage
from apps.releases.selectors import findings_with_rule
from apps.windows.models import ReleaseWindow

SHOWN = 50
#: What the business counts on: these may be at risk.
PROMISES = (ContextLink.Kind.CUSTOMER_COMMITMENT, ContextLink.Kind.REGULATORY)
#: States in which work on it goes on, so that approval no longer stands in its way.
RUNNING = (life.IMPLEMENTING, life.IMPLEMENTED, life.FAILED, life.BACKED_OUT)
#: States of a package that has booked no capacity of its window.
PLANNABLE = (*PACKAGE_SOURCES["plan"], *PACKAGE_SOURCES["replan"])


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
    debts: dict[str, list[Debt]]
    tests: dict[str, set[str]]
    reached: dict[str, dict[str, datetime]]

    @classmethod
    def of(cls, changes: Sequence[ChangeRequest]) -> _Around:
        keys = [change.pk for change in changes]
        # What carries it now; of what has been to production, what carried it last.
        members = PackageChange.objects.filter(
            Q(is_open=True) | Q(change__state__in=RUNNING), change__in=keys
        ).order_by("is_open", "package__created_at")
        packages = {
            member.change_id: member.package
            for member in members.select_related(
                "package__window", "package__coordinator", "package__owner"
            )
        }
        gates: dict[str, list[ReadinessItem]] = defaultdict(list)
        for item in ReadinessItem.objects.select_related("owner").filter(
            subject__in={package.subject for package in packages.values()},
            level=ReadinessItem.Level.HARD,
            state__in=UNMET,
        ):
            gates[item.subject].append(item)
        debts: dict[str, list[Debt]] = defaultdict(list)
        for debt in open_debts({change.application_id for change in changes}):
            debts[debt.change].append(debt)
        subjects = [change.subject for change in changes]
        return cls(
            facts=facts_of(keys),
            packages=packages,
            gates=gates,
            findings=_hard_findings(keys, packages),
            debts=debts,
            tests=passed_tests(subjects),
            reached=reached_by(subjects),
        )

    def tell(self, change: ChangeRequest) -> OwnChange:
        package = self.packages.get(change.pk)
        window = package.window if package and package.state != DELAYED else None
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
        """What stands in the way to production, and to closing what has been there."""
        for debt in self.debts.get(change.code, ()):
            yield Blocker("owed", f"Not closed before: {in_words(debt)}.", debt.fix, debt.owes)
        if change.state not in RUNNING:
            yield from self._undecided(change, window)
            yield from self._undelivered(change, package)

    def _undecided(self, change: ChangeRequest, window: ReleaseWindow | None) -> Iterator[Blocker]:
        """What the doors of governance would say now: to submit a draft, to sign an emergency, to
        schedule anything else, and to begin with it."""
        facts = self.facts[change.pk]
        is_draft = change.state == life.DRAFT
        if is_draft:
            yield from completeness_blockers(change, has_tests=change.subject in self.tests)
        if is_emergency(change):
            for debt in facts.blocking_debts:
                yield debt_blocker(facts.application_code, debt)
        until = window.closes_at if window else clock.now()
        for starting in (False, True):
            for told in authorisation_blockers(facts, until, starting=starting):
                is_unasked = is_draft and told.code == "not_approved"
                yield _not_submitted(change) if is_unasked else told

    def _undelivered(
        self, change: ChangeRequest, package: ReleasePackage | None
    ) -> Iterator[Blocker]:
        """What keeps it from its night: no place, hard findings, and the gates of its package as
        they were asked last."""
        if package is not None:
            yield from _unplanned_blockers(package)
        elif change.state == life.APPROVED:
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


def _not_submitted(change: ChangeRequest) -> Blocker:
    return Blocker(
        "not_submitted", "Nobody is asked about it yet.", "Submit it for assessment.",
        str(change.requester),
    )  # fmt: skip


def _unplanned_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """A window that a package asks for, or was moved out of, is no place in it."""
    if package.state in PLANNABLE and not package.is_emergency:
        state = package.get_state_display().lower()
        yield Blocker(
            "not_planned",
            f"{package.code} is {state}; it has no place in a window.",
            "Plan it for a window.",
            str(package.coordinator),
        )


def _hard_findings(
    changes: Iterable[UUID], packages: Mapping[UUID, ReleasePackage]
) -> dict[UUID, list[Finding]]:
    """By change: hard findings that somebody still has to see to, about it or about the package
    that carries it. Three queries."""
    carried: dict[UUID, list[UUID]] = defaultdict(list)
    for change, package in packages.items():
        carried[package.pk].append(change)
    live = {"finding__severity": "hard", "finding__state__in": LIVE_FINDING}
    alone = Finding.changes.through.objects.filter(changerequest__in=changes, **live)
    together = Finding.packages.through.objects.filter(releasepackage__in=carried, **live)
    pairs = [
        *alone.values_list("changerequest_id", "finding_id"),
        *(
            (change, finding)
            for package, finding in together.values_list("releasepackage_id", "finding_id")
            for change in carried[package]
        ),
    ]
    known = findings_with_rule().in_bulk({finding for _, finding in pairs})
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for change, finding in dict.fromkeys(pairs):
        found[change].append(known[finding])
    return found


def _fix_of(finding: Finding) -> str:
    return finding.fixes[0]["label"] if finding.fixes else "Remove the cause."


def _gate_blockers(
    package: ReleasePackage, item: ReadinessItem, *, but: ChangeRequest
) -> Iterator[Blocker]:
    """What the gate found, with its people by name; without what it says of the approval of `but`,
    which is told already."""
    own = (f"{but.code} ", f"The approval of {but.code} ")
    people = {"package owner": f"{package.owner}", "release coordinator": f"{package.coordinator}"}
    for told in item.findings or ({"text": item.detail},):
        if item.gate == "G01" and told["text"].startswith(own):
            continue
        yield Blocker(
            item.gate,
            f"{package.code}, {item.gate}: {told['text']}",
            told.get("fix", ""),
            people.get(
                told.get("who", ""), told.get("who") or str(item.owner or package.coordinator)
            ),
        )


def _held_up(change: ChangeRequest, blockers: Sequence[Blocker]) -> str:
    if change.state in (life.FAILED, life.BACKED_OUT):
        return "not delivered"
    return "blocked" if blockers and change.state not in RUNNING else ""


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
