"""The inventory in the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.forms import words_input
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core import clock
from apps.core.errors import Refused
from apps.inventory.domain.blast import HORIZON, IMPACTS, Hit
from apps.inventory.models import (
    Application,
    Asset,
    AssetType,
    AssetVersion,
    BatchCycle,
    BusinessService,
    Environment,
    JobSchedule,
    Regulation,
    ScmPackage,
    Site,
    Subsystem,
    Sysplex,
    SystemImage,
)
from apps.inventory.policies import (
    adding,
    keep_applications_blockers,
    keep_assets_blockers,
    keep_landscape_blockers,
)
from apps.inventory.selectors import relations_of, versions, versions_of
from apps.inventory.selectors.impact import Impact, ImpactAsset, impact_of, moment_asked
from apps.inventory.services import registers, schedules

SHOWN_VERSIONS = 50
#: Rows of each group of an impact: among other panels, on the page of its own, and mere names.
SHOWN_HITS, SHOWN_HITS_ALONE, SHOWN_NAMES = 6, 200, 40


class LandscapeAdmin(GovernedAdmin):
    edit_blockers = keep_landscape_blockers


class ApplicationDataAdmin(GovernedAdmin):
    edit_blockers = keep_applications_blockers


def _relations(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    found = relations_of(asset)
    return {"relations": found} if found.outward or found.inward else None


def _versions(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    """By environment, production first; of each the newest first."""
    found = sorted(versions_of(asset)[:SHOWN_VERSIONS], key=lambda v: -v.environment.order)
    if not found:
        return None
    return {
        "environments": [(env, list(of)) for env, of in groupby(found, lambda v: v.environment)],
        "unauthorised": sum(version.is_unauthorised for version in found),
        "asset": asset,
    }


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """One line of what is hit; `words` is the way there."""

    asset: ImpactAsset
    hit: Hit
    words: str

    @property
    def impact(self) -> str:
        return IMPACTS[self.hit.impact]


@dataclass(frozen=True, slots=True)
class ImpactGroup:
    """What is hit of one kind: `rows` of `count`; a brief one is told by names only."""

    title: str
    count: int
    rows: list[ImpactRow]
    is_brief: bool = False

    @property
    def is_cut(self) -> bool:
        return len(self.rows) < self.count


def _shown_impact(found: Impact, most: int, *, brief: bool = False) -> dict[str, Any]:
    """What the template of an impact takes; at most `most` rows of each group."""

    def row(hit: Hit) -> ImpactRow:
        return ImpactRow(found.assets[hit.asset], hit, found.path(hit))

    def group(title: str, hits: Sequence[Hit], is_brief: bool = False) -> ImpactGroup:
        shown = hits[: SHOWN_NAMES if is_brief else most]
        return ImpactGroup(title, len(hits), [row(hit) for hit in shown], is_brief)

    left = found.time_left
    return {
        "at": found.blast.at,
        "horizon": HORIZON,
        "zone": f"{localtime(found.blast.at):%Z}",
        "first": row(found.first_job) if found.first_job else None,
        "time_left": left,
        "is_late": left is not None and left.total_seconds() <= 0,
        "groups": [
            group("Batch jobs", found.jobs),
            group("Services", found.services),
            group("Partners and reports", found.partners, brief),
            group("To be built again", found.recompiles, brief),
        ],
        "unplanned": found.unplanned[:most],
        "is_cut": found.blast.is_cut,
    }


def _impact(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    found = impact_of([asset.pk], clock.now())
    if not found.blast.hits and not found.unplanned:
        return None
    more = reverse("admin:inventory_asset_impact", args=[asset.pk])
    return {**_shown_impact(found, SHOWN_HITS, brief=True), "more_url": more}


@admin.register(Asset, site=site)
class AssetAdmin(GovernedAdmin):
    order = 1
    create_service = registers.create_asset
    edit_service = registers.edit_asset
    create_blockers = adding(keep_assets_blockers, Asset)
    edit_blockers = keep_assets_blockers
    list_display = (
        "name_shown",
        "type",
        "application",
        "level",
        "status",
    )
    list_display_links = ("name_shown",)
    list_filter = ("status", "criticality", "type__family", "source", "application")
    list_select_related = ("type", "application", "owner_team", "production_version")
    search_fields = ("name__icontains",)
    search_help_text = "Part of a name, such as ACCTDATA"
    ordering = ("name", "id")
    autocomplete_fields = ("application",)
    export_fields = (
        "type",
        "qualifier",
        "name",
        "application",
        "owner_team",
        "criticality",
        "status",
        "source",
        "confidence",
        "last_seen_at",
    )
    fieldsets = (
        (None, {"fields": ("type", "qualifier", "name", "description")}),
        ("Whose", {"fields": (("application", "owner_team"), ("criticality", "status"))}),
        ("What is known", {"fields": ("confidence", "attributes")}),
    )
    panels = (
        Panel("What it hits", "inventory/_impact.html", _impact, wide=True),
        Panel("Relations", "inventory/_relations.html", _relations),
        Panel("Versions", "inventory/_versions.html", _versions, side=True),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Asset | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else ("type", "qualifier", "name")

    def get_urls(self) -> list[URLPattern]:
        impact = self.admin_site.admin_view(self.impact_view)
        return [
            path("<path:object_id>/impact/", impact, name="inventory_asset_impact"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def impact_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Everything that changing the asset hits, now or at the moment that the address says."""
        asset = self.find(request, object_id)
        typed, refused = request.GET.get("at", ""), ""
        try:
            at = moment_asked(typed)
        except Refused as refusal:
            at, refused = clock.now(), " ".join(f"{b.text} {b.fix}" for b in refusal.blockers)
        context = {
            **self.admin_site.each_context(request),
            "title": f"What {asset} hits",
            "opts": self.opts,
            "original": asset,
            "change_url": self.address("change", asset.pk),
            "panel": _shown_impact(impact_of([asset.pk], at), SHOWN_HITS_ALONE),
            "typed": f"{localtime(at):%Y-%m-%dT%H:%M}",
            "refused": refused,
        }
        return render(request, "inventory/impact.html", context, status=400 if refused else 200)

    def heading(self, obj: Asset) -> SafeString:
        return display.name(obj.name)

    def subheading(self, obj: Asset) -> str:
        return f"{obj.type}" if obj.qualifier == "-" else f"{obj.type} in {obj.qualifier}"

    def strip(self, request: HttpRequest, obj: Asset) -> Sequence[Fact]:
        return (
            Fact("In production", self.level(obj), "current baseline"),
            Fact("Application", str(obj.application or "none"), str(obj.owner_team or "")),
            Fact("Criticality", obj.get_criticality_display()),
            Fact("Status", obj.get_status_display(), obj.get_source_display()),
            Fact("Last seen", self.seen(obj), f"{obj.confidence} % sure"),
            Fact("Changes", obj.change_count, f"{obj.bad_outcome_count} went badly, in two years"),
        )

    @admin.display(description="Name", ordering="name")
    def name_shown(self, obj: Asset) -> SafeString:
        return display.name(obj)

    @admin.display(description="In production")
    def level(self, obj: Asset) -> SafeString | str:
        return display.name(obj.production_version) if obj.production_version else "unknown"

    def seen(self, obj: Asset) -> SafeString | str:
        return display.when(obj.last_seen_at) if obj.last_seen_at else "never"


