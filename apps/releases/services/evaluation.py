"""Keep the findings equal to what the rules find. Each run may come twice and has one effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.changes.domain.lifecycle import OPEN as OPEN_CHANGE
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.domain.canonical import plain
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.evidence.services.ledger import keep_derived, record_many, record_many_created, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.findings import Detected, Severity, is_worse, names_more
from apps.releases.models import EvaluationDue, Finding, PackageChange, ReleasePackage, Rule
from apps.releases.policies.package_facts import turn_of
from apps.releases.services.detection import COMPLETABLE, OF_THE_WHOLE, Answer, Asked, detect

#: Two evaluations at once would both enter the same finding. Who can be asked again later leaves
#: it to the one that runs; the others wait for it.
EVALUATION_LOCK = 0x46494E44
PORTFOLIO = "portfolio"
#: Records of which nobody can tell cheaply which packages feel them: what runs when, what counts
#: as production, which services are critical, and what the rules themselves say.
OF_ALL = (
    "batch_cycle", "business_service", "calendar_rule", "environment", "import", "job_schedule",
    "rule",
)  # fmt: skip
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
    """The subjects to ask about; a document, score or deviation is about its record."""
    label, _, key = entry.subject.partition(":")
    if label in ("exhibit", "risk_override", "window_deviation"):
        label, _, key = entry.about.partition(":")
    facts = body_of(entry).get("facts", {})
    if label in ("package", "change"):
        return {f"{label}:{key}", *facts.get("taken_out", ())}
    if label in OF_ALL:
        return {PORTFOLIO}
    if label == "asset":
        ends = (key, facts.get("target", "").rpartition(":")[2] or key)
        return _touching({UUID(end) for end in ends})
    touched: dict[str, Q] = {
        "window": Q(window=key),
        "activity": Q(activities=key) | Q(window__activities=key),
        "check": Q(checks=key) | Q(window__checks=key),
        "team": Q(activities__team=key) | Q(window__activities__team=key),
    }
    return _subjects(_unfinished().filter(touched[label])) if label in touched else set()


def _touching(assets: Collection[UUID]) -> set[str]:
    """What has one of the assets in its scope: packages, and changes that none carries."""
    packages = _unfinished().filter(
        members__is_open=True, members__change__assets__asset__in=assets
    )
    changes = ChangeRequest.objects.filter(state__in=OPEN_CHANGE, assets__asset__in=assets)
    return _subjects(packages) | _subjects(changes.exclude(memberships__is_open=True))


def _unfinished() -> QuerySet[ReleasePackage]:
    return ReleasePackage.objects.exclude(state__in=[life.CLOSED, life.CANCELLED])


def _subjects(rows: QuerySet[Any]) -> set[str]:
    return {f"{rows.model.SUBJECT}:{pk}" for pk in rows.values_list("pk", flat=True)}


def evaluate_due() -> Outcome:
    """Ask the rules about everything that was marked, once each.

    The marks go before anything is read: whoever marks the same record meanwhile then waits, and
    marks it anew, instead of leaning on a mark that is about to go. While another evaluation runs
    they stay where they are, so that nobody who marks has to wait for two.
    """
    with transaction.atomic(durable=True):
        if not _is_alone():
            return Outcome()
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
    """Ask the rules about what the finding concerns, because somebody just changed it.

    While another evaluation runs nobody waits for it here: what was changed is marked anyway.
    """
    subjects = {package.subject for package in finding.packages.all()}
    subjects |= {change.subject for change in finding.changes.all()}
    with transaction.atomic(durable=True):
        return evaluate_subjects(subjects) if _is_alone() else Outcome()


def _is_alone() -> bool:
    """No other evaluation runs, and none will until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [EVALUATION_LOCK])
        found: bool = cursor.fetchone()[0]
    return found


def evaluate_subjects(subjects: Iterable[str]) -> Outcome:
    """Inner: the same for "package:<id>", "change:<id>" and "portfolio"."""
    told = set(subjects)
    if not told:
        return Outcome()
    return _evaluate(_everything() if PORTFOLIO in told else _asked(told))


def _everything() -> Asked:
    packages = _unfinished()
    changes = ChangeRequest.objects.filter(state__in=OPEN_CHANGE)
    return Asked(
        frozenset(packages.values_list("pk", flat=True)),
        frozenset(changes.values_list("pk", flat=True)),
        everything=True,
    )


def _asked(subjects: Iterable[str]) -> Asked:
    """With a change its package is asked, and with a package its changes, those that it has
    settled too: what was found about a change alone is found about the package as soon as there
    is one, and the other way round as soon as there is none."""
    keys: dict[str, set[UUID]] = {"package": set(), "change": set()}
    for subject in subjects:
        label, _, key = subject.partition(":")
        keys[label].add(UUID(key))
    members = PackageChange.objects.filter(
        Q(change__in=keys["change"], is_open=True) | Q(package__in=keys["package"])
    )
    pairs = list(members.values_list("package", "change"))
    changes = frozenset({*keys["change"], *(change for _, change in pairs)})
    return Asked(
        frozenset({*keys["package"], *(package for package, _ in pairs)}),
        changes,
        _meeting(changes),
    )


def _meeting(changes: Collection[UUID]) -> frozenset[UUID]:
    """The packages that meet one of these changes while none carries it: now, by an asset of both
    scopes, or when the rules were asked last."""
    assets = ChangeAsset.objects.filter(change__in=changes).exclude(
        change__memberships__is_open=True
    )
    shared = assets.values("asset")
    now = PackageChange.objects.filter(is_open=True, change__assets__asset__in=shared)
    before = Finding.packages.through.objects.filter(
        finding__is_detected=True,
        finding__rule__kind=Rule.Kind.CONFLICT,
        finding__in=Finding.changes.through.objects.filter(changerequest__in=changes).values(
            "finding"
        ),
    )
    return frozenset(
        now.values_list("package", flat=True).union(before.values_list("releasepackage", flat=True))
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
    seen_from_one = conflict & Q(packages__in=asked.conflicting) & ~Q(rule__code__in=OF_THE_WHOLE)
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
        owners = _owners(news, self._answer.rules)
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


def _owners(news: Iterable[Detected], rules: Mapping[str, Rule]) -> dict[str, UUID | None]:
    """Who sees to each new finding, by its key: the owner of the package, or of the change; of a
    conflict the coordinator of the package that comes last, because that one has to give way, and
    the owner of a change that is not planned yet, because it comes after any."""
    told = list(news)
    packages = ReleasePackage.objects.select_related("window").in_bulk(
        {pk for each in told for pk in each.packages}
    )
    changes = ChangeRequest.objects.in_bulk({pk for each in told for pk in each.changes})
    owners: dict[str, UUID | None] = {}
    for each in told:
        last = max(
            (packages[pk] for pk in each.packages if pk in packages), key=turn_of, default=None
        )
        change = next((changes[pk] for pk in each.changes if pk in changes), None)
        gives_way = rules[each.rule].kind == Rule.Kind.CONFLICT and change is not None
        if last is not None and not gives_way:
            owners[each.key] = last.coordinator_id if len(each.packages) > 1 else last.owner_id
        else:
            owners[each.key] = change.owner_id if change else None
    return owners
