"""What the gates look at, gathered in a number of queries that does not depend on the package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.changes.domain.facts import Person
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.changes.selectors import scopes_of
from apps.core import clock
from apps.evidence.domain.canonical import digest, plain
from apps.evidence.models import Exhibit
from apps.evidence.selectors import gaps_in, tests_about
from apps.gates.domain.facts import (
    ActivityFacts,
    AttestationFacts,
    BackoutFacts,
    CheckFacts,
    ClosedFacts,
    ExhibitFacts,
    LessonFacts,
    OrderFacts,
    PackageFacts,
    ScmFacts,
    ScopeFacts,
    WindowFacts,
)
from apps.gates.domain.verdict import Moment
from apps.gates.models import Attestation
from apps.gates.selectors import standing_attestations
from apps.inventory.models import AssetVersion, JobSchedule
from apps.inventory.selectors import live_relations, scm_packages_called
from apps.releases.domain import lifecycle as life
from apps.releases.domain.checks import plan_problems
from apps.releases.domain.points import highest_band
from apps.releases.models import (
    Activity,
    ActivityChange,
    BackoutPlan,
    Finding,
    ReleasePackage,
    Rule,
)
from apps.releases.models import ValidationCheck as Check
from apps.releases.policies.activity_facts import holds_in
from apps.releases.policies.backout import content_of
from apps.releases.policies.package import calendar_blockers
from apps.releases.policies.package_facts import Work, work_of
from apps.releases.policies.roster import steps_on_shift
from apps.releases.policies.step_order import order_of
from apps.releases.selectors import open_lessons_for
from apps.releases.services.finding_facts import found_anew, found_last
from apps.releases.services.window_fit import fit_of
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import capacity_use

#: From so many programs on that copy it, a copybook is shared.
SHARED_FROM = 2


def gather_facts(
    package: ReleasePackage,
    *,
    moment: Moment | None = None,
    most_steps: int | None = None,
    anew: bool = False,
) -> PackageFacts:
    """Everything the gates look at.

    A plan of the window that nobody knows yet is reckoned, which may take seconds for a large one:
    with `most_steps` not one of more steps. With `anew` the rules of completeness and conflict are
    asked again. What only the close asks is read at that `moment`.
    """
    work = work_of(package)
    band = highest_band(facts.risk_band for facts in work.change_facts.values())
    scope = _scope(work)
    return PackageFacts(
        code=package.code,
        state=package.state,
        kind=package.kind,
        risk_band=band,
        now=clock.now(),
        owner=_person(package.owner),
        coordinator=_person(package.coordinator),
        changes=tuple(work.change_facts[key] for key in work.open_changes),
        activities=_activities(work),
        is_starting=moment == "start",
        unordered=tuple(_unordered(package)),
        backout=_backout(work.backout_plan),
        checks=tuple(_check(check, work) for check in work.checks),
        window=_window(package.window),
        tests=tuple(_tests(work)),
        closed=tuple(
            ClosedFacts(
                blocker.code, blocker.text, blocker.fix, blocker.who, blocker.details["rule"]
            )
            for blocker in calendar_blockers(package, package.window)
        ),
        scope=scope,
        findings=tuple(found_anew(package) if anew else found_last(package)),
        scm_package=package.scm_package,
        scm=tuple(_scm(package.scm_package)),
        fit=fit_of(package.window, band, most_steps=most_steps) if package.window else None,
        attestations={
            row.gate: _attestation(row) for row in standing_attestations(package.subject)
        },
        content=content_parts(work, scope),
        security_changes=frozenset(
            member.change.code
            for member in work.members
            if member.is_open
            and (
                member.change.security_impact not in ("", "none")
                or member.change.data_impact == "sensitive"
            )
        ),
        one_way_changes=frozenset(
            member.change.code
            for member in work.members
            if member.is_open and member.change.irreversible
        ),
        lessons=tuple(_lessons(package)),
        batch=holds_in(package.pk, package.window_id),
        gaps=tuple(_gaps(work)) if moment == "close" else (),
    )


# The scope and its tests.


def _scope(work: Work) -> tuple[ScopeFacts, ...]:
    """Five queries."""
    lines = [line for found in scopes_of(work.open_changes).values() for line in found]
    assets = {line.asset_id for line in lines}
    copies: dict[UUID, int] = defaultdict(int)
    jobs: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    edges = live_relations().filter(target__in=assets, kind__in=("copies", "executes"))
    for kind, source, name, target in edges.order_by("source__name").values_list(
        "kind", "source", "source__name", "target"
    ):
        if kind == "copies":
            copies[target] += 1
        else:
            jobs[target][source] = name
    for line in lines:
        if line.asset.type_id == "job":
            jobs[line.asset_id][line.asset_id] = line.asset.name
    scheduled = dict(
        JobSchedule.objects.filter(job__in={job for found in jobs.values() for job in found})
        .values_list("job", "is_critical")
    )  # fmt: skip
    built = _built(lines)
    return tuple(
        ScopeFacts(
            change=work.change_facts[line.change_id].code,
            asset=line.asset.name,
            type=line.asset.type_id,
            family=line.asset.type.family,
            action=line.action,
            from_version=line.from_version,
            to_version=line.to_version,
            is_shared=line.asset.type_id == "copybook" and copies[line.asset_id] >= SHARED_FROM,
            jobs=tuple(name for job, name in jobs[line.asset_id].items() if job in scheduled),
            critical_jobs=tuple(
                name for job, name in jobs[line.asset_id].items() if scheduled.get(job)
            ),
            built_at=built.get((line.asset_id, line.to_version)),
        )
        for line in lines
    )


def _built(lines: Iterable[ChangeAsset]) -> dict[tuple[UUID, str], datetime]:
    """When each new version was first seen outside production, where it was."""
    wanted = {(line.asset_id, line.to_version) for line in lines if line.to_version}
    rows = AssetVersion.objects.filter(
        asset__in={asset for asset, _ in wanted},
        level__in={level for _, level in wanted},
        environment__is_production=False,
    )
    found: dict[tuple[UUID, str], datetime] = {}
    for asset, level, at in rows.order_by("-installed_at").values_list(
        "asset", "level", "installed_at"
    ):
        found[asset, level] = at
    return found


def _tests(work: Work) -> Iterator[ExhibitFacts]:
    """One query."""
    codes = {f"{ChangeRequest.SUBJECT}:{key}": work.change_facts[key].code
             for key in work.open_changes}  # fmt: skip
    for exhibit in tests_about(codes):
        is_assumed = exhibit.tested_by is None and not exhibit.tester
        tester = exhibit.captured_by if is_assumed else exhibit.tested_by
        yield ExhibitFacts(
            change=codes[exhibit.about],
            kind=exhibit.get_kind_display(),
            tester=_person(tester),
            is_assumed=is_assumed,
            code=exhibit.kind,
            passed=exhibit.verdict != Exhibit.Verdict.FAILED,
            versions=frozenset(exhibit.tested_version.replace(",", " ").split()),
            at=_tested_at(exhibit),
        )


def _tested_at(exhibit: Exhibit) -> datetime:
    """When it was tested at the latest: the end of that day, or when it was attached."""
    if exhibit.tested_on is None:
        return exhibit.captured_at
    day = timezone.make_aware(datetime.combine(exhibit.tested_on, time.max))
    return min(day, exhibit.captured_at)


# The window and the plan.


def _window(window: ReleaseWindow | None) -> WindowFacts | None:
    if window is None:
        return None
    return WindowFacts(
        window.code,
        window.opens_at,
        window.closes_at,
        capacity_use(window),
        window.state == window_life.IN_PROGRESS,
    )


def _activities(work: Work) -> tuple[ActivityFacts, ...]:
    labels = {step.pk: step.label for step in work.steps}
    serves: dict[UUID, set[str]] = {}
    links = ActivityChange.objects.filter(activity__package=work.package)
    for step, code in links.values_list("activity_id", "change__code"):
        serves.setdefault(step, set()).add(code)
    on_shift = steps_on_shift(work)
    return tuple(
        ActivityFacts(
            code=step.label,
            title=step.title,
            type=step.type_id,
            team=step.team.name,
            owner=_person(step.owner),
            deputy=_person(step.deputy),
            duration_minutes=step.duration_minutes,
            predecessors=tuple(sorted(labels[key] for key in work.after[step.pk] if key in labels)),
            is_backout=step.is_backout,
            reverses=labels.get(step.reverses_id, "") if step.reverses_id else "",
            alters=step.type.alters,
            irreversible=step.irreversible,
            decides=step.type.decides,
            mandatory=step.mandatory,
            four_eyes=step.needs_eyes,
            state=step.state,
            implementers=_implementers(step),
            serves=frozenset(serves.get(step.pk, ())),
            on_shift=on_shift.get(step.pk),
            acknowledged_at=step.acknowledged_at,
            is_over=step.state in life.ENDED_STEP,
        )
        for step in work.steps
    )


def _unordered(package: ReleasePackage) -> Iterator[OrderFacts]:
    order = order_of(package)
    for edge in order.missing:
        told = zip(edge.origins, edge.why, strict=True)
        yield OrderFacts(
            order.steps[edge.before].label,
            order.steps[edge.after].label,
            tuple(f"{code} {why}" for code, why in told),
        )


def _implementers(step: Activity) -> tuple[Person, ...]:
    if step.type.decides:
        return ()
    people = (_person(user) for user in (step.owner, step.deputy, step.done_by))
    return tuple(dict.fromkeys(person for person in people if person is not None))


def _backout(plan: BackoutPlan | None) -> BackoutFacts | None:
    if plan is None:
        return None
    return BackoutFacts(
        state=plan.state,
        strategy=plan.strategy,
        trigger_criteria=plan.trigger_criteria,
        decision_owner=_person(plan.decision_owner),
        restore_points=plan.restore_points,
        rehearsed=plan.rehearsed_at is not None,
        is_current=plan.state != life.APPROVED or plan.content_digest == content_of(plan),
    )


def _check(check: Check, work: Work) -> CheckFacts:
    served = work.change_facts.get(check.change_id) if check.change_id else None
    problems = plan_problems(check.expected_operator, check.expected_value, check.baseline)
    return CheckFacts(
        code=check.code,
        title=check.title,
        kind=check.kind,
        phase=check.phase,
        mandatory=check.mandatory,
        expected_filled=next(problems, None) is None,
        serves=frozenset({served.code}) if served else frozenset(),
        owner=_person(check.owner),
    )


# What others found, told and learnt.


def _scm(name: str) -> Iterator[ScmFacts]:
    if not name:
        return
    for row in scm_packages_called(name):
        yield ScmFacts(
            tool=row.get_tool_display(),
            name=row.package_id,
            status=row.status,
            seen_at=row.last_seen_at,
            window_from=row.window_from,
            window_to=row.window_to,
            backout_enabled=row.backout_enabled,
        )


def _attestation(row: Attestation) -> AttestationFacts:
    refused = row.state == "refused"
    return AttestationFacts(
        id=row.pk,
        holds=row.holds,
        text=row.text,
        by=Person(row.submitted_by_id, str(row.submitted_by)),
        at=row.submitted_at,
        verified_by=None if refused else _person(row.verified_by),
        refused_by=_person(row.verified_by) if refused else None,
        refused_because=row.remark if refused else "",
        content=row.content,
    )


def content_parts(work: Work, scope: Iterable[ScopeFacts]) -> Mapping[str, str]:
    """The digest of each part of the content that an attestation may rest on."""
    window, plan = work.package.window, work.backout_plan
    return {
        "scope": digest(
            sorted([s.change, s.asset, s.action, s.from_version, s.to_version] for s in scope)
        ),
        "window": digest(
            [window.code, plain(window.opens_at), plain(window.closes_at)] if window else []
        ),
        "steps": digest(
            sorted([s.label, s.type_id, s.title, s.duration_minutes] for s in work.forward)
        ),
        "backout": digest(
            [plan.strategy, plan.trigger_criteria, plan.restore_points] if plan else []
        ),
    }


def content_of_package(package: ReleasePackage) -> Mapping[str, str]:
    """The same for somebody who attests something of it now."""
    work = work_of(package)
    return content_parts(work, _scope(work))


def _lessons(package: ReleasePackage) -> Iterator[LessonFacts]:
    """What other packages and nights taught about what this one uses and nobody has done yet; and,
    where it tries another one again, what was found about that one and led to its backout. One
    query, two more for a second try."""
    for lesson in open_lessons_for(package):
        yield LessonFacts(
            f"{lesson.code}, open since an earlier night: {lesson.text}", done=False,
            who=lesson.owner,
        )  # fmt: skip
    original = package.retry_of
    if original is None or original.outcome != ReleasePackage.Outcome.BACKED_OUT:
        return
    left = Finding.objects.filter(
        packages=original, severity=Rule.Severity.HARD, state__in=life.LIVE_FINDING
    )
    for found in left.select_related("rule", "owner").order_by("rule__code", "pk"):
        yield LessonFacts(
            f"{original.code} was backed out with {found.rule.code} open: {found.text}",
            done=False,
            who=str(found.owner or "package owner"),
        )


def _gaps(work: Work) -> Iterator[str]:
    """Of the package and what belongs to it; one query."""
    plan = work.backout_plan
    rows = [work.package, *work.steps, *work.checks, *([plan] if plan else [])]
    broken = gaps_in({row.subject: row.evidence_seq for row in rows})
    for row in rows:
        if row.subject in broken:
            yield str(row)


def _person(user: User | None) -> Person | None:
    return Person(user.pk, str(user)) if user is not None else None
