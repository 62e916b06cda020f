"""Assets, their relations, versions and impact in the programming interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef, TeamRef
from apps.core import clock
from apps.core.api import (
    AwareDateTimeField,
    Filter,
    StrictSerializer,
    WriteSerializer,
    actor_of,
)
from apps.evidence.api import (
    PROBLEMS,
    Creates,
    Edits,
    GovernedSerializer,
    GovernedView,
    RecordView,
)
from apps.inventory.domain.blast import HORIZON, IMPACTS
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.models import (
    Application,
    Asset,
    AssetRelation,
    AssetVersion,
    Criticality,
    ScmPackage,
)
from apps.inventory.selectors import applications, assets, relations_of, versions, versions_of
from apps.inventory.selectors.impact import HORIZON_HOURS_MAX, impact_of
from apps.inventory.services import registers, relations


class ApplicationRef(serializers.ModelSerializer):
    class Meta:
        model = Application
        fields = ("id", "code", "name")
        read_only_fields = fields


class AssetRef(serializers.ModelSerializer):
    type = serializers.CharField(source="type_id", read_only=True)

    class Meta:
        model = Asset
        fields = ("id", "type", "qualifier", "name")
        read_only_fields = fields


class ApplicationSerializer(GovernedSerializer):
    business_owner = PersonRef(read_only=True)
    technical_owner = TeamRef(read_only=True)

    class Meta:
        model = Application
        fields = ("id", "version", "code", "name", "criticality", "regulations", "status",
                  "scm_system", "business_owner", "technical_owner", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class AssetSerializer(GovernedSerializer):
    type = serializers.CharField(source="type_id", read_only=True)
    family = serializers.CharField(source="type.family", read_only=True)
    application = ApplicationRef(read_only=True, allow_null=True)
    owner_team = TeamRef(read_only=True, allow_null=True)
    production_level = serializers.CharField(
        source="production_version.level", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Asset
        fields: tuple[str, ...] = (
            "id", "version", "type", "family", "qualifier", "name", "application", "owner_team",
            "criticality", "status", "source", "confidence", "production_level", "last_seen_at",
            "last_changed_at", "change_count", "bad_outcome_count", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class RelationSerializer(serializers.ModelSerializer):
    """`source` depends on `target`."""

    source = AssetRef(read_only=True)  # type: ignore[assignment]
    target = AssetRef(read_only=True)

    class Meta:
        model = AssetRelation
        fields = ("id", "source", "kind", "target", "key", "attributes", "origin", "confirmed",
                  "confidence", "feed", "is_stale",
                  "first_seen_at", "last_seen_at")  # fmt: skip
        read_only_fields = fields


class RelationsSerializer(serializers.Serializer):
    """Up to 200 edges each way; `more` tells that one side was cut (see /relations/)."""

    outward = RelationSerializer(many=True)
    inward = RelationSerializer(many=True)
    more = serializers.BooleanField()


class VersionSerializer(serializers.ModelSerializer):
    """That a level was installed. `is_unauthorised`: without a package where one is required."""

    environment = serializers.CharField(source="environment.code", read_only=True)
    is_unauthorised = serializers.BooleanField(read_only=True)

    class Meta:
        model = AssetVersion
        fields: tuple[str, ...] = ("level", "environment", "installed_at", "installed_by",
                                   "checksum", "origin", "is_unauthorised")  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class InstalledSerializer(VersionSerializer):
    asset = AssetRef(read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = ("id", "asset", *VersionSerializer.Meta.fields)
        read_only_fields = fields


class AssetDetailSerializer(AssetSerializer):
    relations = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()

    class Meta(AssetSerializer.Meta):
        fields = (*AssetSerializer.Meta.fields, "description", "attributes", "relations",
                  "versions")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(RelationsSerializer)
    def get_relations(self, asset: Asset) -> Any:
        return RelationsSerializer(relations_of(asset)).data

    @extend_schema_field(VersionSerializer(many=True))
    def get_versions(self, asset: Asset) -> Any:
        return VersionSerializer(versions_of(asset)[:50], many=True).data


class AssetWriteSerializer(WriteSerializer):
    class Meta:
        model = Asset
        fields = ("type", "qualifier", "name", "application", "owner_team", "description",
                  "criticality", "status", "attributes")  # fmt: skip


class HitSerializer(serializers.Serializer):
    """An asset that is hit. `arrival` is when; of a job, the start of its run. `weight` is 0 to 1.
    `cut_off` is the wall time by which the partner expects it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    qualifier = serializers.CharField()
    name = serializers.CharField()
    application = serializers.CharField()
    tier = serializers.ChoiceField(choices=Criticality.choices)
    is_critical = serializers.BooleanField()
    partner = serializers.CharField()
    cut_off = serializers.CharField(allow_null=True)
    arrival = serializers.DateTimeField()
    impact = serializers.ChoiceField(choices=list(IMPACTS.items()))
    weight = serializers.FloatField()
    path = serializers.CharField()


class ImpactSerializer(serializers.Serializer):
    """What changing the asset at the moment `at` hits.

    `time_left_minutes` is until the first batch job is hit. `unplanned` are jobs that would be hit
    if somebody started them. `is_cut`: there is more than was looked at.
    """

    at = serializers.DateTimeField()
    first_job = HitSerializer(allow_null=True)
    time_left_minutes = serializers.IntegerField(allow_null=True)
    jobs = HitSerializer(many=True)
    recompiles = HitSerializer(many=True)
    services = HitSerializer(many=True)
    partners = HitSerializer(many=True)
    unplanned = serializers.ListField(child=serializers.CharField())
    is_cut = serializers.BooleanField()


