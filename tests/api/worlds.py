"""Rows of every kind that the interface lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import Delegation, TeamShift, User
from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.roster import enter_shift
from apps.audit.models import AuditFinding, EvidencePack, MovedReport, Population
from apps.audit.services.findings import open_finding
from apps.audit.services.moved import import_moves
from apps.audit.services.packs import ask_for_pack
from apps.audit.services.populations import run_controls, take_population
from apps.changes.domain import policy
from apps.changes.models import ApprovalPolicy, CabMeeting, RiskOverride, StandardTemplate
from apps.changes.services.meetings import plan_meeting
from apps.changes.services.policies import create_policy
from apps.changes.services.risk import propose_score
from apps.changes.services.templates import propose_template
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_created
from apps.evidence.services.register import create_in_register
from apps.gates.models import Attestation, GateProfile, Waiver
from apps.gates.services.profiles import create_profile
from apps.integrations.events import JOB_REPORTED
from apps.integrations.models import StepJob
from apps.inventory.models import (
    Application,
    Asset,
    AssetRelation,
    AssetVersion,
    BatchCycle,
    Environment,
    JobSchedule,
    ScmPackage,
)
from apps.inventory.services.relations import relate_asset
from apps.inventory.services.versions import install_version
from apps.notifications.models import Message
from apps.releases import events
from apps.releases.events import PACKAGE_CREATED
from apps.releases.models import (
    Activity,
    ActivityType,
    Alert,
    Communication,
    Finding,
    FirstCycleWatch,
    GoNoGo,
    Handover,
    Lesson,
    PlanTemplate,
    PostReview,
    Rehearsal,
    ReleasePackage,
    Rule,
    RunIssue,
    Simulation,
)
from apps.releases.services.attestations import attest_gate
from apps.releases.services.evaluation import evaluate_portfolio
from apps.releases.services.go_no_go import Line, keep_decision
from apps.releases.services.lessons import enter_lesson
from apps.releases.services.package import plan
from apps.releases.services.plan_templates import write_template
from apps.releases.services.post_review import draft_review
from apps.releases.services.rehearsals import plan_rehearsal
from apps.releases.services.run_issues import raise_issue
from apps.releases.services.simulation import simulate_window
from apps.releases.services.telling import offer_handover, plan_communication
from apps.releases.services.waivers import ask_waiver
from apps.windows.models import (
    CalendarFeed,
    CalendarRule,
    ReleaseWindow,
    WindowDeviation,
    WindowSeries,
)
from apps.windows.services.deviations import request_deviation
from apps.windows.services.feeds import create_feed
from tests.changes.worlds import anybody, draft, make_asset, sign, submitted
from tests.factories import SETUP, actor, make_user
from tests.inventory.factories import make_cycle, make_environment, make_schedule
from tests.releases.night import PACKAGE_WAYS, walk
from tests.releases.worlds import Night
from tests.windows.worlds import BEFORE, CUTOFF, OPENS, draft_window, make_rule, make_series

install = door("asset")(install_version)
keep = door("go_no_go")(keep_decision)
watch = door("first_cycle_watch")(record_created)
watch_job = door("step_job")(record_created)
EVERYBODY_ASKED = policy.plain_rules(
    [policy.Rule("A1", "Always.", "owner", "Owner", ("application_owner",))]
)


def rows(night: Night, kind: str, count: int) -> None:
    """Let there be at least `count` rows of the list `kind`."""
    MAKERS[kind](night, count)


def _changes(night: Night, count: int) -> None:
    for _ in range(count):
        draft(night.bank)


def _standard_changes(night: Night, count: int) -> None:
    for number in range(StandardTemplate.objects.count(), count):
        propose_template(
            actor=actor(night.bank.owner),
            values={
                "code": f"STD-{number}",
                "name": "Add a table entry",
                "application": night.bank.application,
                "families": ["db2"],
                "approved_until": clock.now() + timedelta(days=90),
            },
        )


def _policies(night: Night, count: int) -> None:
    for number in range(ApprovalPolicy.objects.count(), count):
        create_policy(
            actor=actor(night.bank.manager),
            values={"code": f"POLICY-{number}", "name": "Another"},
            parts={"rules": EVERYBODY_ASKED},
        )


def _obligations(night: Night, count: int) -> None:
    conditions = "\n".join(f"Condition {number}" for number in range(count))
    change = submitted(night.bank)
    sign(change, night.bank.owner, verdict="approve_with_conditions", comment=conditions)


def _delegations(night: Night, count: int) -> None:
    for number in range(Delegation.objects.count(), count):
        delegate_role(
            actor=actor(night.bank.owner), delegate=make_user(f"deputy.{number}"),
            role="application_owner", ends_at=clock.now() + timedelta(days=3), reason="Holidays",
        )  # fmt: skip


def _team_shifts(night: Night, count: int) -> None:
    for number in range(TeamShift.objects.count(), count):
        starts_at = OPENS + timedelta(days=365 + number)
        enter_shift(
            actor=actor(night.coordinator),
            values={"team": night.ops, "person": night.operator, "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=8)},
        )  # fmt: skip


def _risk_overrides(night: Night, count: int) -> None:
    for _ in range(RiskOverride.objects.count(), count):
        propose_score(
            actor=actor(night.bank.manager),
            values={"change": draft(night.bank), "points": 60, "reason": "It is a holiday."},
        )


def _meetings(night: Night, count: int) -> None:
    chairs = make_user("board.chair", "cab_chair")
    for _ in range(CabMeeting.objects.count(), count):
        plan_meeting(
            actor=actor(chairs),
            values={"chair": chairs, "starts_at": OPENS, "cutoff_at": OPENS},
        )


def _applications(night: Night, count: int) -> None:
    for number in range(Application.objects.count(), count):
        create_in_register(
            Application,
            actor=SETUP,
            values={
                "code": f"APP{number}",
                "name": "Another",
                "business_owner": night.bank.owner,
                "technical_owner": night.bank.application.technical_owner,
            },
            check=anybody,
        )


def _assets(night: Night, count: int) -> None:
    for number in range(Asset.objects.count(), count + 2):
        make_asset(f"PGM{number:05}", "program_batch", night.bank.application)


def _relations(night: Night, count: int) -> None:
    keeper = actor(make_user("keeper", "developer"))
    for number in range(AssetRelation.objects.count(), count):
        relate_asset(pk=night.bank.table.pk, actor=keeper, kind="refers_to",
                     target=night.bank.copybook.pk, key=f"k{number}")  # fmt: skip


def _versions(night: Night, count: int) -> None:
    keeper = actor(make_user("library.keeper", "site_admin"))
    prod = Environment.objects.filter(code="PROD").first() or make_environment(by=keeper)
    for number in range(AssetVersion.objects.count(), count):
        install(asset_id=night.bank.table.pk, actor=keeper, environment=prod, level=f"{number}")


def _batch_cycles(night: Night, count: int) -> None:
    keeper = actor(make_user("batch.keeper", "site_admin"))
    for number in range(BatchCycle.objects.count(), count):
        make_cycle(f"NIGHT-{number}", by=keeper)


def _job_schedules(night: Night, count: int) -> None:
    keeper = actor(make_user("batch.keeper", "site_admin"))
    for number in range(JobSchedule.objects.count(), count):
        make_schedule(f"JOB{number}", by=keeper)


def _calendar_rules(night: Night, count: int) -> None:
    for number in range(CalendarRule.objects.count(), count):
        make_rule(f"RULE-{number}", night.planners)


def _window_series(night: Night, count: int) -> None:
    for number in range(WindowSeries.objects.count(), count):
        make_series(night.planners, code=f"SERIES-{number}")


def _window_deviations(night: Night, count: int) -> None:
    rule = CalendarRule.objects.filter(code="CLOSED").first() or make_rule(
        "CLOSED", night.planners, dates=["2026-11-01/2027-03-01"]
    )
    _windows(night, count + 1)
    for window in ReleaseWindow.objects.filter(state="draft", deviations=None):
        if WindowDeviation.objects.count() < count:
            request_deviation(
                actor=night.planners.actors["release_coordinator"],
                values={"rule": rule, "window": window, "reason": "It cannot wait. " * 4},
            )


def _waivers(night: Night, count: int) -> None:
    """Of packages whose plan has no check yet."""
    for _ in range(Waiver.objects.count(), count):
        package = night.draft()
        night.step(package, "A1", "BACKUP_LIB")
        with night.before():
            plan(pk=package.pk, actor=actor(night.coordinator))
            ask_waiver(
                pk=package.pk, actor=actor(night.coordinator), gate="G09",
                risk="It is seen an hour later.", control="Two people count.",
                comment="It cannot be met in time. " * 2,
            )  # fmt: skip


def _windows(night: Night, count: int) -> None:
    for number in range(ReleaseWindow.objects.count(), count):
        draft_window(
            night.planners,
            code=f"WIN-{number}",
            opens_at=OPENS + timedelta(days=7 * number),
            closes_at=OPENS + timedelta(days=7 * number, hours=9),
            cutoffs=[CUTOFF | {"at": CUTOFF["at"] + timedelta(days=7 * number)}],
        )


def _packages(night: Night, count: int) -> None:
    for _ in range(ReleasePackage.objects.count(), count):
        night.drafted()


def _attestations(night: Night, count: int) -> None:
    there = Attestation.objects.count()
    if there >= count:
        return
    package = night.draft(scm_package="CARD2611A")
    with night.before():
        plan(pk=package.pk, actor=actor(night.coordinator))
        for gate in ("G07", "G12", "G13", "G17")[: count - there]:
            attest_gate(
                pk=package.pk, actor=actor(night.coordinator), gate=gate,
                comment="Seen on the panel of the tool.",
            )  # fmt: skip


def _gate_profiles(night: Night, count: int) -> None:
    for gate in ("G09", "G13", "G16", "G18")[GateProfile.objects.count() : count]:
        create_profile(
            actor=actor(night.bank.manager),
            values={"gate": gate, "setting": "soft", "reason": "On trial."},
        )


def _activities(night: Night, count: int) -> None:
    for _ in range(count):
        night.drafted()


def _conflicts(night: Night, count: int) -> None:
    """Packages that change the same copybook, each with the one before it."""
    found = Finding.objects.filter(rule__kind=Rule.Kind.CONFLICT)
    for _ in range(found.count(), count + 1):
        night.drafted()
    _evaluate(night)


def _completeness_findings(night: Night, count: int) -> None:
    """Packages that change a copybook without the program that copies it."""
    program = Asset.objects.filter(name="PGMCOPY").first() or make_asset(
        "PGMCOPY", "program_batch", night.bank.application
    )
    if not AssetRelation.objects.filter(source=program).exists():
        keeper = actor(make_user("keeper", "developer"))
        relate_asset(pk=program.pk, actor=keeper, kind="copies", target=night.bank.copybook.pk)
    found = Finding.objects.filter(rule__kind=Rule.Kind.COMPLETENESS)
    for _ in range(found.count(), count):
        night.drafted()
    _evaluate(night)


def _evaluate(night: Night) -> None:
    with night.before():
        evaluate_portfolio()


def _rules(night: Night, count: int) -> None:
    """They come with the product."""
    assert Rule.objects.count() >= count


def _scm_packages(night: Night, count: int) -> None:
    for number in range(ScmPackage.objects.count(), count):
        ScmPackage.objects.create(
            tool="endevor", package_id=f"CARD{number}", feed="endevor", last_seen_at=clock.now()
        )


def _messages(night: Night, count: int) -> None:
    for number in range(Message.objects.count(), count):
        message(night.bank.manager, f"{number}")


def message(recipient: User, key: str) -> Message:
    """A message as the relay would have queued it."""
    return Message.objects.create(
        channel="mail",
        recipient=recipient,
        kind=Message.Kind.CHANGE,
        subject_line="Your signature is asked for",
        text="Look at it.",
        about=f"change:{key}",
        dedupe_key=key,
        created_at=clock.now(),
        due_at=clock.now(),
    )


def _calendar_feeds(night: Night, count: int) -> None:
    for number in range(CalendarFeed.objects.count(), count):
        create_feed(
            actor=actor(night.bank.manager), values={"kind": "person", "name": f"phone {number}"}
        )


def _simulations(night: Night, count: int) -> None:
    for number in range(Simulation.objects.count(), count):
        simulate_window(
            actor=actor(night.coordinator),
            values={"window": night.window, "seed": number, "trials": 100},
        )


def _packs(night: Night, count: int) -> None:
    began = clock.now() - timedelta(days=365)
    for _ in range(EvidencePack.objects.count(), count):
        ask_for_pack(actor=actor(night.bank.manager), from_at=began)


def _decisions(night: Night, count: int) -> None:
    package = ReleasePackage.objects.first() or night.draft(changes=[])
    for _ in range(GoNoGo.objects.count(), count):
        keep(
            window=night.window, lines=[Line(package, "no_go", "Not tonight.")],
            actor=actor(night.manager), decided_by=night.manager.pk,
        )  # fmt: skip


def _first_cycle(night: Night, count: int) -> None:
    for number in range(FirstCycleWatch.objects.count(), count):
        watch(
            obj=FirstCycleWatch(
                window=night.window,
                job=make_asset(f"JOB{number:05}", "job", night.bank.application),
                because="It runs the program.",
                expected_start_at=OPENS,
            ),
            actor=SETUP,
            event=events.CYCLE_EXPECTED,
        )


def _plan_templates(night: Night, count: int) -> None:
    for number in range(PlanTemplate.objects.count(), count):
        write_template(
            actor=actor(night.coordinator),
            values={"code": f"PLAN-{number}", "name": "Load modules"},
            parts={
                "parameters": [{"name": "program", "label": "Program"}],
                "steps": [
                    {"label": "A1", "type": ActivityType.objects.get(code="COPY_LOAD"),
                     "title": "Copy {program}", "team": night.ops, "duration_minutes": 5},
                ],
            },
        )  # fmt: skip


def _communications(night: Night, count: int) -> None:
    for number in range(Communication.objects.count(), count):
        plan_communication(
            actor=actor(night.coordinator),
            values={"window": night.window, "audience": "Service desk", "channel": "mail",
                    "title": f"News {number}", "text": "All is well.", "due_at": OPENS},
        )  # fmt: skip


def _handovers(night: Night, count: int) -> None:
    for number in range(Handover.objects.count(), count):
        offer_handover(
            actor=actor(night.coordinator),
            values={"window": night.window, "title": f"Shift {number}", "due_at": OPENS,
                    "open_items": "READACCT runs long.", "receiving_team": night.ops},
        )  # fmt: skip


def _in_the_night(night: Night) -> None:
    if night.window.state not in ("in_progress", "verifying"):
        night.started()


def _run_issues(night: Night, count: int) -> None:
    _in_the_night(night)
    for number in range(RunIssue.objects.count(), count):
        raise_issue(
            actor=actor(night.operator),
            values={"window": night.window, "title": f"Work space is short, {number}"},
        )


@door("alert")
def _raise_alert(*, actor: Actor, window: ReleaseWindow, key: str) -> Alert:
    """As the watch over a night raises it."""
    alert = Alert(
        window=window, key=key, kind="narrow", level="amber", text="The margin is 20 min.",
        since=clock.now(), raised_at=clock.now(), rung=0,
    )  # fmt: skip
    return record_created(alert, actor=actor, event=events.ALERT_RAISED)


def _alerts(night: Night, count: int) -> None:
    for number in range(Alert.objects.count(), count):
        _raise_alert(actor=SETUP, window=night.window, key=f"narrow:{number}")


def _step_jobs(night: Night, count: int) -> None:
    step = Activity.objects.first() or night.steps(night.drafted())["A1"]
    for number in range(StepJob.objects.count(), count):
        watch_job(
            obj=StepJob(
                activity=step, attempt=step.attempts, job_name="READACCT",
                job_id=f"JOB0202{number}", reported_by=night.operator,
            ),
            actor=SETUP, event=JOB_REPORTED,
        )  # fmt: skip


def _lessons(night: Night, count: int) -> None:
    for _ in range(Lesson.objects.count(), count):
        enter_lesson(
            actor=actor(night.coordinator),
            values={"window": night.window, "category": "plan", "what": "The copy ran late.",
                    "action": "Plan ten minutes more.", "owner": night.operator,
                    "due_on": clock.now().date() + timedelta(days=14)},
        )  # fmt: skip


def _post_reviews(night: Night, count: int) -> None:
    for number in range(PostReview.objects.count(), count):
        with transaction.atomic():
            package = record_created(
                ReleasePackage(
                    code=f"RP-REVIEW-{number}", name="Account layout", points=1,
                    window=night.window, owner=night.coordinator, coordinator=night.coordinator,
                    started_at=OPENS,
                ),
                actor=SETUP, event=PACKAGE_CREATED,
            )  # fmt: skip
            package = walk(package, PACKAGE_WAYS["failed"])
        draft_review(
            actor=actor(night.coordinator),
            values={"package": package, "owner": night.manager},
        )


def _rehearsals(night: Night, count: int) -> None:
    found = ReleasePackage.objects.exclude(activities=None).first() or night.drafted()
    for _ in range(Rehearsal.objects.count(), count):
        plan_rehearsal(
            actor=actor(night.coordinator), values={"package": found, "environment": "UAT"}
        )


def _auditor() -> User:
    return User.objects.filter(username="agnes").first() or make_user("agnes", "auditor")


def _period() -> dict[str, Any]:
    """Some days that are over, wherever the clock of a test stands."""
    return {"first_on": (BEFORE - timedelta(days=5)).date(), "last_on": BEFORE.date()}


def _populations(night: Night, count: int) -> None:
    for number in range(Population.objects.count(), count):
        found = take_population(
            actor=actor(_auditor()), values={"name": f"Night {number}", **_period()}
        )
        run_controls(pk=found.pk, actor=actor(_auditor()))


def _audit_findings(night: Night, count: int) -> None:
    for _ in range(AuditFinding.objects.count(), count):
        open_finding(
            actor=actor(_auditor()),
            values={"about_name": "CHG0001", "what": "Nobody said why.", "owner": night.operator,
                    "due_at": clock.now() + timedelta(days=5)},
        )  # fmt: skip


def _moved_reports(night: Night, count: int) -> None:
    for number in range(MovedReport.objects.count(), count):
        import_moves(
            actor=actor(_auditor()),
            values={"file_format": "csv", "file_name": f"{number}.csv", "owner": night.manager,
                    **_period()},
            text=f"element,moved_at\nSTRANGE{number},{BEFORE - timedelta(days=2):%Y-%m-%d %H:%M}",
        )  # fmt: skip


MAKERS = {
    "populations": _populations,
    "audit-findings": _audit_findings,
    "moved-reports": _moved_reports,
    "alerts": _alerts,
    "run-issues": _run_issues,
    "attestations": _attestations,
    "gate-profiles": _gate_profiles,
    "messages": _messages,
    "changes": _changes,
    "standard-changes": _standard_changes,
    "policies": _policies,
    "obligations": _obligations,
    "delegations": _delegations,
    "team-shifts": _team_shifts,
    "risk-overrides": _risk_overrides,
    "meetings": _meetings,
    "applications": _applications,
    "assets": _assets,
    "relations": _relations,
    "versions": _versions,
    "batch-cycles": _batch_cycles,
    "job-schedules": _job_schedules,
    "calendar-rules": _calendar_rules,
    "calendar-feeds": _calendar_feeds,
    "window-series": _window_series,
    "window-deviations": _window_deviations,
    "readiness": _waivers,
    "waivers": _waivers,
    "windows": _windows,
    "packages": _packages,
    "activities": _activities,
    "checks": _packages,
    "backout-plans": _packages,
    "communications": _communications,
    "handovers": _handovers,
    "conflicts": _conflicts,
    "completeness-findings": _completeness_findings,
    "plan-templates": _plan_templates,
    "rules": _rules,
    "scm-packages": _scm_packages,
    "packs": _packs,
    "simulations": _simulations,
    "go-no-go": _decisions,
    "first-cycle": _first_cycle,
    "step-jobs": _step_jobs,
    "lessons": _lessons,
    "post-reviews": _post_reviews,
    "rehearsals": _rehearsals,
}