class WithoutPackage(admin.SimpleListFilter):
    title = "installed without a package"
    parameter_name = "without_package"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Without a package")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_unauthorised=True) if self.value() == "1" else queryset


@admin.register(AssetVersion, site=site)
class AssetVersionAdmin(EvidenceAdmin):
    order = 1
    list_display = ("asset_shown", "environment", "level", "installed", "by", "origin")
    list_display_links = ("level",)
    list_filter = (WithoutPackage, "environment", "origin")
    list_select_related = ("asset", "environment")
    search_fields = ("asset__name__icontains",)
    search_help_text = "Part of an asset's name"
    ordering = ("-installed_at", "-id")
    fields = ("asset", "environment", "level", "installed_at", "installed_by", "origin", "checksum")
    export_fields = ("asset", "environment", "level", "installed_at", "installed_by", "origin")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return versions()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == WithoutPackage.parameter_name or super().lookup_allowed(
            lookup, value, request
        )

    def heading(self, obj: AssetVersion) -> SafeString:
        return display.joined(display.name(obj.asset), display.name(obj.level))

    @admin.display(description="Asset", ordering="asset__name")
    def asset_shown(self, obj: AssetVersion) -> SafeString:
        return display.name(obj.asset)

    @admin.display(description="Installed", ordering="installed_at")
    def installed(self, obj: AssetVersion) -> SafeString:
        return display.when(obj.installed_at)

    @admin.display(description="By")
    def by(self, obj: Any) -> SafeString | str:
        """The kind of record; its key is on the version's own page."""
        if obj.is_unauthorised:
            return display.tone_word("failed", "warn", "Without a package")
        return obj.installed_by.partition(":")[0].capitalize()


