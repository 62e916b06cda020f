"""Scores set by hand in the programming interface: one person proposes, another decides."""

from __future__ import annotations

from typing import ClassVar

from apps.accounts.api import PersonRef
from apps.approvals.api import Eligible
from apps.changes.api.change import ChangeRef
from apps.changes.domain.lifecycle import OVERRIDE_STATES
from apps.changes.models import RiskOverride
from apps.changes.moves import OVERRIDE_MOVES, OVERRIDE_QUESTIONS
from apps.changes.services import risk
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Creates, GovernedSerializer, GovernedView, Moves


class RiskOverrideSerializer(GovernedSerializer):
    """`points` were proposed, `reckoned_points` are those of the formula at that moment."""

    change = ChangeRef(read_only=True)
    proposed_by = PersonRef(read_only=True)
    decided_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = RiskOverride
        fields = ("id", "version", "change", "state", "points", "reckoned_points", "reason",
                  "content_digest", "proposed_by", "decided_by", "decided_at", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class RiskOverrideWriteSerializer(WriteSerializer):
    """Another score for a draft, and what the reckoned one does not know."""

    class Meta:
        model = RiskOverride
        fields = ("change", "points", "reason")


class RiskOverrideView(Eligible, Moves, Creates, GovernedView):
    queryset = RiskOverride.objects.select_related("change", "proposed_by", "decided_by")
    serializer_class = RiskOverrideSerializer
    write_serializer = RiskOverrideWriteSerializer
    create_service = risk.propose_score
    moves = OVERRIDE_MOVES
    questions = OVERRIDE_QUESTIONS
    filters: ClassVar[tuple[Filter, ...]] = (
        Filter("state", choices=OVERRIDE_STATES),
        Filter("change", "reference"),
    )
    search_lookups = ("change__code__icontains",)
    orderings = ("-created_at", "created_at")
    export_columns = ("change.code", "state", "points", "reckoned_points", "reason",
                      "proposed_by", "decided_by", "decided_at")  # fmt: skip
