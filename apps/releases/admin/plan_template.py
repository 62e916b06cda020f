"""Plan templates in the console, and the page on which one is applied to a package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.forms import show_at_fields
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.errors import Blocker, Refused
from apps.releases.domain import lifecycle as life
from apps.releases.domain.plan_template import Kind
from apps.releases.domain.planner.simulation import FEWEST
from apps.releases.models import (
    Activity,
    PlanTemplate,
    ReleasePackage,
    TemplateParameter,
    TemplateStep,
)
from apps.releases.moves.plan_template import PLAN_TEMPLATE_MOVES
from apps.releases.policies import plan_template as rules
from apps.releases.policies.activity_plan import edit_step_blockers
from apps.releases.services import plan_templates
from apps.releases.services.durations import took_of
from apps.releases.services.plan_steps import Draft, apply_template, preview_template
from apps.releases.services.rows import as_key


class ParameterInline(PartInline):
    model = TemplateParameter
    fields = plan_templates.PARAMETER_FIELDS


class StepInline(PartInline):
    model = TemplateStep
    template = "admin/edit_inline/stacked.html"
    autocomplete_fields = ("team",)
    fieldsets = (
        (None, {"fields": (("position", "label"), "type", "title", "instruction")}),
        ("Who and when", {"fields": ("team", "duration_minutes", ("after", "reverses"),
                                     ("max_rc", "four_eyes"))}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateStep]:
        return super().get_queryset(request).select_related("type", "team")


def _took(request: HttpRequest, template: PlanTemplate) -> dict[str, Any] | None:
    """What ended steps of the same type and team took, beside what the template plans."""
    rows = took_of(template)
    return {"rows": rows, "fewest": FEWEST} if rows else None


@admin.register(PlanTemplate, site=site)
class PlanTemplateAdmin(GovernedAdmin):
    order = 8
    moves = PLAN_TEMPLATE_MOVES
    route = life.TEMPLATE_ROUTE
    create_service = plan_templates.write_template
    edit_service = plan_templates.edit_template
    create_blockers = rules.write_blockers
    edit_blockers = rules.edit_blockers
    list_display = ("code_and_name", "number", "state_shown", "used", "written_by", "reviewed_by")
    list_display_links = ("code_and_name",)
    list_filter = ("state",)
    list_select_related = ("written_by", "reviewed_by")
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code", "-number")
    inlines = (ParameterInline, StepInline)
    panels = (Panel("What such steps took", "releases/_took.html", _took),)
    export_fields = ("code", "number", "name", "state", "written_by", "reviewed_by")
    fields = ("code", "name", "purpose")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanTemplate]:
        return super().get_queryset(request).annotate(used_count=Count("activities"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def heading(self, obj: PlanTemplate) -> SafeString:
        return display.joined(display.name(str(obj)), obj.name)

    def subheading(self, obj: PlanTemplate) -> str:
        return obj.purpose or "Plan template"

    def strip(self, request: HttpRequest, obj: Any) -> Sequence[Fact]:
        return (
            Fact("Version", obj.number, f"written by {obj.written_by}"),
            Fact("Reviewed by", obj.reviewed_by or "nobody yet"),
            Fact("Used for", f"{obj.used_count:,}", "steps"),
        )

    @admin.display(description="Template", ordering="code")
    def code_and_name(self, obj: PlanTemplate) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: PlanTemplate) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Steps made from it")
    def used(self, obj: Any) -> str:
        return f"{obj.used_count:,}"


class ParameterForm(forms.Form):
    """One input for each parameter of a template, called "values.name" as the doors do."""

    def __init__(self, template: PlanTemplate, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False)
        regions = sorted(rules.regions())
        for parameter in rules.as_parameters(template.parameters.all()):
            common: dict[str, Any] = {
                "label": parameter.label,
                "required": False,
                "initial": parameter.default,
                "help_text": "" if parameter.is_required else "May be left empty.",
            }
            listed = {Kind.CHOICE: parameter.choices, Kind.REGION: regions}.get(parameter.kind)
            self.fields[f"values.{parameter.name}"] = (
                forms.ChoiceField(choices=[("", "Choose…"), *((c, c) for c in listed)], **common)
                if listed
                else forms.CharField(max_length=60, **common)
            )

    def values(self) -> dict[str, str]:
        return {
            name.removeprefix("values."): value.strip() for name, value in self.cleaned_data.items()
        }


def template_page(request: HttpRequest, package: ReleasePackage, back: str) -> HttpResponse:
    """Choose an active template, fill it in, read its steps, add them."""
    active = PlanTemplate.objects.filter(state=life.ACTIVE).order_by("code")
    asked = as_key(request.POST.get("template") or request.GET.get("template"))
    template = active.filter(pk=asked).first() if asked else None
    blockers: tuple[Blocker, ...] = tuple(
        edit_step_blockers(actor_of(request), Activity(package=package))
    )
    form = ParameterForm(template, request.POST or None) if template else None
    drafts: list[Draft] = []
    status = 200
    if request.method == "POST" and template is not None and form is not None:
        form.is_valid()
        try:
            drafts = preview_template(package, template, form.values())
            if "apply" in request.POST:
                apply_template(
                    pk=package.pk,
                    actor=actor_of(request),
                    template=template.pk,
                    values=form.values(),
                    comment=request.POST.get("comment", ""),
                )
                return HttpResponseRedirect(back)
        except Refused as refusal:
            status = refusal.status
            blockers = show_at_fields(form, refusal.blockers)
    context = {
        **site.each_context(request),
        "title": f"Plan {package.code} from a template",
        "package": package,
        "templates": active,
        "template": template,
        "form": form,
        "drafts": drafts,
        "blockers": blockers,
        "back": back,
    }
    return render(request, "releases/template.html", context, status=status)
