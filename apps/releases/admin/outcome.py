"""Go/no-go decisions, the way back and the first cycle in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.domain import lifecycle as life
from apps.releases.models import FirstCycleWatch, GoNoGo, GoNoGoLine, ReleasePackage
from apps.releases.moves.first_cycle import WATCH_MOVES
from apps.releases.policies.way_back import decision_due, is_overdue
from apps.releases.services.after_night import viability_of
from apps.releases.services.backout_generation import way_back_plan
from apps.releases.services.first_cycle import watches_with_surroundings
from apps.releases.services.go_no_go import PROJECTION, Numbers
from apps.windows.models import ReleaseWindow

#: Decisions that the page of a window or a package shows.
SHOWN = 5
_MOMENTS = ("at", "cutoff_at", "go_ready_at", "no_return_at", "commit_at", "latest_backout_at")


def number_facts(numbers: dict[str, Any] | Numbers, zone: str | None) -> list[Fact]:
    """The numbers of a moment, as they were kept or as they are now."""
    told = numbers.as_dict() if isinstance(numbers, Numbers) else numbers
    at = {name: parse_datetime(told[name]) if told.get(name) else None for name in _MOMENTS}

    def hhmm(name: str) -> str:
        moment = at[name]
        return display.hhmm(moment, zone) if moment else "none"

    if at["latest_backout_at"] is None:
        return [Fact("Window", "None", "an emergency has no plan of a night")]
    passed = told.get("no_return_passed")
    back = display.tone_word("failed", "warn", f"{hhmm('latest_backout_at')} passed") if passed \
        else hhmm("latest_backout_at")  # fmt: skip
    margin = told.get("margin_minutes")
    by = "by the live projection" if told.get("basis") == PROJECTION else "by the plan"
    return [
        Fact("Evidence complete", hhmm("go_ready_at"), by),
        Fact("Point of no return", hhmm("no_return_at"), by),
        Fact("Margin", "none" if margin is None else f"{margin} min",
             "from the evidence to the point of no return"),
        Fact("Commit", hhmm("commit_at"), "the first step that cannot be undone"),
        Fact("Way back now", f"{told['backout_minutes']} min", "of what has really begun"),
        Fact("Decide on it until", back, "what has begun is undone by the cut-off"),
        Fact("Cut-off", hhmm("cutoff_at")),
    ]  # fmt: skip


def decisions_of(about: ReleaseWindow | ReleasePackage) -> QuerySet[GoNoGo]:
    rows = GoNoGo.objects.select_related("window", "decided_by", "confirmed_by")
    mine = (
        rows.filter(window=about)
        if isinstance(about, ReleaseWindow)
        else rows.filter(lines__package=about)
    )
    return mine.prefetch_related("lines__package").order_by("-decided_at", "-id")


def go_no_go_panel(
    request: HttpRequest, about: ReleaseWindow | ReleasePackage
) -> dict[str, Any] | None:
    window = about if isinstance(about, ReleaseWindow) else about.window
    kept = list(decisions_of(about)[:SHOWN])
    is_on = window is not None and window.state == "in_progress"
    if not kept and not is_on:
        return None
    return {
        "decisions": kept,
        "zone": window.zone if window else None,
        "decide_url": reverse("decide", args=[window.pk]) if window and is_on else "",
    }


def first_cycle_panel(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    rows = list(watches_with_surroundings().filter(window=window))
    done = sum(row.state in life.WATCH_DONE for row in rows)
    return {"rows": rows, "done": done, "zone": window.zone} if rows else None


def way_back_panel(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """In the night what a backout would run now; afterwards whether one is still possible."""
    found = viability_of(package)
    is_over = life.BACKED_OUT in (package.state, package.outcome)
    live = is_over or package.state in (*life.LIVE, life.FAILED)
    plan = way_back_plan(package) if live else None
    if found is None and (plan is None or not (plan.lines or plan.final)):
        return None
    return {
        "plan": plan,
        "found": found,
        "package": package,
        "due": decision_due(package),
        "is_overdue": is_overdue(package),
        "zone": package.window.zone if package.window else None,
        "is_over": is_over,
    }


@admin.register(GoNoGo, site=site)
class GoNoGoAdmin(EvidenceAdmin):
    """Decisions of the night: to be read, never edited."""

    order = 6
    list_display = ("of_window", "what", "decided", "decided_by", "confirmed_by")
    list_display_links = ("of_window",)
    list_filter = ("window",)
    list_select_related = ("window", "decided_by", "confirmed_by")
    search_fields = ("window__code__istartswith", "lines__package__code__istartswith")
    search_help_text = "Code of the window or of a package"
    ordering = ("-decided_at", "-id")
    fields = ("two_persons",)
    export_fields = ("id", "window", "decided_at", "decided_by", "confirmed_by", "two_persons",
                     "numbers")  # fmt: skip
    panels = (
        Panel("Decided", "releases/_go_lines.html", lambda request, obj: {"kept": obj}),
        Panel("What it rested on", "releases/_go_stands.html",
              lambda request, obj: {"stands": obj.numbers.get("packages", [])}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[GoNoGo]:
        rows = GoNoGo.objects.select_related("window", "decided_by", "confirmed_by")
        return rows.prefetch_related("lines__package")

    def heading(self, obj: GoNoGo) -> str:
        return f"Go/no-go of {obj.window.code if obj.window else obj.lines.all()[0].package.code}"

    def subheading(self, obj: GoNoGo) -> str:
        second = f", confirmed by {obj.confirmed_by}" if obj.confirmed_by else ""
        return f"Decided by {obj.decided_by}{second}"

    def strip(self, request: HttpRequest, obj: GoNoGo) -> Sequence[Fact]:
        zone = obj.window.zone if obj.window else None
        return (
            Fact("Decided", display.when(obj.decided_at, zone)),
            *number_facts(obj.numbers, zone),
        )

    @admin.display(description="Window", ordering="window")
    def of_window(self, obj: GoNoGo) -> SafeString | str:
        return display.name(obj.window.code) if obj.window else "Emergency"

    @admin.display(description="Decision")
    def what(self, obj: GoNoGo) -> str:
        return ", ".join(_told(line) for line in obj.lines.all())

    @admin.display(description="Decided", ordering="decided_at")
    def decided(self, obj: GoNoGo) -> SafeString:
        return display.when(obj.decided_at, obj.window.zone if obj.window else None)


def _told(line: GoNoGoLine) -> str:
    return f"{line.package.code} {line.get_decision_display().lower()}"


@admin.register(FirstCycleWatch, site=site)
class FirstCycleWatchAdmin(GovernedAdmin):
    order = 6
    moves = WATCH_MOVES
    route = (life.EXPECTED, life.ENDED)
    list_display = ("name_of_job", "window", "state_shown", "expected_start", "rc", "critical")
    list_display_links = ("name_of_job",)
    list_filter = ("state", "critical", "window")
    list_select_related = ("window", "job")
    search_fields = ("job__name__istartswith", "window__code__istartswith")
    search_help_text = "Job or window"
    ordering = ("-expected_start_at", "-id")
    fields = ("because", "accepted_reason")
    export_fields = ("window", "job", "state", "expected_start_at", "expected_rc",
                     "expected_minutes", "started_at", "ended_at", "rc", "recorded_by",
                     "accepted_by")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[FirstCycleWatch]:
        return watches_with_surroundings()

    def heading(self, obj: FirstCycleWatch) -> SafeString:
        return display.joined(display.name(obj.job.name), "in the first cycle")

    def subheading(self, obj: FirstCycleWatch) -> str:
        return f"After {obj.window}"

    def strip(self, request: HttpRequest, obj: FirstCycleWatch) -> Sequence[Fact]:
        zone = obj.window.zone
        took = f"{obj.expected_minutes} min as a rule" if obj.expected_minutes else ""
        return (
            Fact("Expected", display.when(obj.expected_start_at, zone), took),
            Fact("Return code", "Not yet" if obj.rc is None else obj.rc,
                 f"at most {obj.expected_rc}"),
            Fact("Started", display.when(obj.started_at, zone),
                 f"ended {display.local(obj.ended_at, zone)}" if obj.ended_at else ""),
            Fact("Critical", "Yes" if obj.critical else "No"),
            Fact("Recorded by", obj.recorded_by or "Nobody yet", obj.result_text),
            *([Fact("Accepted by", obj.accepted_by, obj.accepted_reason)]
              if obj.accepted_by else []),
        )  # fmt: skip

    @admin.display(description="Job", ordering="job__name")
    def name_of_job(self, obj: FirstCycleWatch) -> SafeString:
        return display.name(obj.job.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: FirstCycleWatch) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Expected", ordering="expected_start_at")
    def expected_start(self, obj: FirstCycleWatch) -> SafeString:
        return display.when(obj.expected_start_at, obj.window.zone)