class ImpactQuestion(StrictSerializer):
    at = AwareDateTimeField(required=False, help_text="When the change is activated; now if empty.")
    horizon = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=HORIZON_HOURS_MAX,
        default=HORIZON // timedelta(hours=1),
        help_text="How many hours are looked ahead.",
    )


class ApplicationView(GovernedView):
    queryset = applications()
    serializer_class = ApplicationSerializer
    filters = (
        Filter("code", "text"),
        Filter("criticality", choices=Criticality.choices),
        Filter("status", choices=Application.Status.choices),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "criticality", "status", "business_owner",
                      "technical_owner")  # fmt: skip


class AssetView(Edits, GovernedView):
    queryset = assets()
    serializer_class = AssetSerializer
    detail_serializer = AssetDetailSerializer
    write_serializer = AssetWriteSerializer
    create_service = registers.create_asset
    edit_service = registers.edit_asset
    filters = (
        Filter("type", "text", lookup="type_id", help_text="The code of a type."),
        Filter("name", "text", help_text="Its whole name."),
        Filter("application", "reference"),
        Filter("owner_team", "reference"),
        Filter("status", choices=Asset.Status.choices),
        Filter("source", choices=Asset.Source.choices),
        Filter("criticality", choices=Criticality.choices),
    )
    search_lookups = ("name__icontains",)
    orderings = ("name", "-name")
    export_columns = ("type_id", "qualifier", "name", "application.code", "owner_team.code",
                      "criticality", "status", "production_version.level", "source",
                      "confidence")  # fmt: skip

    @extend_schema(
        parameters=[ImpactQuestion], responses={200: ImpactSerializer, **PROBLEMS}, filters=False
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def impact(self, request: Request, pk: str) -> Response:
        """What changing the asset hits, and which batch job first."""
        asked = ImpactQuestion(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = impact_of(
            [self.find(pk).pk],
            asked.validated_data.get("at") or clock.now(),
            horizon=timedelta(hours=asked.validated_data["horizon"]),
        )
        return Response(found.as_dict())

    @extend_schema(responses={200: InstalledSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], orderings=("-installed_at",))
    def versions(self, request: Request, pk: str) -> Response:
        """What was installed where, newest first."""
        paginator, found = self._page(versions_of(self.find(pk)), "-installed_at")
        return paginator.get_paginated_response(InstalledSerializer(found, many=True).data)


class ScmPackageSerializer(serializers.ModelSerializer):
    class Meta:
        model = ScmPackage
        fields = ("id", "tool", "package_id", "description", "status", "kind", "window_from",
                  "window_to", "backout_enabled", "approved_at", "executed_at", "committed_at",
                  "feed", "last_seen_at")  # fmt: skip
        read_only_fields = fields


class ScmPackageView(RecordView):
    """What source code managers told of their packages, as imported last."""

    queryset = ScmPackage.objects.all()
    serializer_class = ScmPackageSerializer
    filters = (
        Filter("tool", choices=ScmPackage.Tool.choices),
        Filter("package_id", "text", help_text="The whole name."),
        Filter("status", "text"),
    )
    search_lookups = ("package_id__icontains", "description__icontains")
    orderings = ("id", "-id")
    export_columns = ("tool", "package_id", "description", "status", "kind", "window_from",
                      "window_to", "backout_enabled", "feed", "last_seen_at")  # fmt: skip


class VersionView(RecordView):
    """What was installed where: facts that are added, never edited."""

    queryset = versions()
    serializer_class = InstalledSerializer
    filters = (
        Filter("asset", "reference"),
        Filter("environment", "reference"),
        Filter("origin", choices=AssetVersion.Origin.choices),
        Filter("unauthorised", "boolean", lookup="is_unauthorised",
               help_text="Installed without a package where one is required."),
    )  # fmt: skip
    search_lookups = ("asset__name__icontains",)
    orderings = ("-installed_at", "installed_at")
    export_columns = ("asset.type_id", "asset.qualifier", "asset.name", "environment.code",
                      "level", "installed_at", "installed_by", "origin",
                      "is_unauthorised")  # fmt: skip


class RemovalSerializer(StrictSerializer):
    comment = serializers.CharField(required=False, allow_blank=True, default="", help_text="Why.")


class RelationWriteSerializer(WriteSerializer):
    class Meta:
        model = AssetRelation
        fields = ("source", "kind", "target", "key", "attributes")


class RelationView(Creates):
    """Edges of the inventory: drawn by people, or brought by imports.

    What an edge says is its identity: to say something else, remove it and draw another.
    """

    queryset = AssetRelation.objects.select_related("source", "target")
    serializer_class = RelationSerializer
    write_serializer = RelationWriteSerializer
    create_service = relations.draw_relation
    filters = (
        Filter("source", "reference", help_text="The id of the asset that depends."),
        Filter("target", "reference", help_text="The id of the asset it depends on."),
        Filter("kind", choices=list(RELATION_KINDS.items())),
        Filter("origin", choices=AssetRelation.Origin.choices),
    )
    search_lookups = ("source__name__icontains", "target__name__icontains")
    orderings = ("id", "-id")
    export_columns = ("source.type_id", "source.qualifier", "source.name", "kind",
                      "target.type_id", "target.qualifier", "target.name", "key",
                      "origin")  # fmt: skip

    @extend_schema(request=RemovalSerializer, responses={204: None})
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def remove(self, request: Request, pk: str) -> Response:
        """Remove the edge; an import may find it again."""
        edge = self.find(pk)
        entered = RemovalSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        relations.unrelate_asset(
            pk=edge.source_id,
            actor=actor_of(request),
            relation=edge.pk,
            comment=entered.validated_data["comment"],
        )
        return Response(status=204)
