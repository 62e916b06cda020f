"""The inventory in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.inventory.models import (
    Application,
    Asset,
    AssetType,
    BatchCycle,
    BusinessService,
    Environment,
    JobSchedule,
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
from apps.inventory.selectors import relations_of, versions_of
from apps.inventory.services import registers, schedules

SHOWN_VERSIONS = 50


class LandscapeAdmin(GovernedAdmin):
    edit_blockers = keep_landscape_blockers


class ApplicationDataAdmin(GovernedAdmin):
    edit_blockers = keep_applications_blockers


def _relations(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    found = relations_of(asset)
    return {"relations": found} if found.outward or found.inward else None


def _versions(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    versions = list(versions_of(asset)[:SHOWN_VERSIONS])
    return {"versions": versions, "asset": asset} if versions else None


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
        Panel("Relations", "inventory/_relations.html", _relations),
        Panel("Versions", "inventory/_versions.html", _versions, side=True),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Asset | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else ("type", "qualifier", "name")

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
        "scm_system",
        "status",
    )

    def heading(self, obj: Application) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def strip(self, request: HttpRequest, obj: Application) -> Sequence[Fact]:
        return (
            Fact("Business owner", str(obj.business_owner)),
            Fact("Technical owner", str(obj.technical_owner)),
            Fact("Criticality", obj.get_criticality_display()),
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
    fields = ("code", "name", "site", "first_job", "latest_start", "end_by", "owner_team")


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
