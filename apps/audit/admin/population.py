"""Populations in the console: the question, the control tests over it, and a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.audit.domain.controls import CONTROL_BY_CODE
from apps.audit.domain.sample import IN_WORDS, SEED_LONGEST, SIZE_MOST
from apps.audit.models import Population
from apps.audit.moves.workbench import POPULATION_MOVES
from apps.audit.policies import population as rules
from apps.audit.selectors.workbench import last_results, page_of, populations, shown_exceptions
from apps.audit.services.populations import (
    CSV_HEADER,
    csv_rows,
    drawn,
    export_rows,
    take_population,
)
from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.forms import show_at_fields
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.csv_safe import csv_response
from apps.core.errors import Refused

#: Rows and exceptions that a page shows; the CSV file has all.
ROWS_SHOWN = 100
EXCEPTIONS_SHOWN = 50


class SampleForm(forms.Form):
    seed = forms.CharField(label="Seed", max_length=SEED_LONGEST)
    size = forms.IntegerField(label="Size", min_value=1, max_value=SIZE_MOST, initial=25)


def _question(request: HttpRequest, population: Population) -> dict[str, Any]:
    return {"population": population}


def _controls(request: HttpRequest, population: Population) -> dict[str, Any] | None:
    if not population.run:
        return None
    lines = [
        {
            "result": result,
            "control": CONTROL_BY_CODE.get(result.control),
            "exceptions": shown_exceptions(result)[:EXCEPTIONS_SHOWN],
            "more": max(len(result.exceptions) - EXCEPTIONS_SHOWN, 0),
        }
        for result in last_results(population)
    ]
    return {"lines": lines, "population": population}


def _sample(request: HttpRequest, population: Population) -> dict[str, Any]:
    asked = "seed" in request.GET
    form = SampleForm(request.GET if asked else None, auto_id="id_sample_%s")
    rows: Sequence[Any] = ()
    if asked and form.is_valid():
        try:
            rows = drawn(population, form.cleaned_data["seed"], form.cleaned_data["size"])
        except Refused as refusal:
            show_at_fields(form, refusal.blockers)
    return {"form": form, "rows": _linked(rows), "words": IN_WORDS, "asked": asked}


def _rows(request: HttpRequest, population: Population) -> dict[str, Any]:
    shown = list(population.rows.all()[:ROWS_SHOWN])
    return {"rows": _linked(shown), "more": population.row_count - len(shown),
            "population": population}  # fmt: skip


def _linked(rows: Sequence[Any]) -> list[dict[str, Any]]:
    labels = {"change": "change", "version": "asset_version"}
    return [
        {"row": row, "url": page_of(f"{labels[row.kind]}:{row.key}") if row.kind in labels else ""}
        for row in rows
    ]


@admin.register(Population, site=site)
class PopulationAdmin(GovernedAdmin):
    order = 11
    readers = rules.READERS
    moves = POPULATION_MOVES
    create_service = take_population
    create_blockers = rules.take_blockers
    list_display = ("code_and_name", "period", "row_count", "exceptions", "same", "taken")
    list_display_links = ("code_and_name",)
    list_select_related = ("application", "run_by", "again_by", "tested_by")
    search_fields = ("code__istartswith", "name__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("application",)
    export_fields = ("code", "name", "first_on", "last_on", "zone", "application", "query",
                     "row_count", "digest", "run_by", "run_at", "tested_at", "exception_count",
                     "facts_digest")  # fmt: skip
    fieldsets = ((None, {"fields": ("name", ("first_on", "last_on"), "zone", "application")}),)
    panels = (
        Panel("Control tests over every row", "audit/_controls.html", _controls, wide=True),
        Panel("Rows", "audit/_rows.html", _rows),
        Panel("What was asked", "audit/_question.html", _question, side=True),
        Panel("Sample", "audit/_sample.html", _sample, side=True),
    )
    change_form_template = "audit/population.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Population]:
        return populations()

    def get_urls(self) -> list[URLPattern]:
        rows = path(
            "<uuid:pk>/export/rows/",
            self.admin_site.admin_view(self.rows_view),
            name="audit_population_rows",
        )
        return [rows, *super().get_urls()]

    @method_decorator(require_POST)
    def rows_view(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """The rows as CSV, streamed; that they were taken is evidence."""
        found = self.find(request, str(pk))
        try:
            population = export_rows(pk=found.pk, actor=actor_of(request))
        except Refused as refusal:
            page: HttpResponse = self.object_page(
                request, found, status=refusal.status, edit_refused=refusal.blockers
            )
            return page
        name = f"{population.code}-{population.digest[:12]}"
        return csv_response(name, CSV_HEADER, csv_rows(population))

    def heading(self, obj: Population) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: Population) -> str:
        whose = f", application {obj.application.code}" if obj.application else ""
        return f"{obj.first_on:%a %-d %b %Y} to {obj.last_on:%a %-d %b %Y}, {obj.zone}{whose}"

    def strip(self, request: HttpRequest, obj: Population) -> Sequence[Fact]:
        tested = f"run {obj.run}, by {obj.tested_by}" if obj.run else "the tests have not run"
        return (
            Fact("Rows", f"{obj.row_count:,}", "emergencies and unauthorised included"),
            Fact("Exceptions", f"{obj.exception_count:,}" if obj.run else "not tested", tested),
            Fact("Taken", display.when(obj.run_at), f"{obj.run_by}"),
            Fact("Asked again", self.same(obj), self._again(obj)),
        )

    def _again(self, obj: Population) -> Any:
        return display.when(obj.again_at) if obj.again_at else "never yet"

    @admin.display(description="Population", ordering="code")
    def code_and_name(self, obj: Population) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    @admin.display(description="Period", ordering="first_on")
    def period(self, obj: Population) -> str:
        return f"{obj.first_on:%Y-%m-%d} to {obj.last_on:%Y-%m-%d}"

    @admin.display(description="Exceptions", ordering="exception_count")
    def exceptions(self, obj: Population) -> SafeString | str:
        if not obj.run:
            return "not tested"
        if not obj.exception_count:
            return display.tone_word("completed", "done", "none")
        return display.tone_word("medium", "warn", f"{obj.exception_count}")

    @admin.display(description="Asked again")
    def same(self, obj: Population) -> SafeString | str:
        if obj.is_same is None:
            return "not yet"
        if obj.is_same:
            return display.tone_word("completed", "done", "The same")
        return display.tone_word("medium", "warn", "Differs")

    @admin.display(description="Taken", ordering="run_at")
    def taken(self, obj: Population) -> SafeString:
        return display.when(obj.run_at)
