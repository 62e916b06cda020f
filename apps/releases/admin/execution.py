"""Steps, validation checks and backout plans in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.domain import lifecycle as life
from apps.releases.domain.checks import in_words
from apps.releases.domain.required import in_words as evidence_in_words
from apps.releases.models import (
    Activity,
    ActivityChange,
    ActivityDependency,
    ActivityTarget,
    BackoutPlan,
    ValidationCheck,
)
from apps.releases.moves.activity import ACTIVITY_MOVES
from apps.releases.moves.backout import BACKOUT_MOVES
from apps.releases.moves.check import CHECK_MOVES
from apps.releases.policies import backout as backout_rules
from apps.releases.policies.activity_facts import steps_with_surroundings
from apps.releases.policies.activity_plan import edit_step_blockers, plan_step_blockers
from apps.releases.policies.check import edit_check_blockers, plan_check_blockers
from apps.releases.services import activity_plan, backout, checks

LOG_LINES = 20


def _zone(obj: Any) -> str | None:
    """Whose wall clock people read on the record's page."""
    window = getattr(obj, "window", None) or (obj.package.window if obj.package else None)
    return window.zone if window else None


def _place(obj: Any) -> Any:
    return obj.package or obj.window


class _PlanRecordAdmin(GovernedAdmin):
    """A record of a package or window, to which it belongs for good."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = ("package", "window") if hasattr(self.model, "window") else ("package",)
        return own if obj else ()

    @admin.display(description="Package or window", ordering="package__code")
    def place(self, obj: Any) -> SafeString:
        return display.name(_place(obj).code)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Any) -> SafeString:
        return display.chip(obj.state)


class DependencyInline(PartInline):
    model = ActivityDependency
    fk_name = "activity"
    fields = ("predecessor", "strength")
    autocomplete_fields = ("predecessor",)
    verbose_name = "predecessor"
    verbose_name_plural = "waits for"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActivityDependency]:
        """Those that rules tell are derived, not entered: a panel shows them."""
        rows = super().get_queryset(request).filter(is_derived=False)
        return rows.select_related("predecessor")


class TargetInline(PartInline):
    model = ActivityTarget
    fields = ("asset",)
    autocomplete_fields = ("asset",)
    verbose_name = "asset"
    verbose_name_plural = "works on"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActivityTarget]:
        return super().get_queryset(request).select_related("asset__type")


class ServedChangeInline(PartInline):
    model = ActivityChange
    fields = ("change",)
    autocomplete_fields = ("change",)
    verbose_name = "change"
    verbose_name_plural = "serves"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActivityChange]:
        return super().get_queryset(request).select_related("change")


def _predecessors(request: HttpRequest, step: Activity) -> dict[str, Any] | None:
    """What rules make the step wait for."""
    rows = step.dependencies.filter(is_derived=True).select_related("predecessor", "dropped_by")
    found = list(rows.order_by("dropped_at", "predecessor__label"))
    return {"rows": found, "zone": _zone(step)} if found else None


def _log(request: HttpRequest, step: Activity) -> dict[str, Any] | None:
    lines = list(step.log.select_related("by").order_by("-at", "-id")[:LOG_LINES])
    return {"lines": lines} if lines else None


def _step_result(request: HttpRequest, step: Activity) -> dict[str, Any] | None:
    rows = [
        ("Done by", step.done_by),
        ("Verified by", step.verified_by),
        ("Return code", step.rc),
        ("Failure", step.failure_code.replace("_", " ")),
        ("Result", step.result_text),
        ("Deviation", step.deviation_reason),
    ]
    told = [(label, value) for label, value in rows if value not in (None, "")]
    return {"rows": told} if told else None


@admin.register(Activity, site=site)
class ActivityAdmin(_PlanRecordAdmin):
    order = 2
    moves = ACTIVITY_MOVES
    route = (life.PLANNED, life.READY, life.IN_PROGRESS, life.COMPLETED)
    create_service = activity_plan.create_activity
    edit_service = activity_plan.edit_activity
    create_blockers = plan_step_blockers
    edit_blockers = edit_step_blockers
    list_display = ("place", "label_and_title", "state_shown", "type", "team", "owner",
                    "planned_start")  # fmt: skip
    list_display_links = ("label_and_title",)
    list_filter = ("state", "is_backout", "irreversible", "team")
    list_select_related = ("package__window", "window", "type", "team", "owner")
    search_fields = ("label__icontains", "title__icontains", "package__code__iexact")
    ordering = ("planned_start_at", "label", "id")
    autocomplete_fields = ("package", "window", "team", "owner", "deputy", "subsystem", "reverses")
    inlines = (DependencyInline, TargetInline, ServedChangeInline)
    export_fields = ("package", "window", "label", "title", "type", "state", "team", "owner",
                     "duration_minutes", "planned_start_at", "started_at", "ended_at",
                     "rc")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "window"), ("label", "type"), "title", "instruction")}),
        ("Who and when", {"fields": ("team", ("owner", "deputy"),
                                     ("duration_minutes", "not_before_at"), "subsystem")}),
        ("How it ends", {"fields": ("expected_result", "max_rc", ("mandatory", "four_eyes"))}),
        ("What to watch", {"fields": (("hold_point", "irreversible"),
                                      ("is_backout", "reverses"))}),
    )  # fmt: skip
    panels = (
        Panel("Waits for, by rule", "releases/_predecessors.html", _predecessors),
        Panel("Log", "releases/_log.html", _log),
        Panel("Result", "releases/_result.html", _step_result, side=True),
    )

    def find(self, request: HttpRequest, object_id: str) -> Activity:
        found: Activity = super().find(request, object_id)
        return steps_with_surroundings().select_related("verified_by").get(pk=found.pk)

    def heading(self, obj: Activity) -> SafeString:
        return display.joined(display.name(obj.label), obj.title)

    def subheading(self, obj: Activity) -> str:
        kind = "Backout step" if obj.is_backout else "Step"
        return f"{kind} of {_place(obj)}: {obj.type.label.lower()}"

    def strip(self, request: HttpRequest, obj: Activity) -> Sequence[Fact]:
        zone = _zone(obj)
        return (
            Fact("Planned", display.when(obj.planned_start_at, zone),
                 f"{obj.duration_minutes} minutes"),
            Fact("Started", display.when(obj.started_at, zone),
                 f"ended {display.local(obj.ended_at, zone)}" if obj.ended_at else ""),
            Fact("Team", obj.team.code, obj.team.name),
            Fact("Owner", obj.owner or "nobody",
                 "acknowledged" if obj.acknowledged_at else "not acknowledged"),
            Fact("Completes with", evidence_in_words(obj.required) or "nothing more"),
            Fact("Subsystem", obj.subsystem or "none", "exclusive" if obj.exclusive else ""),
            *([Fact("Template", str(obj.template), obj.template.name)] if obj.template else ()),
            Fact("Progress", f"{obj.percent} %", f"attempt {obj.attempts}" if obj.attempts else ""),
        )  # fmt: skip

    @admin.display(description="Step", ordering="label")
    def label_and_title(self, obj: Activity) -> SafeString:
        return display.joined(display.name(obj.label), obj.title)

    @admin.display(description="Planned start", ordering="planned_start_at")
    def planned_start(self, obj: Activity) -> SafeString:
        return display.when(obj.planned_start_at, _zone(obj))


def _check_result(request: HttpRequest, check: ValidationCheck) -> dict[str, Any] | None:
    rows = [
        ("Measured", check.actual_value),
        ("Comparison", check.result_text),
        ("By", check.done_by),
        ("Deviation accepted by", check.accepted_by),
        ("Because", check.accepted_reason),
    ]
    told = [(label, value) for label, value in rows if value not in (None, "")]
    return {"rows": told} if told else None


@admin.register(ValidationCheck, site=site)
class ValidationCheckAdmin(_PlanRecordAdmin):
    order = 3
    moves = CHECK_MOVES
    route = (life.PLANNED, life.RUNNING, life.PASSED)
    create_service = checks.create_check
    edit_service = checks.edit_check
    create_blockers = plan_check_blockers
    edit_blockers = edit_check_blockers
    list_display = ("place", "code_and_title", "state_shown", "kind", "phase", "expected", "team",
                    "owner")  # fmt: skip
    list_display_links = ("code_and_title",)
    list_filter = ("state", "phase", "kind", "mandatory", "team")
    list_select_related = ("package__window", "window", "team", "owner")
    search_fields = ("code__icontains", "title__icontains", "package__code__iexact")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("package", "window", "change", "team", "owner", "activity")
    export_fields = ("package", "window", "code", "title", "kind", "phase", "state", "team",
                     "expected_operator", "expected_value", "baseline", "actual_value",
                     "run_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "window"), ("code", "kind"), "title", "method")}),
        ("What is expected", {"fields": (("expected_operator", "expected_value"),
                                         ("baseline", "baseline_source"),
                                         ("phase", "mandatory"))}),
        ("Who and what about", {"fields": (("team", "owner"), ("change", "activity"))}),
    )  # fmt: skip
    panels = (Panel("Result", "releases/_result.html", _check_result),)

    def find(self, request: HttpRequest, object_id: str) -> ValidationCheck:
        found: ValidationCheck = super().find(request, object_id)
        rows = checks.checks_with_surroundings().select_related("done_by", "accepted_by")
        return rows.get(pk=found.pk)

    def heading(self, obj: ValidationCheck) -> SafeString:
        return display.joined(display.name(obj.code), obj.title)

    def subheading(self, obj: ValidationCheck) -> str:
        return f"{obj.get_kind_display()} check of {_place(obj)}"

    def strip(self, request: HttpRequest, obj: ValidationCheck) -> Sequence[Fact]:
        return (
            Fact("Expected", self.expected(obj), f"baseline {obj.baseline or 'none'}"),
            Fact("Measured", obj.actual_value or "Not yet",
                 display.when(obj.run_at, _zone(obj)) if obj.run_at else ""),
            Fact("When", obj.get_phase_display(), "mandatory" if obj.mandatory else "optional"),
            Fact("Team", obj.team.code, obj.owner or ""),
            Fact("Step", obj.activity or "none",
                 obj.activity.get_state_display().lower() if obj.activity else ""),
            Fact("Change", obj.change.code if obj.change else "all", ""),
        )  # fmt: skip

    @admin.display(description="Check", ordering="code")
    def code_and_title(self, obj: ValidationCheck) -> SafeString:
        return display.joined(display.name(obj.code), obj.title)

    @admin.display(description="Expected")
    def expected(self, obj: ValidationCheck) -> str:
        return in_words(obj.expected_operator, obj.expected_value) if obj.expected_value else "open"


def _backout_steps(request: HttpRequest, plan: BackoutPlan) -> dict[str, Any] | None:
    steps = list(
        Activity.objects.filter(package=plan.package_id, is_backout=True)
        .select_related("reverses", "team")
        .order_by("label")
    )
    return {"steps": steps} if steps else None


@admin.register(BackoutPlan, site=site)
class BackoutPlanAdmin(_PlanRecordAdmin):
    order = 4
    moves = BACKOUT_MOVES
    route = (life.DRAFT, life.REVIEWED, life.REHEARSED, life.APPROVED)
    create_service = backout.create_backout_plan
    edit_service = backout.edit_backout_plan
    create_blockers = backout_rules.write_blockers
    edit_blockers = backout_rules.edit_blockers
    list_display = ("package", "state_shown", "strategy", "decision_owner", "data_written",
                    "rehearsed")  # fmt: skip
    list_display_links = ("package",)
    list_filter = ("state", "strategy", "data_written")
    list_select_related = ("package__window", "decision_owner")
    search_fields = ("package__code__icontains", "package__name__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("package", "decision_owner")
    export_fields = ("package", "state", "strategy", "decision_owner", "data_written",
                     "rehearsed_at", "rehearsed_in")  # fmt: skip
    fieldsets = (
        (None, {"fields": ("package", ("strategy", "data_written"), "trigger_criteria",
                           "decision_owner")}),
        ("How", {"fields": ("restore_points", "verification")}),
    )  # fmt: skip
    panels = (Panel("Backout steps", "releases/_backout_steps.html", _backout_steps),)

    def find(self, request: HttpRequest, object_id: str) -> BackoutPlan:
        found: BackoutPlan = super().find(request, object_id)
        rows = backout.plans_with_package().select_related("reviewed_by", "approved_by")
        return rows.get(pk=found.pk)

    def subheading(self, obj: BackoutPlan) -> str:
        return f"{obj.get_strategy_display()}; {obj.package}"

    def strip(self, request: HttpRequest, obj: BackoutPlan) -> Sequence[Fact]:
        return (
            Fact("Package", display.chip(obj.package.state), obj.package.code),
            Fact("Decided by", obj.decision_owner),
            Fact("Reviewed by", obj.reviewed_by or "Nobody yet"),
            Fact("Rehearsed", display.when(obj.rehearsed_at, _zone(obj)), obj.rehearsed_in),
            Fact("Approved by", obj.approved_by or "Nobody yet"),
            Fact("Data written", obj.get_data_written_display()),
        )

    @admin.display(description="Rehearsed", ordering="rehearsed_at")
    def rehearsed(self, obj: BackoutPlan) -> SafeString:
        return display.when(obj.rehearsed_at, _zone(obj))
