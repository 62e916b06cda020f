"""Attestations in the console: made on the page of a package, looked at here by a second person."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact
from apps.console.site import site
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.models import Attestation
from apps.releases.moves.attestation import ATTESTATION_MOVES
from apps.releases.services.attestations import attestations_with_people


@admin.register(Attestation, site=site)
class AttestationAdmin(GovernedAdmin):
    order = 3
    moves = ATTESTATION_MOVES
    list_display = ("named", "answer", "state_shown", "submitted_by", "submitted", "verified_by")
    list_display_links = ("named",)
    list_filter = ("state", "gate", "holds")
    list_select_related = ("submitted_by", "verified_by")
    search_fields = ("about_name__icontains", "gate__iexact", "text__icontains")
    search_help_text = "Package, gate or part of the text"
    ordering = ("-submitted_at", "-id")
    fields = ("text", "exhibit", "remark")
    export_fields = ("about_name", "gate", "holds", "state", "text", "submitted_by",
                     "submitted_at", "verified_by", "verified_at", "remark")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attestation]:
        return attestations_with_people()

    def heading(self, obj: Attestation) -> SafeString:
        return display.joined(display.name(obj.gate), f"{_title(obj)} of {obj.about_name}")

    def subheading(self, obj: Attestation) -> str:
        gate = GATE_BY_CODE.get(obj.gate)
        return gate.help_text if gate else ""

    def strip(self, request: HttpRequest, obj: Attestation) -> Sequence[Fact]:
        return (
            Fact("It holds", "Yes" if obj.holds else "No"),
            Fact("Package", display.name(obj.about_name), "", _package_page(obj)),
            Fact("Attested by", str(obj.submitted_by), display.when(obj.submitted_at)),
            Fact("Looked at by", str(obj.verified_by or "nobody yet"),
                 display.when(obj.verified_at) if obj.verified_at else ""),
        )  # fmt: skip

    @admin.display(description="Gate", ordering="about_name")
    def named(self, obj: Attestation) -> SafeString:
        return display.joined(display.name(obj.about_name), display.name(obj.gate), _title(obj))

    @admin.display(description="Holds", ordering="holds")
    def answer(self, obj: Attestation) -> str:
        return "Yes" if obj.holds else "No"

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Attestation) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Attested", ordering="submitted_at")
    def submitted(self, obj: Attestation) -> SafeString:
        return display.when(obj.submitted_at)


def _package_page(obj: Attestation) -> str:
    key = obj.about.partition(":")[2]
    return reverse("admin:releases_releasepackage_change", args=[key])


def _title(obj: Attestation) -> str:
    gate = GATE_BY_CODE.get(obj.gate)
    return gate.title if gate else ""
