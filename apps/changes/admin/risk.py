"""The weights of the risk score, and scores that two people set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.approvals.admin import AskableAdmin
from apps.changes.domain.risk_score import band_of
from apps.changes.models import RiskOverride, RiskWeights
from apps.changes.moves import OVERRIDE_MOVES, OVERRIDE_QUESTIONS
from apps.changes.pictures import risk_picture
from apps.changes.selectors import assessments_about
from apps.changes.services import risk
from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site


@admin.register(RiskWeights, site=site)
class RiskWeightsAdmin(GovernedAdmin):
    order = 8
    edit_service = risk.edit_weights
    step_up = True
    edit_blockers = risk.keep_weights_blockers
    list_display = ("__str__", "history_points", "blast_points", "changed")
    list_select_related = ()
    ordering = ("-edition",)
    fieldsets = (
        ("Points at most", {"fields": (
            ("history_points", "blast_points"), ("size_points", "complexity_points"),
            ("dormant_points", "hot_points"), ("timing_points", "reversibility_points"),
            ("evidence_points", "late_scope_points"), "delays_points",
        )}),
        ("Formula", {"fields": (("kappa", "correlation"), "other_type", "base_rates", "tiers")}),
    )  # fmt: skip

    def strip(self, request: HttpRequest, obj: RiskWeights) -> Sequence[Fact]:
        return (
            Fact("Version", display.name(obj.stamp), display.when(obj.changed_at)),
            Fact("Types of assets", len(obj.base_rates), "with a base rate of their own"),
        )

    @admin.display(description="Last change", ordering="changed_at")
    def changed(self, obj: RiskWeights) -> SafeString:
        return display.when(obj.changed_at)


def _both(request: HttpRequest, override: RiskOverride) -> dict[str, Any] | None:
    picture = risk_picture(list(assessments_about(override.change.subject)), override)
    return {"picture": picture} if picture else None


@admin.register(RiskOverride, site=site)
class RiskOverrideAdmin(AskableAdmin):
    order = 7
    moves = OVERRIDE_MOVES
    questions = OVERRIDE_QUESTIONS
    create_service = risk.propose_score
    create_blockers = risk.judge_blockers
    list_display = ("change", "set_to", "reckoned", "state_shown", "proposed_by", "decided_by")
    list_filter = ("state",)
    list_select_related = ("change", "proposed_by", "decided_by")
    search_fields = ("change__code__icontains",)
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("change",)
    fields = ("change", "points", "reason")
    panels = (Panel("Scores of the change", "changes/_risk_scores.html", _both),)

    def strip(self, request: HttpRequest, obj: RiskOverride) -> Sequence[Fact]:
        return (
            Fact("Set to", _score(obj.points), "for this content only"),
            Fact("Reckoned", _score(obj.reckoned_points), "by the formula"),
            Fact("Proposed by", str(obj.proposed_by), display.when(obj.created_at)),
            Fact("Decided by", str(obj.decided_by or "nobody yet"), display.when(obj.decided_at)
                 if obj.decided_at else ""),
        )  # fmt: skip

    @admin.display(description="Set to", ordering="points")
    def set_to(self, obj: RiskOverride) -> SafeString:
        return _score(obj.points)

    @admin.display(description="Reckoned", ordering="reckoned_points")
    def reckoned(self, obj: RiskOverride) -> SafeString:
        return _score(obj.reckoned_points)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: RiskOverride) -> SafeString:
        return display.chip(obj.state)


def _score(points: float) -> SafeString:
    return display.risk(round(points), band_of(points))
