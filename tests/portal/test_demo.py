"""The tour of the demo: every line of its story is really there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from django.apps import apps
from django.db.models import Count, Max, Q, Sum
from django.test import Client
from django.urls import reverse

from apps.approvals.models import Approval, Countersign, Decision
from apps.audit.models import AuditFinding, LegalHold, MovedReport, Population, Redaction
from apps.changes.domain.policy import DELIVERED
from apps.changes.models import ChangeRequest
from apps.changes.selectors import (
    debt_lines,
    decisions_on,
    differences_since,
    policy_in_force,
    standard_templates,
)
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceEntry, GovernedModel
from apps.evidence.services.reconciliation import reconcile
from apps.gates.models import Attestation, GateProfile, ReadinessItem, Waiver
from apps.gates.selectors import UNMET
from apps.inventory.models import Asset, AssetRelation
from apps.portal.demo.logins import demo_logins
from apps.portal.demo.stage import acting, moment, person
from apps.releases.models import (
    Activity,
    ActivityDependency,
    BackoutPlan,
    Communication,
    FirstCycleWatch,
    GoNoGo,
    Handover,
    PlanTemplate,
    Rehearsal,
    ReleasePackage,
    Simulation,
    ValidationCheck,
)
from apps.releases.pictures import step_order_picture
from apps.releases.services.alerts import watch_nights
from apps.releases.services.simulation import repeat
from apps.releases.services.what_if import what_ifs_of
from apps.releases.services.window_plan import plan_window, planning_of
from apps.windows.models import ReleaseWindow, WindowSeries
from apps.windows.selectors import prospects
from apps.windows.services.feeds import create_feed
from tests.live_night import LiveNightTestCase
from tests.portal.unreached import unreached
from tests.scenarios import NIGHT_AT
from tests.support import commit_now, invariants_hold


def night_minute(minute: int) -> datetime:
    return moment("2026-11-21 22:00") + timedelta(minutes=minute)


def minutes_since(moment_: datetime | None) -> int:
    assert moment_ is not None
    return int((moment_ - night_minute(0)) / timedelta(minutes=1))


class TestTheLiveNight(LiveNightTestCase):
    """One world for all of it, built once, as the application's role."""

    def test_no_deferred_trigger_complains(self) -> None:
        commit_now()

    def test_its_history_agrees_with_its_ledger(self) -> None:
        check = reconcile()
        assert (check.findings, check.counts.get("of_other_columns")) == ([], None)

    def test_nothing_in_it_can_never_be(self) -> None:
        invariants_hold()

    def test_a_hold_keeps_an_emergency_and_an_erasure_waits_for_its_second_person(self) -> None:
        (hold,) = LegalHold.objects.all()
        assert hold.scope == ChangeRequest.objects.get(code="CHG0499").subject
        (asked,) = Redaction.objects.all()
        assert (asked.state, len(asked.digests)) == ("proposed", 1)

    def test_the_ledger_tells_every_event_but_those_that_are_told_why(self) -> None:
        told = EvidenceEntry.objects.order_by("action").values_list("action", flat=True)
        assert len(unreached()) == len(set(unreached()))
        assert sorted({*told} | {*unreached()}) == sorted(vocabulary())
        assert {*told} & {*unreached()} == set()

    def test_somebody_was_told_and_a_shift_took_over(self) -> None:
        told = Communication.objects.order_by("due_at").values_list("state", flat=True)
        assert list(told) == ["sent", "planned"]
        given = Handover.objects.order_by("due_at").values_list("state", flat=True)
        assert list(given) == ["accepted", "offered"]

    def test_a_way_back_was_tried_step_by_step_and_another_was_not(self) -> None:
        tried = Rehearsal.objects.get(package__code="RP-2611-02")
        back = tried.steps.filter(is_backout=True).values_list(
            "label", "planned_minutes", "minutes"
        )
        assert list(back) == [("B6-R", 15, 14), ("B4-R", 55, 17), ("B3-R", 25, 24)]
        plan = BackoutPlan.objects.get(package=tried.package)
        assert (tried.state, plan.rehearsed_at) == ("completed", tried.ended_at)
        assert Rehearsal.objects.get(package__code="RP-2611-03").state == "cancelled"

    def test_the_batch_was_reported_late_and_is_in_time_again(self) -> None:
        live = ReleaseWindow.objects.get(code="W-2611")
        told = EvidenceEntry.objects.filter(subject=live.subject, action="window.batch_reported")
        assert [entry.at for entry in told.order_by("id")] == [night_minute(62), night_minute(96)]
        assert (live.effective_cutoff, live.cutoff_cause) == (
            moment("2026-11-22 04:30"), "CLOSEFIL",
        )  # fmt: skip
        later = ReleaseWindow.objects.get(code="W-2612")
        assert later.effective_cutoff == moment("2026-12-13 05:00")

    def test_a_package_is_no_better_than_its_night(self) -> None:
        package = ReleasePackage.objects.get(code="RP-2611-01")
        page = reverse("admin:releases_releasepackage_change", args=[package.pk])
        client = Client()
        client.force_login(person("owner.card"))
        self.assertContains(client.get(page), "On plan")
        watch_nights()
        answer = client.get(page)
        self.assertContains(answer, "In trouble")
        self.assertContains(answer, "The result is known 11 min after the point of no return.")

    def test_its_plan_is_the_shortest_and_knows_the_point_of_no_return(self) -> None:
        plan = plan_window(ReleaseWindow.objects.get(code="W-2611"))
        assert (plan.critical_path, plan.makespan, plan.schedule.is_proven) == (185, 225, True)
        assert (plan.go_ready, plan.commit, plan.no_return) == (205, 220, 258)
        assert (plan.backout.whole, plan.band) == (88, "amber")
        assert [plan.backout.at(minute) for minute in (20, 40, 60, 160, 180)] == [
            18, 43, 43, 83, 88,
        ]  # fmt: skip

    def test_what_would_gain_time_is_held_against_the_rules(self) -> None:
        planning = planning_of(ReleaseWindow.objects.get(code="W-2611"))
        found = {(f.kind, f.subject): f for f in what_ifs_of(planning, planning.plan)}
        assert found["capacity", "STOR"].gain == 47
        assert found["capacity", "APPB"].gain == 0
        assert found["cutoff", "+30"].gain == 30
        assert found["drop", "RP-2611-02"].is_recommended
        dropped = found["drop", "RP-2611-01"]
        assert (dropped.gain, dropped.is_recommended) == (47, False)
        assert [str(veto) for veto in dropped.vetoes] == [
            "X02: CBACT04C in RP-2611-02 was built on RP-2611-01's version.",
            "C10: CBACT04C in RP-2611-02 would read PROD.CARDDEMO.DISCGRP.VSAM.KSDS, which only "
            "RP-2611-01 converts.",
        ]

    def test_the_plan_was_simulated_before_the_night(self) -> None:
        kept = Simulation.objects.get(window__code="W-2611")
        assert (kept.seed, kept.trials, kept.told.in_time) == (2611, 2000, 2000)
        assert repeat(kept).is_same

    def test_a_calendar_of_the_night_alarms_before_the_point_of_no_return(self) -> None:
        live = ReleaseWindow.objects.get(code="W-2611")
        values = {"kind": "window", "window": live, "name": "my phone"}
        _feed, secret = create_feed(actor=acting("coordinator"), values=values)
        text = Client().get(f"/calendars/{secret}.ics").content.decode()
        assert "W-2611: Cut-off 04:30\\, CLOSEFIL." in text
        assert "W-2611: Point of no return 02:18." in text

    def test_the_series_tells_which_of_its_windows_lie_in_the_freeze(self) -> None:
        found = {p.code: p for p in prospects(WindowSeries.objects.get(code="MIDWK"))}
        hard = [
            code
            for code, each in found.items()
            if any(span.rule.strength == "hard" for span in each.spans)
        ]
        assert hard[:2] == ["MIDWK-261215", "MIDWK-261222"]
        client = Client()
        client.force_login(person("viewer"))
        for question in ("month=2026-12", "month=2026-12&view=quarter"):
            text = client.get(f"/calendar/?{question}").content.decode()
            assert "MIDWK-261215" in text and "url(#hatch-hard)" in text

    def test_the_register_is_whole(self) -> None:
        assert Asset.objects.count() == 167
        assert AssetRelation.objects.count() == 296

    def test_the_windows(self) -> None:
        assert dict(ReleaseWindow.objects.values_list("code", "state")) == {
            "W-2610": "closed",
            "W-2611": "in_progress",
            "W-2612": "open",
            "W-2612M": "open",
            "MIDWK-261208": "draft",
            "MIDWK-261215": "draft",
            "MIDWK-261222": "draft",
        }
        live = ReleaseWindow.objects.get(code="W-2611")
        assert live.effective_cutoff == moment("2026-11-22 04:30")

    def test_the_packages(self) -> None:
        found = ReleasePackage.objects.values_list("code", "window__code", "state", "outcome")
        assert set(found) == {
            ("RP-2610-01", "W-2610", "closed", "completed"),
            ("RP-2610-02", "W-2610", "closed", "backed_out"),
            ("RP-2611-01", "W-2611", "in_progress", ""),
            ("RP-2611-02", "W-2611", "in_progress", ""),
            ("RP-2611-03", "W-2611", "delayed", ""),
            ("RP-2611-04", "W-2612M", "planned", ""),
            ("RE-2611-01", None, "completed", "completed"),
        }

    def test_the_changes(self) -> None:
        states = Counter(ChangeRequest.objects.values_list("state", flat=True))
        assert states == {
            "closed": 6,
            "backed_out": 4,
            "implemented": 1,
            "implementing": 10,
            "approved": 6,
            "scheduled": 1,
            "assessing": 6,
            "draft": 1,
            "rejected": 1,
        }
        assert states.total() == 36

    def test_october_ended_well_for_one_and_backed_out_for_the_other(self) -> None:
        accepted = ValidationCheck.objects.get(state="accepted_deviation")
        assert (accepted.package.code, accepted.accepted_by.username) == (
            "RP-2610-01",
            "owner.card",
        )  # type: ignore[union-attr]
        taken_back = ReleasePackage.objects.get(code="RP-2610-02")
        assert "PSBPAUTL" in taken_back.failure_text
        assert taken_back.ended_at == moment("2026-10-18 04:16")
        started = EvidenceEntry.objects.get(
            subject=taken_back.subject, action="package.backout_started"
        )
        assert started.at == moment("2026-10-18 03:05")
        plan = BackoutPlan.objects.get(package=taken_back)
        assert plan.state == "verified"
        undone = taken_back.activities.filter(state="backed_out").values_list("label", flat=True)
        assert sorted(undone) == ["F2", "F3", "F4", "F5", "F6", "F7"]

    def test_the_october_decision_its_way_back_and_its_first_cycle_are_kept(self) -> None:
        kept = GoNoGo.objects.get(window__code="W-2610")
        assert [(line.package.code, line.decision) for line in kept.lines.all()] == [
            ("RP-2610-01", "go")
        ]
        assert kept.numbers["no_return_passed"] is False
        # At 03:05 sixty minutes of undoing were too many: a second executive confirmed them.
        signed = Countersign.objects.get(purpose="backout")
        assert (signed.proposed_by.username, signed.confirmed_by.username) == (
            "release.manager", "cab.chair",
        )  # fmt: skip
        back = ActivityDependency.objects.filter(origin="backout")
        assert set(back.values_list("activity__label", "predecessor__label")) == {
            ("F7-R", "F6-R"), ("F5-R", "F6-R"), ("F4-R", "F5-R"), ("F3-R", "F4-R"),
            ("F2-R", "F3-R"), ("F2-R", "F7-R"),
        }  # fmt: skip
        watched = FirstCycleWatch.objects.filter(window__code="W-2610")
        assert watched and {watch.state for watch in watched} == {"ended"}

    def test_the_emergency_was_allowed_by_phone_and_confirmed_within_a_day(self) -> None:
        change = ChangeRequest.objects.get(code="CHG0499")
        given = Decision.objects.filter(approval__about=change.subject).values_list(
            "by__username", "channel"
        )
        assert list(given) == [("release.manager", "admin"), ("owner.card", "phone")]
        call = change.phone_approvals.get()
        assert (call.recorded_by.username, call.verbal_by.username) == (
            "release.manager",
            "owner.card",
        )
        assert call.confirmed_at is not None
        assert call.verbal_at < call.recorded_at < call.confirmed_at < call.confirm_due_at

    def test_the_emergency_waits_for_its_ratification(self) -> None:
        change = ChangeRequest.objects.get(code="CHG0499")
        assert (change.state, change.ratified_at) == ("implemented", None)
        assert change.ratification_due_at is not None
        assert change.ratification_due_at.date() == moment("2026-11-24 12:00").date()
        assert Asset.objects.get(name="CBTRN02C").production_version.level == "01.15"  # type: ignore[union-attr]

    def test_the_emergency_is_on_the_board_of_debts_and_blocks_nothing_yet(self) -> None:
        lines = [line for line in debt_lines() if line.debt.kind == "ratification"]
        assert [(line.debt.change, line.word, line.blocks) for line in lines] == [
            ("CHG0499", "due", False)
        ]

    def test_a_standard_change_is_suspended_after_two_bad_outcomes(self) -> None:
        template = standard_templates().get(code="STD-CARD")
        assert (template.state, template.went_bad) == ("suspended", 2)
        assert template.suspended_because == (
            "two bad outcomes: CHG0381 failed on Thu 3 Sep 2026 and "
            "CHG0394 backed out on Wed 7 Oct 2026"
        )
        entry = EvidenceEntry.objects.get(action="standard_template.suspended")
        assert entry.at == moment("2026-10-07 21:10")

    def test_what_the_emergency_overtook_was_rebuilt_and_its_owner_alone_signed_again(self) -> None:
        change = ChangeRequest.objects.get(code="CHG0510")
        line = change.assets.get(asset__name="CBTRN02C")
        assert (line.from_version, line.to_version) == ("01.15", "01.16")
        slots = Approval.objects.filter(about=change.subject).order_by("slot", "requested_at")
        assert list(slots.values_list("slot", "state")) == [
            ("application_owner", "superseded"),
            ("application_owner", "approved"),
            ("board", "approved"),
        ]

    def test_a_worse_way_back_was_signed_again_by_those_who_answer_for_it(self) -> None:
        change = ChangeRequest.objects.get(code="CHG0520")
        slots = Approval.objects.filter(about=change.subject).order_by("slot", "requested_at")
        assert list(slots.values_list("slot", "state", "policy_version")) == [
            ("application_owner", "superseded", "BASE v1"),
            ("application_owner", "approved", "BASE v2"),
            ("release_manager", "approved", "BASE v2"),
            ("technical_lead:db2", "approved", "BASE v1"),
        ]
        lead = decisions_on(change).get(by__username="lead.db2")
        found = differences_since(change, lead)
        assert [line.what for line in found if line.old] == ["backout"]
        assert "type of step" in {line.what for line in found if not line.old}

    def test_security_is_heard_by_the_policy_of_november(self) -> None:
        policy = policy_in_force()
        assert policy.stamp == "BASE v2"
        codes = [rule.code for rule in policy.in_rules()]
        assert codes == sorted([*(rule.code for rule in DELIVERED), "S9"])

    def test_the_delayed_package_says_which_gate_it_missed(self) -> None:
        package = ReleasePackage.objects.get(code="RP-2611-03")
        assert "G08" in package.delay_text
        assert not package.backout_plan.rehearsed_at
        refusal = EvidenceEntry.objects.get(action="access.refused", about=package.subject)
        assert refusal.at == moment("2026-11-20 21:50")
        assert "G08" in bytes(refusal.body).decode()
        states = set(package.members.values_list("change__state", flat=True))
        assert states == {"approved"}

    def test_a_waiver_of_the_missed_gate_was_asked_for_and_refused(self) -> None:
        waiver = Waiver.objects.get(about_name="RP-2611-03")
        assert (waiver.gate, waiver.state) == ("G08", "refused")
        assert str(waiver.decided_by) == "Marcus Lindqvist"
        assert waiver.decided_at is not None and waiver.decided_at < moment("2026-11-20 21:50")

    def test_an_attestation_that_the_rebuild_took_back_is_waived_for_the_night(self) -> None:
        waiver = Waiver.objects.get(about_name="RP-2611-02")
        assert (waiver.gate, waiver.level, waiver.state) == ("G12", "soft", "approved")
        item = ReadinessItem.objects.get(subject_code="RP-2611-02", gate="G12")
        assert (item.state, item.waiver) == ("waived", waiver)
        assert "since then the scope changed" in item.detail

    def test_the_gates_tell_the_story_of_each_package(self) -> None:
        def unmet(code: str, *levels: str) -> set[str]:
            items = ReadinessItem.objects.filter(subject_code=code, level__in=levels)
            return {item.gate for item in items if item.state in UNMET}

        for code in ("RP-2611-01", "RP-2611-02"):
            assert unmet(code, "hard") == set()
            assert unmet(code, "soft") == {"G05"}
        retry = {
            item.gate: item for item in ReadinessItem.objects.filter(subject_code="RP-2611-04")
        }
        assert {"G05", "G08", "G11"} <= unmet("RP-2611-04", "hard")
        down_level = [f for f in retry["G05"].findings if f["text"].startswith("K02")]
        assert [f.get("is_waivable") for f in down_level] == [False]
        assert "short for F2" in retry["G11"].detail
        assert "C11" in retry["G21"].detail
        assert retry["G13"].state == "submitted"

    def test_a_forecast_about_the_old_build_was_made_anew(self) -> None:
        rows = Attestation.objects.filter(about_name="RP-2611-02", gate="G17")
        told = rows.order_by("submitted_at").values_list("state", "submitted_at__date")
        assert [state for state, _ in told] == ["superseded", "confirmed"]

    def test_the_rules_were_on_trial_until_they_were_right(self) -> None:
        trial = GateProfile.objects.get()
        assert (trial.gate, trial.setting, trial.is_active) == ("G04", "soft", False)

    def test_the_retry_is_built_on_what_tonight_replaces(self) -> None:
        package = ReleasePackage.objects.get(code="RP-2611-04")
        assert package.retry_of is not None and package.retry_of.code == "RP-2610-02"
        lines = Asset.objects.get(name="COPAUS0C").change_lines
        assert lines.get(change__code="CHG0531").from_version == "01.07"
        assert lines.get(change__code="CHG0511").to_version == "01.08"

    def test_the_done_steps_of_the_night_have_their_times(self) -> None:
        steps = Activity.objects.filter(state="completed", started_at__gte=night_minute(0))
        found = {
            step.label: (minutes_since(step.started_at), minutes_since(step.ended_at))
            for step in steps
        }
        assert found == {
            "W1": (2, 6), "A1": (0, 6), "B1": (0, 7), "W2": (6, 12), "A3": (7, 30), "B2": (12, 52),
            "B3": (30, 71), "W5": (71, 75), "B6": (75, 88),
        }  # fmt: skip

    def test_the_order_of_the_night_comes_from_rules_and_one_of_them_was_dropped(self) -> None:
        night = Q(activity__window__code="W-2611") | Q(activity__package__window__code="W-2611")
        rows = ActivityDependency.objects.filter(night)
        assert rows.exists() and not rows.filter(is_derived=False).exists()
        dropped = rows.get(dropped_at__isnull=False)
        assert (dropped.predecessor.label, dropped.activity.label) == ("C4", "C6")
        assert (dropped.origin, dropped.dropped_by.username) == ("O12", "coordinator")  # type: ignore[union-attr]

    def test_an_order_is_possible_everywhere(self) -> None:
        places = [*ReleaseWindow.objects.all(), *ReleasePackage.objects.all()]
        orders = [order for each in places if (order := step_order_picture(each))]
        assert orders and not [order.cycle for order in orders if order.cycle]

    def test_one_plan_template_is_used_and_another_being_written(self) -> None:
        assert dict(PlanTemplate.objects.values_list("code", "state")) == {
            "CICS-PROGRAM": "active", "VSAM-LAYOUT": "draft",
        }  # fmt: skip

    def test_the_conversion_runs_late(self) -> None:
        step = Activity.objects.get(package__code="RP-2611-02", label="B4")
        assert (step.state, step.percent, step.started_at) == ("in_progress", 80, night_minute(52))

    def test_planned_and_earned_minutes_of_the_night(self) -> None:
        """The plan of 374 minutes, of which 259 were planned by 00:40 and 197 are earned."""
        steps = Activity.objects.exclude(package__code="RP-2611-03").filter(
            planned_start_at__gte=night_minute(0), planned_start_at__lt=night_minute(480),
            is_backout=False,
        )  # fmt: skip
        now = night_minute(160)
        planned = earned = Decimal(0)
        for step in steps:
            assert step.planned_start_at is not None and step.planned_end_at is not None
            spent = (min(now, step.planned_end_at) - step.planned_start_at) / timedelta(minutes=1)
            planned += Decimal(max(0, int(spent)))
            done = 100 if step.state == "completed" else step.percent
            earned += Decimal(done * step.duration_minutes) / 100
        assert steps.aggregate(all=Sum("duration_minutes"))["all"] == 374
        assert (planned, earned) == (259, 197)

    def test_nobody_is_owner_and_deputy_and_everybody_is_of_the_team(self) -> None:
        for step in Activity.objects.select_related("team", "owner", "deputy"):
            members = set(step.team.members.values_list("user", flat=True))
            assert step.owner_id != step.deputy_id
            assert {step.owner_id, step.deputy_id} <= members

    def test_the_counters_of_every_window_equal_its_active_bookings(self) -> None:
        for window in ReleaseWindow.objects.all():
            booked = window.bookings.exclude(state="released").aggregate(
                changes=Sum("changes", default=0), points=Sum("points", default=Decimal(0)),
                binds=Sum("binds", default=0), packages=Count("pk"),
            )  # fmt: skip
            counters = {name: getattr(window, f"booked_{name}") for name in booked}
            assert counters == booked, window.code

    def test_the_auditor_took_the_autumn_and_found_what_moved_past_governance(self) -> None:
        assert MovedReport.objects.get().counts == {
            "as_authorised": 12, "not_moved": 2, "otherwise": 1, "unauthorised": 1,
        }  # fmt: skip
        population = Population.objects.get()
        kinds = Counter(population.rows.values_list("kind", flat=True))
        assert kinds == {"change": 11, "moved": 1}
        told = {row.control: (row.tested, row.passed) for row in population.results.all()}
        assert told["CT01"] == (12, 11)
        assert told["CT02"] == told["CT03"] == (11, 11)
        assert told["CT05"] == (10, 8), "two standard changes went without a package"
        findings = Counter(AuditFinding.objects.values_list("control", "state"))
        assert findings == {
            ("MOVED", "explained"): 1, ("CT05", "open"): 2, ("CT08", "open"): 3,
            ("CT08", "closed"): 1,
        }  # fmt: skip

    def test_the_evidence_of_every_record_is_gapless(self) -> None:
        entries = {
            row["subject"]: (row["last"], row["count"])
            for row in EvidenceEntry.objects.values("subject").annotate(
                last=Max("seq"), count=Count("pk")
            )
        }
        assert all(last == count for last, count in entries.values())
        for model in apps.get_models():
            if issubclass(model, GovernedModel):
                for record in model._default_manager.all():
                    assert entries[record.subject][0] == record.evidence_seq, record

    def test_the_entries_follow_the_clock_of_the_story(self) -> None:
        times = list(EvidenceEntry.objects.order_by("id").values_list("at", flat=True))
        assert times == sorted(times)
        assert times[-1] <= NIGHT_AT

    def test_everybody_sees_their_home(self) -> None:
        for username, *_ in demo_logins():
            client = Client()
            client.force_login(
                person(username), backend="django.contrib.auth.backends.ModelBackend"
            )
            assert client.get("/", follow=True).status_code == 200, username
