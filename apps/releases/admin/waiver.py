"""Waivers in the console, and what packages and windows show of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.approvals.admin import AskableAdmin
from apps.approvals.selectors import all_slots, words_about
from apps.console import display
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.domain.waiver import APPROVED, REQUESTED, ROUTE, kind_of_text
from apps.gates.models import ReadinessItem, Waiver
from apps.gates.selectors import waivers_about, waivers_with_people
from apps.releases.models import ReleasePackage
from apps.releases.moves.waiver import WAIVER_MOVES, WAIVER_QUESTIONS
from apps.windows.models import ReleaseWindow


def _signatures(request: HttpRequest, waiver: Waiver) -> dict[str, Any]:
    return {"slots": list(all_slots(waiver.subject))}


def _in_turn(rows: Iterable[Waiver]) -> list[Waiver]:
    """What holds, then what is asked, then what ended."""
    order = {APPROVED: 0, REQUESTED: 1}
    return sorted(rows, key=lambda waiver: order.get(waiver.state, 2))


def _with_words(rows: list[Waiver]) -> list[Waiver]:
    """Each with `said`: the last word about it, and nothing else. One query."""
    said = words_about([waiver.subject for waiver in rows]) if rows else {}
    for waiver in rows:
        waiver.said = said.get(waiver.subject)  # type: ignore[attr-defined]
    return rows


def package_waivers(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """What was asked for the package: what a decision to go rests on is read first."""
    found = _with_words(_in_turn(waivers_about(package.subject)))
    return {"waivers": found} if found else None


def window_waivers(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    """What holds in this window, and what is still asked for it."""
    rows = waivers_with_people().filter(window=window).order_by("about_name", "gate", "id")
    found = _with_words(_in_turn(rows))
    return {"waivers": found, "is_of_window": True} if found else None


@admin.register(Waiver, site=site)
class WaiverAdmin(AskableAdmin):
    """Asked for on the page of the package."""

    order = 2
    moves = WAIVER_MOVES
    questions = WAIVER_QUESTIONS
    route = ROUTE
    list_display = ("what_and_package", "state_shown", "level", "window", "until_shown",
                    "requested_by")  # fmt: skip
    list_display_links = ("what_and_package",)
    list_filter = ("state", "kind", "gate", "level", "window")
    list_select_related = ("window", "requested_by", "decided_by")
    search_fields = ("about_name__icontains", "gate__iexact")
    search_help_text = "Package or gate"
    ordering = ("-created_at", "-id")
    fields = ("reason", "risk_statement", "compensating_control", "lets_pass")
    readonly_fields = ("lets_pass",)
    export_fields = ("about_name", "kind", "gate", "level", "window", "state", "reason",
                     "risk_statement", "compensating_control", "valid_until", "beyond_limits",
                     "requested_by", "decided_by", "created_at", "decided_at")  # fmt: skip
    panels = (Panel("Signatures", "changes/_signatures.html", _signatures),)

    def heading(self, obj: Waiver) -> SafeString:
        return display.joined("Waiver of", display.name(obj.what), "for",
                              display.name(obj.about_name))  # fmt: skip

    def subheading(self, obj: Waiver) -> str:
        gate = GATE_BY_CODE.get(obj.gate)
        return gate.title if gate else f"Joins {obj.window.code} after its scope was locked"

    def strip(self, request: HttpRequest, obj: Waiver) -> Sequence[Fact]:
        zone = obj.window.zone
        page = reverse("admin:releases_releasepackage_change", args=[obj.about.partition(":")[2]])
        return (
            Fact("Package", obj.about_name, obj.window.code, page),
            Fact("Holds until" if obj.state == APPROVED else "Asked until",
                 display.when(obj.until, zone)),
            Fact("Level", obj.get_level_display() or "Late scope",
                 "beyond the limits: the chair signs too" if obj.beyond_limits else ""),
            Fact("Asked for by", str(obj.requested_by), display.when(obj.created_at)),
            Fact("Decided", display.when(obj.decided_at),
                 str(obj.decided_by) if obj.decided_by else ""),
        )  # fmt: skip

    @admin.display(description="What it lets pass")
    def lets_pass(self, obj: Waiver) -> SafeString:
        """In the words of the gate as it stands now; of what is gone there, without its amounts."""
        item = ReadinessItem.objects.filter(subject=obj.about, gate=obj.gate).first()
        told = {kind_of_text(each["text"]): each["text"] for each in item.findings} if item else {}
        return display.lines([told.get(kind, kind.replace("#", "…")) for kind in obj.covers])

    @admin.display(description="Waiver", ordering="about_name")
    def what_and_package(self, obj: Waiver) -> SafeString:
        return display.joined(display.name(obj.about_name), obj.what)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Waiver) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Until", ordering="valid_until")
    def until_shown(self, obj: Waiver) -> SafeString | str:
        is_over = obj.state not in (APPROVED, REQUESTED)
        return "" if is_over else display.when(obj.until, obj.window.zone)
