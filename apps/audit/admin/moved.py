"""Reports of what moved in the console: hand one in, see the four buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.audit.adapters import FORMATS
from apps.audit.domain.moved import BUCKETS, UNAUTHORISED
from apps.audit.models import MovedReport
from apps.audit.models.period import house_zone
from apps.audit.pictures import LOOKS, pieces_of
from apps.audit.policies import moved as rules
from apps.audit.policies.population import READERS
from apps.audit.selectors.workbench import page_of, reports
from apps.audit.services.moved import import_moves
from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.forms import DayInput, show_at_fields
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.errors import Refused

#: Lines of one bucket that the page shows; the interface has all.
LINES_SHOWN = 200


class ReportForm(forms.Form):
    """Only the form: what is right, the service says."""

    file_format = forms.ChoiceField(
        label="Format", choices=[("", "Choose…"), *((f.code, f.label) for f in FORMATS)]
    )
    file = forms.FileField(label="File")
    first_on = forms.DateField(label="First day", widget=DayInput)
    last_on = forms.DateField(label="Last day", widget=DayInput)
    zone = forms.CharField(
        label="Time zone", max_length=40, initial=house_zone,
        help_text="Whose wall clock the file and the days are of.",
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, kind=User.Kind.HUMAN).order_by("username"),
        label="Owner", empty_label="Choose…",
        help_text="Who answers for what was not authorised.",
    )  # fmt: skip

    def clean_file(self) -> tuple[str, str]:
        """Name and text. A byte order mark stays, so that the digest is that of the file."""
        file = self.cleaned_data["file"]
        try:
            return file.name[:120], file.read(rules.BYTES_MOST + 1).decode()
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                f"Byte {error.start + 1:,} is not UTF-8. Transfer the file again, as text."
            ) from None

    def values(self) -> tuple[dict[str, Any], str]:
        """What the service takes, and the text of the file."""
        values = dict(self.cleaned_data)
        values["file_name"], text = values.pop("file")
        return values, text


def _buckets(request: HttpRequest, report: MovedReport) -> dict[str, Any]:
    return {"pieces": pieces_of(report.counts), "total": sum(report.counts.values())}


def _lines(request: HttpRequest, report: MovedReport) -> dict[str, Any]:
    found: dict[str, list[Any]] = {bucket: [] for bucket, _ in BUCKETS}
    for item in report.items.select_related("change", "package"):
        if len(found[item.bucket]) < LINES_SHOWN:
            found[item.bucket].append(item)
    # What was not authorised stands first.
    groups = [
        {"label": label, "bucket": bucket, "items": found[bucket], "tone": LOOKS[bucket][0],
         "icon": LOOKS[bucket][1], "count": report.counts.get(bucket, 0)}
        for bucket, label in reversed(BUCKETS)
        if found[bucket]
    ]  # fmt: skip
    raised = {finding.about: finding for finding in report.findings.select_related("owner")}
    for group in groups:
        for item in group["items"]:
            item.finding = raised.get(item.subject)
            item.finding_url = page_of(item.finding.subject) if item.finding else ""
    return {"groups": groups, "report": report}


@admin.register(MovedReport, site=site)
class MovedReportAdmin(GovernedAdmin):
    order = 13
    readers = READERS
    create_service = import_moves
    create_blockers = rules.import_blockers
    list_display = ("code_and_file", "file_format", "period", *(f"in_{b}" for b, _ in BUCKETS),
                    "imported")  # fmt: skip
    list_display_links = ("code_and_file",)
    list_filter = ("file_format",)
    list_select_related = ("owner", "imported_by")
    search_fields = ("code__istartswith", "file_name__icontains", "sha256__istartswith")
    ordering = ("-created_at", "-id")
    export_fields = ("code", "file_format", "file_name", "first_on", "last_on", "zone", "sha256",
                     "counts", "owner", "imported_by", "imported_at")  # fmt: skip
    fields = ("file_name", "sha256")
    change_form_template = "audit/moved_report.html"
    readonly_fields = ("sha256",)
    panels = (
        Panel("Moved against authorised", "audit/_buckets.html", _buckets, wide=True),
        Panel("Line by line", "audit/_moved_lines.html", _lines, wide=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MovedReport]:
        return reports()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Hand a report in: all of it is compared, or every line that is wrong is named."""
        blockers = tuple(rules.import_blockers(actor_of(request)))
        if request.method != "POST":
            return self._upload_page(request, ReportForm(), blockers, 403 if blockers else 200)
        form = ReportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._upload_page(request, form, blockers, 400)
        values, text = form.values()
        try:
            report = import_moves(actor=actor_of(request), values=values, text=text)
        except Refused as refusal:
            # What is wrong with the text is wrong with the file that it came in.
            others = show_at_fields(
                form,
                (replace(b, field="file") if b.field == "text" else b for b in refusal.blockers),
            )
            return self._upload_page(request, form, others, refusal.status)
        return HttpResponseRedirect(self.address("change", report.pk))

    def _upload_page(
        self, request: HttpRequest, form: ReportForm, blockers: Sequence[Any], status: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Compare what moved with what was authorised",
            "opts": self.opts,
            "form": form,
            "blockers": blockers,
            "formats": FORMATS,
            "max_mb": rules.BYTES_MOST // 1_000_000,
        }
        return render(request, "audit/import_moves.html", context, status=status)

    def heading(self, obj: MovedReport) -> SafeString:
        return display.joined(display.name(obj.code), obj.file_name)

    def subheading(self, obj: MovedReport) -> str:
        return f"{obj.get_file_format_display()}, {self.period(obj)}, {obj.zone}"

    def strip(self, request: HttpRequest, obj: MovedReport) -> Sequence[Fact]:
        bad = obj.counts.get(UNAUTHORISED, 0)
        return (
            Fact("Not authorised", self._count(obj, UNAUTHORISED),
                 "each opened a finding" if bad else "nothing to answer for"),
            Fact("Owner", str(obj.owner), "answers for it"),
            Fact("Imported", display.when(obj.imported_at), str(obj.imported_by)),
            Fact("File", display.name(obj.sha256[:12]), "SHA-256"),
        )  # fmt: skip

    def _count(self, obj: MovedReport, bucket: str) -> SafeString | str:
        number = obj.counts.get(bucket, 0)
        tone, icon = LOOKS[bucket]
        return display.tone_word(tone, icon, f"{number:,}") if number else "0"

    @admin.display(description="Report", ordering="code")
    def code_and_file(self, obj: MovedReport) -> SafeString:
        return display.joined(display.name(obj.code), obj.file_name)

    @admin.display(description="Period", ordering="first_on")
    def period(self, obj: MovedReport) -> str:
        return f"{obj.first_on:%Y-%m-%d} to {obj.last_on:%Y-%m-%d}"

    @admin.display(description="As authorised")
    def in_as_authorised(self, obj: MovedReport) -> SafeString | str:
        return self._count(obj, "as_authorised")

    @admin.display(description="Not moved")
    def in_not_moved(self, obj: MovedReport) -> SafeString | str:
        return self._count(obj, "not_moved")

    @admin.display(description="Otherwise")
    def in_otherwise(self, obj: MovedReport) -> SafeString | str:
        return self._count(obj, "otherwise")

    @admin.display(description="Not authorised")
    def in_unauthorised(self, obj: MovedReport) -> SafeString | str:
        return self._count(obj, UNAUTHORISED)

    @admin.display(description="Imported", ordering="imported_at")
    def imported(self, obj: MovedReport) -> SafeString:
        return display.when(obj.imported_at)