@admin.register(ScmPackage, site=site)
class ScmPackageAdmin(EvidenceAdmin):
    """What source code managers told of their packages: read, never entered."""

    order = 12
    list_display = ("package", "description", "status", "window_from", "window_to", "seen")
    list_display_links = ("package",)
    list_filter = ("tool", "status")
    list_select_related = ()
    search_fields = ("package_id__icontains", "description__icontains")
    ordering = ("tool", "package_id")
    fields = ("description", "status", "kind", ("window_from", "window_to"), "backout_enabled",
              ("approved_at", "executed_at", "committed_at"), "feed", "last_seen_at",
              "raw")  # fmt: skip

    def heading(self, obj: ScmPackage) -> SafeString:
        return display.joined(display.name(obj.package_id), obj.get_tool_display())

    @admin.display(description="Package", ordering="package_id")
    def package(self, obj: ScmPackage) -> SafeString:
        return display.name(obj.package_id)

    @admin.display(description="Told", ordering="last_seen_at")
    def seen(self, obj: ScmPackage) -> SafeString:
        return display.when(obj.last_seen_at)


@admin.register(Application, site=site)
class ApplicationAdmin(ApplicationDataAdmin):
    order = 2
    create_service = registers.create_application
    edit_service = registers.edit_application
    create_blockers = adding(keep_applications_blockers, Application)
    list_display = ("code", "name", "business_owner", "technical_owner", "criticality", "status")
    list_filter = ("criticality", "status")
    list_select_related = ("business_owner", "technical_owner")
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    autocomplete_fields = ("business_owner", "technical_owner")
    fields = (
        "code",
        "name",
        "business_owner",
        "technical_owner",
        "criticality",
        "regulations",
        "scm_system",
        "status",
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            kwargs |= words_input(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def heading(self, obj: Application) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def strip(self, request: HttpRequest, obj: Application) -> Sequence[Fact]:
        return (
            Fact("Business owner", str(obj.business_owner)),
            Fact("Technical owner", str(obj.technical_owner)),
            Fact(
                "Criticality",
                obj.get_criticality_display(),
                ", ".join(Regulation(code).label for code in obj.regulations),
            ),
            Fact("Assets", f"{obj.assets.count():,}"),
        )


@admin.register(BusinessService, site=site)
class BusinessServiceAdmin(ApplicationDataAdmin):
    order = 3
    create_service = registers.create_business_service
    edit_service = registers.edit_business_service
    create_blockers = adding(keep_applications_blockers, BusinessService)
    list_display = ("code", "name", "tier", "rto_minutes", "owner")
    list_filter = ("tier",)
    list_select_related = ("owner",)
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    autocomplete_fields = ("owner",)
    fields = ("code", "name", "tier", "rto_minutes", "customer_commitment", "owner")


@admin.register(BatchCycle, site=site)
class BatchCycleAdmin(LandscapeAdmin):
    order = 3
    create_service = schedules.create_batch_cycle
    edit_service = schedules.edit_batch_cycle
    create_blockers = adding(keep_landscape_blockers, BatchCycle)
    list_display = ("code", "name", "site", "first_job", "latest_start", "end_by", "owner_team")
    list_select_related = ("site", "first_job", "owner_team")
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    autocomplete_fields = ("first_job",)
    fields = (
        "code", "name", "site", "first_job", "latest_start", "end_by", "new_day_at", "owner_team",
    )  # fmt: skip


@admin.register(JobSchedule, site=site)
class JobScheduleAdmin(GovernedAdmin):
    order = 3
    create_service = schedules.create_job_schedule
    edit_service = schedules.edit_job_schedule
    create_blockers = adding(keep_assets_blockers, JobSchedule)
    edit_blockers = keep_assets_blockers
    list_display = (
        "job",
        "cycle",
        "days",
        "start_time",
        "elapsed_minutes",
        "is_critical",
        "is_on_demand",
    )
    list_filter = ("cycle", "is_critical", "is_on_demand")
    list_select_related = ("job", "cycle")
    search_fields = ("job__name__icontains",)
    ordering = ("start_time", "id")
    autocomplete_fields = ("job",)
    fieldsets = (
        (None, {"fields": ("job", "cycle")}),
        ("When", {"fields": ("days", "start_time", ("repeat_minutes", "repeat_until"))}),
        ("How long", {"fields": (("elapsed_minutes", "elapsed_p90_minutes"),)}),
        ("What it is", {"fields": (("is_critical", "is_on_demand"),)}),
    )

    def heading(self, obj: JobSchedule) -> SafeString:
        return display.joined("Schedule of", display.name(obj.job))


@admin.register(Subsystem, site=site)
class SubsystemAdmin(LandscapeAdmin):
    order = 4
    create_service = registers.create_subsystem
    edit_service = registers.edit_subsystem
    create_blockers = adding(keep_landscape_blockers, Subsystem)
    list_display = ("name", "kind", "sysplex", "image", "capacity")
    list_filter = ("kind",)
    list_select_related = ("sysplex", "image")
    search_fields = ("name__icontains",)
    ordering = ("kind", "name")
    fields = ("kind", "name", "sysplex", "image", "capacity", "attributes")


@admin.register(Sysplex, site=site)
class SysplexAdmin(LandscapeAdmin):
    order = 5
    create_service = registers.create_sysplex
    edit_service = registers.edit_sysplex
    create_blockers = adding(keep_landscape_blockers, Sysplex)
    list_display = ("code", "environment")
    list_select_related = ("environment",)
    search_fields = ("code__icontains",)
    ordering = ("code",)
    fields = ("code", "environment")


@admin.register(SystemImage, site=site)
class SystemImageAdmin(LandscapeAdmin):
    order = 6
    create_service = registers.create_system_image
    edit_service = registers.edit_system_image
    create_blockers = adding(keep_landscape_blockers, SystemImage)
    list_display = ("code", "sysplex", "role")
    list_filter = ("role",)
    list_select_related = ("sysplex",)
    search_fields = ("code__icontains",)
    ordering = ("code",)
    fields = ("code", "sysplex", "role")


@admin.register(Environment, site=site)
class EnvironmentAdmin(LandscapeAdmin):
    order = 7
    create_service = registers.create_environment
    edit_service = registers.edit_environment
    create_blockers = adding(keep_landscape_blockers, Environment)
    list_display = ("code", "site", "order", "is_production", "requires_release")
    list_select_related = ("site",)
    search_fields = ("code__icontains",)
    ordering = ("site", "order")
    fields = ("code", "site", "order", "is_production", "requires_release")


@admin.register(Site, site=site)
class SiteAdmin(LandscapeAdmin):
    order = 8
    create_service = registers.create_site
    edit_service = registers.edit_site
    create_blockers = adding(keep_landscape_blockers, Site)
    list_display = ("code", "name", "tz")
    list_select_related = ()
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    fields = ("code", "name", "tz")


@admin.register(AssetType, site=site)
class AssetTypeAdmin(EvidenceAdmin):
    order = 9
    list_display = ("label", "code", "family", "name_pattern", "qualifier_label")
    list_select_related = ()
    search_fields = ("code__icontains", "label__icontains")
    ordering = ("family", "label")
    fields = ("code", "label", "family", "name_pattern", "qualifier_label")
