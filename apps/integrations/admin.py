"""Imports in the console: hand files in, look at the preview, confirm. And the jobs of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.forms import show_at_fields
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.errors import Refused
from apps.integrations.adapters.formats import FORMATS
from apps.integrations.forms import UploadForm
from apps.integrations.models import ImportRun, StepJob
from apps.integrations.moves import STEP_JOB_MOVES
from apps.integrations.policies import name_job_blockers
from apps.integrations.selectors import progress_of, step_jobs, told_of
from apps.integrations.services.jobs import report_job
from apps.integrations.services.runs import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    confirm_import,
    start_blockers,
    start_import,
)
from apps.inventory.policies import IMPORT_ROLES

State = ImportRun.State


def _waiting(request: HttpRequest, run: ImportRun) -> dict[str, Any] | None:
    return {"progress": progress_of(run), "run": run} if run.is_busy else None


def _preview(request: HttpRequest, run: ImportRun) -> dict[str, Any] | None:
    if run.is_busy or not run.report or run.state == State.REFUSED:
        return None
    return {
        "run": run,
        "told": told_of(run),
        "blockers": tuple(start_blockers(actor_of(request))),
        "waits": run.state == State.PREVIEWED,
    }


def _problems(request: HttpRequest, run: ImportRun) -> dict[str, Any] | None:
    return {"run": run} if run.error or run.report.get("problems") else None


def _notices(request: HttpRequest, run: ImportRun) -> dict[str, Any] | None:
    return {"run": run} if run.report.get("notices") else None


@admin.register(ImportRun, site=site)
class ImportRunAdmin(EvidenceAdmin):
    order = 1
    readers = (*IMPORT_ROLES, "auditor", "change_manager")
    list_display = ("created", "file_names", "file_format", "feed", "state_shown", "started_by")
    list_filter = ("state", "file_format")
    list_select_related = ("started_by", "confirmed_by")
    search_fields = ("feed__istartswith",)
    search_help_text = "Feed, such as ca7"
    fields = ("files_shown", "digest")
    readonly_fields = ("files_shown",)
    export_fields = (
        "id", "file_format", "feed", "is_partial", "state", "size", "digest", "started_by",
        "confirmed_by", "created_at", "finished_at",
    )  # fmt: skip
    panels = (
        Panel("At work", "integrations/_progress.html", _waiting, wide=True),
        Panel("What is wrong", "integrations/_problems.html", _problems, wide=True),
        Panel("What it changes", "integrations/_preview.html", _preview, wide=True),
        Panel("Worth knowing", "integrations/_notices.html", _notices, wide=True),
    )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/confirm/", wrap(self.confirm_view), name=f"{prefix}_confirm"),
            path("<path:object_id>/progress/", wrap(self.progress_view), name=f"{prefix}_progress"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not any(start_blockers(actor_of(request)))

    def heading(self, obj: ImportRun) -> str:
        return str(obj)

    def subheading(self, obj: ImportRun) -> str:
        extent = "partial" if obj.is_partial else "complete"
        return f"{obj.get_file_format_display()}, {extent} listing"

    def strip(self, request: HttpRequest, obj: ImportRun) -> Sequence[Fact]:
        confirmed = obj.confirmed_by is not None
        return (
            Fact("Feed", display.name(obj.feed), "partial" if obj.is_partial else "complete"),
            Fact("Handed in", display.when(obj.created_at), f"{obj.started_by}"),
            Fact("Confirmed", f"{obj.confirmed_by}" if confirmed else "not yet"),
            Fact("Rows", f"{obj.report.get('rows', 0):,}", filesizeformat(obj.size)),
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Hand files in. The answer is the page of the import, which shows its preview."""
        blockers = tuple(start_blockers(actor_of(request)))
        if request.method != "POST":
            return self._upload_page(request, UploadForm(), blockers, 403 if blockers else 200)
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._upload_page(request, form, blockers, 400)
        try:
            run = start_import(actor=actor_of(request), **form.values())
        except Refused as refusal:
            others = show_at_fields(form, refusal.blockers)
            return self._upload_page(request, form, others, refusal.status)
        return HttpResponseRedirect(self.address("change", run.pk))

    def _upload_page(
        self, request: HttpRequest, form: UploadForm, blockers: Sequence[Any], status: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Import an inventory",
            "opts": self.opts,
            "form": form,
            "blockers": blockers,
            "formats": FORMATS,
            "max_files": MAX_FILES,
            "max_mb": MAX_TOTAL_BYTES // 1_000_000,
        }
        return render(request, "integrations/upload.html", context, status=status)

    @method_decorator(require_POST)
    def confirm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = self.find(request, object_id)
        digest = request.POST.get("digest", "")
        try:
            confirm_import(pk=run.pk, actor=actor_of(request), digest=digest)
        except Refused as refusal:
            return self.object_page(
                request,
                self.find(request, object_id),
                status=refusal.status,
                edit_refused=refusal.blockers,
            )
        return HttpResponseRedirect(self.address("change", run.pk))

    @method_decorator([never_cache, require_safe])
    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far a worker is, for the script of the page."""
        run = self.find(request, object_id)
        progress = progress_of(run)
        return JsonResponse(
            {"busy": run.is_busy, "percent": progress.percent, "sentence": progress.sentence}
        )

    @admin.display(description="When", ordering="created_at")
    def created(self, obj: ImportRun) -> SafeString:
        return display.when(obj.created_at)

    @admin.display(description="Files")
    def file_names(self, obj: ImportRun) -> SafeString:
        return display.name(obj)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: ImportRun) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Files")
    def files_shown(self, obj: ImportRun) -> SafeString:
        return format_html_join(
            "\n",
            "{}, {} bytes, SHA-256 {}",
            ((file["name"], f"{file['bytes']:,}", file["sha256"]) for file in obj.files),
        )


@admin.register(StepJob, site=site)
class StepJobAdmin(GovernedAdmin):
    order = 2
    moves = STEP_JOB_MOVES
    create_service = report_job
    create_blockers = name_job_blockers
    list_display = ("job", "step", "outcome_shown", "told", "seen")
    list_display_links = ("job",)
    list_filter = ("outcome",)
    list_select_related = ("activity__package", "activity__window")
    search_fields = ("job_name__istartswith", "job_id__istartswith")
    search_help_text = "Name or id of a job, such as READACCT"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("activity",)
    fields = ("activity", ("job_name", "job_id"))
    export_fields = ("activity", "attempt", "job_name", "job_id", "reported_by", "outcome",
                     "retcode", "system", "told", "seen_at")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[StepJob]:
        return step_jobs()

    def heading(self, obj: StepJob) -> SafeString:
        return display.joined(display.name(obj.job_name), obj.job_id)

    def subheading(self, obj: StepJob) -> str:
        place = obj.activity.package or obj.activity.window
        return f"Job of step {obj.activity} in {place.code}"

    def strip(self, request: HttpRequest, obj: StepJob) -> Sequence[Fact]:
        place = obj.activity.package or obj.activity.window
        return (
            Fact("Job", obj.get_outcome_display(), obj.retcode or obj.status.lower()),
            Fact("Step", obj.activity.label, f"{place.code}, attempt {obj.attempt}"),
            Fact("Seen last", display.when(obj.seen_at), obj.told),
            Fact("System", obj.system or "not told", "as z/OSMF names it"),
            Fact("Named by", obj.reported_by, display.when(obj.created_at)),
        )

    @admin.display(description="Job", ordering="job_name")
    def job(self, obj: StepJob) -> SafeString:
        return display.joined(display.name(obj.job_name), obj.job_id)

    @admin.display(description="Step", ordering="activity__label")
    def step(self, obj: StepJob) -> SafeString:
        place = obj.activity.package or obj.activity.window
        return display.joined(display.name(f"{place.code} {obj.activity.label}"),
                              obj.activity.title)  # fmt: skip

    @admin.display(description="Outcome", ordering="outcome")
    def outcome_shown(self, obj: StepJob) -> str:
        return obj.get_outcome_display()

    @admin.display(description="Seen", ordering="seen_at")
    def seen(self, obj: StepJob) -> SafeString:
        return display.when(obj.seen_at)
