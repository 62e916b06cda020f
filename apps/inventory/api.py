"""The inventory in the programming interface."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef, TeamRef
from apps.core.api import Filter, StrictSerializer, WriteSerializer, actor_of
from apps.evidence.api import Creates, Edits, GovernedSerializer, GovernedView
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.models import (
    Application,
    Asset,
    AssetRelation,
    AssetVersion,
    Criticality,
)
from apps.inventory.selectors import applications, assets, relations_of, versions_of
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
        fields = ("id", "version", "code", "name", "criticality", "status", "scm_system",
                  "business_owner", "technical_owner", "created_at", "changed_at")  # fmt: skip
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
                  "first_seen_at", "last_seen_at")  # fmt: skip
        read_only_fields = fields


class RelationsSerializer(serializers.Serializer):
    """Up to 200 edges each way; `more` tells that one side was cut (see /relations/)."""

    outward = RelationSerializer(many=True)
    inward = RelationSerializer(many=True)
    more = serializers.BooleanField()


class VersionSerializer(serializers.ModelSerializer):
    environment = serializers.CharField(source="environment.code", read_only=True)

    class Meta:
        model = AssetVersion
        fields = ("level", "environment", "installed_at", "installed_by", "checksum", "origin")
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
