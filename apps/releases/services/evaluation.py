"""Keep the findings equal to what the rules find. Each run may come twice and has one effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.changes.domain.lifecycle import OPEN as OPEN_CHANGE
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.domain.canonical import plain
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.ledger import keep_derived, record_many, record_many_created, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.findings import Detected, Severity, is_worse, names_more
from apps.releases.models import EvaluationDue, Finding, PackageChange, ReleasePackage, Rule
from apps.releases.services.detection import COMPLETABLE, OF_THE_WHOLE, Answer, Asked, detect

#: Two evaluations at once would both enter the same finding; the second waits for the first.
EVALUATION_LOCK = 0x46494E44
PORTFOLIO = "portfolio"
CLAIMED = 500
ACTOR = system_actor("rules")
_DERIVED = ("severity", "text", "fixes", "facts", "asset_count", "rule_version", "is_detected")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many findings are new, there again, and gone."""

    opened: int = 0
    reopened: int = 0
    vanished: int = 0


# What is due.


def mark_due(entry: EvidenceEntry) -> None:
    """The outbox consumer "findings": something changed that a rule looks at."""
    now = clock.now()
    EvaluationDue.objects.bulk_create(
        [EvaluationDue(subject=subject, since=now) for subject in sorted(_concerned(entry))],
        ignore_conflicts=True,
    )


def _concerned(entry: EvidenceEntry) -> set[str]:
    """The subjects to ask about; a document is about the record that it belongs to."""
    subject = entry.about if entry.subject.startswith("exhibit:") else entry.subject
    label, _, key = subject.partition(":")
    if label in ("package", "change"):
        return {subject}
    if label in ("import", "rule"):
        return {PORTFOLIO}
    touched: dict[str, Q] = {
        "window": Q(window=key),
        "asset": Q(members__is_open=True, members__change__assets__asset=key),
        "activity": Q(activities=key) | Q(window__activities=key),
        "check": Q(checks=key) | Q(window__checks=key),
    }
    if label not in touched:
        return set()
    packages = ReleasePackage.objects.exclude(state__in=[life.CLOSED, life.CANCELLED])
    found = packages.filter(touched[label]).values_list("pk", flat=True)
    return {f"package:{pk}" for pk in found}


def evaluate_due() -> Outcome:
    """Ask the rules about everything that was marked, once each.

    The marks go before anything is read: whoever marks the same record meanwhile then waits, and
    marks it anew, instead of leaning on a mark that is about to go.
    """
    with transaction.atomic(durable=True):
        due = list(
            EvaluationDue.objects.select_for_update(skip_locked=True).order_by("since")[:CLAIMED]
        )
        EvaluationDue.objects.filter(pk__in=[row.pk for row in due]).delete()
        return evaluate_subjects(row.subject for row in due)


def evaluate_portfolio() -> Outcome:
    """Ask every rule about every open package and change, as each night does."""
    with transaction.atomic(durable=True):
        return evaluate_subjects([PORTFOLIO])


def evaluate_now(finding: Finding) -> Outcome:
    """Ask the rules about what the finding concerns, because somebody just changed it."""
    subjects = {package.subject for package in finding.packages.all()}
    subjects |= {change.subject for change in finding.changes.all()}
    with transaction.atomic(durable=True):
        return evaluate_subjects(subjects)


def evaluate_subjects(subjects: Iterable[str]) -> Outcome:
    """Inner: the same for "package:<id>", "change:<id>" and "portfolio"."""
    told = set(subjects)
    if not told:
        return Outcome()
    return _evaluate(_everything() if PORTFOLIO in told else _asked(told))


def _everything() -> Asked:
    packages = ReleasePackage.objects.exclude(state__in=[life.CLOSED, life.CANCELLED])
    changes = ChangeRequest.objects.filter(state__in=OPEN_CHANGE)
    return Asked(
        frozenset(packages.values_list("pk", flat=True)),
        frozenset(changes.values_list("pk", flat=True)),
        everything=True,
    )


def _asked(subjects: Iterable[str]) -> Asked:
    """With a change its package is asked, and with a package its changes: what was found about a
    change alone is found about the package as soon as there is one."""
    keys: dict[str, set[UUID]] = {"package": set(), "change": set()}
    for subject in subjects:
        label, _, key = subject.partition(":")
        keys[label].add(UUID(key))
    members = PackageChange.objects.filter(
        Q(change__in=keys["change"]) | Q(package__in=keys["package"]), is_open=True
    )
    pairs = list(members.values_list("package", "change"))
    return Asked(
        frozenset({*keys["package"], *(package for package, _ in pairs)}),
        frozenset({*keys["change"], *(change for _, change in pairs)}),
    )


def _evaluate(asked: Asked) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVALUATION_LOCK])
    answer = detect(asked)
    before = found_before(asked).values("pk")
    rows = (
        Finding.objects.select_related("rule")
        .prefetch_related("assets", "packages", "changes")
        .select_for_update(of=("self",))
        .filter(Q(key__in=list(answer.found)) | Q(pk__in=before))
        .order_by("pk")
    )
    return _Keeping(answer, {finding.key: finding for finding in rows}).keep()


