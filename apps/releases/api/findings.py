"""What the rules found, and the rules, over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.changes.api import ChangeRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import GovernedSerializer, GovernedView, Moves, Patches
from apps.inventory.api import AssetRef
from apps.inventory.models import Asset
from apps.releases.api.records import PackageRef
from apps.releases.domain import lifecycle as life
from apps.releases.models import Finding, Rule
from apps.releases.moves.finding import FINDING_MOVES
from apps.releases.selectors import findings_with_rule
from apps.releases.services.rules import edit_rule


class RuleRef(serializers.ModelSerializer):
    class Meta:
        model = Rule
        fields = ("code", "kind", "title", "waivable_by")
        read_only_fields = fields


class FixSerializer(serializers.Serializer):
    """What one click would add; `name` is what the move is asked for it with."""

    name = serializers.CharField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    rows = serializers.ListField(child=serializers.DictField())


class FindingSerializer(GovernedSerializer):
    rule = RuleRef(read_only=True)
    owner = PersonRef(read_only=True, allow_null=True)
    packages = PackageRef(many=True, read_only=True)
    changes = ChangeRef(many=True, read_only=True)

    class Meta:
        model = Finding
        fields: tuple[str, ...] = (
            "id", "version", "rule", "rule_version", "severity", "state", "text", "owner",
            "remark", "is_detected", "packages", "changes", "asset_count", "first_detected_at",
            "last_seen_at", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class FindingDetailSerializer(FindingSerializer):
    """With all assets, never only the first."""

    assets = AssetRef(many=True, read_only=True)
    fixes = FixSerializer(source="proposed", many=True, read_only=True)
    facts = serializers.DictField(read_only=True)

    class Meta(FindingSerializer.Meta):
        fields = (*FindingSerializer.Meta.fields, "assets", "fixes", "facts")
        read_only_fields = fields


class FindingView(Moves, GovernedView):
    """The base of both kinds: read, acknowledge, resolve, give to somebody."""

    serializer_class = FindingSerializer
    detail_serializer = FindingDetailSerializer
    moves = FINDING_MOVES
    filters = (
        Filter("state", choices=life.FINDING_STATES),
        Filter("severity", choices=Rule.Severity.choices),
        Filter("rule", "text", lookup="rule__code", help_text="The code of a rule."),
        Filter("package", "reference", lookup="packages"),
        Filter("change", "reference", lookup="changes"),
        Filter("asset", "reference", lookup="assets"),
        Filter("owner", "reference"),
        Filter("is_detected", "boolean"),
    )
    search_lookups = ("text__icontains",)
    orderings = ("-first_detected_at", "first_detected_at")
    export_columns = ("rule.code", "rule.title", "severity", "state", "text", "owner", "remark",
                      "asset_count", "first_detected_at", "last_seen_at")  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related("packages", "changes")

    def detail_rows(self) -> QuerySet[Any]:
        return self.rows().prefetch_related(Prefetch("assets", Asset.objects.order_by("name")))


class ConflictView(FindingView):
    """Packages that get in each other's way."""

    queryset = findings_with_rule().filter(rule__kind=Rule.Kind.CONFLICT)


class CompletenessFindingView(FindingView):
    """What is missing from the scope or the plan of a package or a change."""

    queryset = findings_with_rule().filter(rule__kind=Rule.Kind.COMPLETENESS)


class RuleSerializer(GovernedSerializer):
    class Meta:
        model = Rule
        fields = ("id", "version", "code", "kind", "title", "condition", "requirement", "symptom",
                  "severity", "waivable_by", "narrowed_to", "is_active", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class RuleWriteSerializer(WriteSerializer):
    """What a person may make of a rule; what it looks for is no data."""

    class Meta:
        model = Rule
        fields = ("title", "condition", "requirement", "symptom", "severity", "waivable_by",
                  "narrowed_to", "is_active")  # fmt: skip


class RuleView(Patches, GovernedView):
    """The words and the weight of each rule; `version` counts its versions. Every edit of a rule
    is one."""

    queryset = Rule.objects.all()
    serializer_class = RuleSerializer
    write_serializer = RuleWriteSerializer
    edit_service = edit_rule
    filters = (
        Filter("kind", choices=Rule.Kind.choices),
        Filter("severity", choices=Rule.Severity.choices),
        Filter("is_active", "boolean"),
    )
    search_lookups = ("code__icontains", "title__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "kind", "title", "condition", "requirement", "symptom", "severity",
                      "waivable_by", "narrowed_to", "is_active")  # fmt: skip