def found_before(asked: Asked) -> QuerySet[Finding]:
    """The findings that these questions would find again if they were still there.

    What was missing from a package that is done stays as it was at its end.
    """
    completeness = Q(rule__kind=Rule.Kind.COMPLETENESS)
    conflict = Q(rule__kind=Rule.Kind.CONFLICT)
    mine = Q(packages__in=asked.packages)
    seen_from_one = conflict & mine & ~Q(rule__code__in=OF_THE_WHOLE)
    asked_states = [*COMPLETABLE, life.CANCELLED]
    return Finding.objects.filter(
        (conflict if asked.everything else seen_from_one)
        | (completeness & mine & Q(packages__state__in=asked_states))
        | (completeness & Q(packages__isnull=True, changes__in=asked.changes)),
        is_detected=True,
    )


class _Keeping:
    """Compares what was found with what is known, and writes the difference in bulk."""

    def __init__(self, answer: Answer, known: Mapping[str, Finding]) -> None:
        self._answer = answer
        self._known = known
        self._now = clock.now()
        self._reopened: list[Finding] = []
        self._vanished: list[Finding] = []
        self._changed: list[Finding] = []

    def keep(self) -> Outcome:
        found = self._answer.found
        news = [told for key, told in found.items() if key not in self._known]
        owners = _owners(news)
        opened = [self._new(told, owners[told.key]) for told in news]
        for key, finding in self._known.items():
            remember(finding)
            if key in found:
                self._seen(finding, found[key])
            elif not self._answer.cannot_tell(finding):
                self._gone(finding)
        record_many_created(opened, actor=ACTOR, event=events.FINDING_DETECTED)
        record_many(self._reopened, actor=ACTOR, event=events.FINDING_REOPENED)
        record_many(self._vanished, actor=ACTOR, event=events.FINDING_VANISHED)
        keep_derived(self._changed)
        seen = [self._known[key].pk for key in found if key in self._known]
        Finding.objects.filter(pk__in=seen).update(last_seen_at=self._now)
        self._link(opened)
        return Outcome(len(opened), len(self._reopened), len(self._vanished))

    def _new(self, told: Detected, owner: UUID | None) -> Finding:
        finding = Finding(
            rule=self._answer.rules[told.rule],
            key=told.key,
            owner_id=owner,
            first_detected_at=self._now,
            last_seen_at=self._now,
        )
        self._take(finding, told)
        return finding

    def _take(self, finding: Finding, told: Detected) -> None:
        finding.severity = told.severity
        finding.text = told.text
        finding.fixes = [fix.as_dict() for fix in told.fixes]
        finding.facts = plain(told.facts)
        finding.asset_count = len(told.assets)
        finding.rule_version = self._answer.rules[told.rule].evidence_seq
        finding.is_detected = True

    def _seen(self, finding: Finding, told: Detected) -> None:
        """There again, grown beyond what somebody acknowledged, or worse: it is open again."""
        was = [getattr(finding, name) for name in _DERIVED]
        is_news = (
            not finding.is_detected
            or not set(told.assets) <= {asset.pk for asset in finding.assets.all()}
            or names_more(told.facts, than=finding.facts)
            or is_worse(told.severity, than=cast(Severity, finding.severity))
        )
        self._take(finding, told)
        if finding.state != life.OPEN and is_news:
            finding.reopen()
            self._reopened.append(finding)
        elif [getattr(finding, name) for name in _DERIVED] != was:
            self._changed.append(finding)

    def _gone(self, finding: Finding) -> None:
        finding.is_detected = False
        if finding.is_live:
            finding.vanish()
            self._vanished.append(finding)
        else:
            self._changed.append(finding)

    def _link(self, opened: Sequence[Finding]) -> None:
        """The assets, packages and changes of each finding; what is gone keeps its own."""
        for name in ("assets", "packages", "changes"):
            relation: Any = Finding._meta.get_field(name)
            through, column = relation.remote_field.through, relation.m2m_reverse_name()
            wanted = {
                (finding.pk, pk)
                for finding in (*opened, *self._known.values())
                if (told := self._answer.found.get(finding.key))
                for pk in getattr(told, name)
            }
            there = {
                (finding.pk, row.pk)
                for key, finding in self._known.items()
                if key in self._answer.found
                for row in getattr(finding, name).all()
            }
            lost = there - wanted
            links = through.objects.filter(finding_id__in={finding_id for finding_id, _ in lost})
            stale = [
                link
                for link, *pair in links.values_list("pk", "finding_id", column)
                if tuple(pair) in lost
            ]
            through.objects.filter(pk__in=stale).delete()
            through.objects.bulk_create(
                [through(finding_id=f, **{column: pk}) for f, pk in sorted(wanted - there)]
            )


def _owners(news: Iterable[Detected]) -> dict[str, UUID | None]:
    """Who sees to each new finding, by its key: the owner of the package, or of the change; of a
    conflict the coordinator of the package that comes last, because that one has to give way."""
    told = list(news)
    packages = ReleasePackage.objects.select_related("window").in_bulk(
        {pk for each in told for pk in each.packages}
    )
    changes = ChangeRequest.objects.in_bulk({pk for each in told for pk in each.changes})
    owners: dict[str, UUID | None] = {}
    for each in told:
        last = max(
            (packages[pk] for pk in each.packages if pk in packages), key=_turn, default=None
        )
        change = next((changes[pk] for pk in each.changes if pk in changes), None)
        if last is not None:
            owners[each.key] = last.coordinator_id if len(each.packages) > 1 else last.owner_id
        else:
            owners[each.key] = change.owner_id if change else None
    return owners


def _turn(package: ReleasePackage) -> tuple[bool, float, str]:
    """By window, those without one first; then by code."""
    opens_at = package.window.opens_at.timestamp() if package.window else 0.0
    return (package.window is not None, opens_at, package.code)
