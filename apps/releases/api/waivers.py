"""Waivers over HTTP: asked for by moves of a package, decided and ended here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.approvals.api import Eligible
from apps.core.api import Filter
from apps.evidence.api import GovernedSerializer, GovernedView, Moves
from apps.gates.domain.waiver import STATES
from apps.gates.models import Waiver
from apps.gates.selectors import waivers_with_people
from apps.releases.moves.waiver import WAIVER_MOVES, WAIVER_QUESTIONS
from apps.windows.api import WindowRef


class WaiverSerializer(GovernedSerializer):
    """`about` is the subject of the package: "package:<id>". `covers` are the kinds of finding that
    it lets pass, of late scope the codes of the changes; `until` is when it ends."""

    window = WindowRef(read_only=True)
    requested_by = PersonRef(read_only=True)
    decided_by = PersonRef(read_only=True, allow_null=True)
    covers = serializers.ListField(child=serializers.CharField(), read_only=True)
    until = serializers.DateTimeField(read_only=True)

    class Meta:
        model = Waiver
        fields: Any = ("id", "version", "state", "kind", "about", "about_name", "gate", "level",
                       "finding_key", "covers", "window", "reason", "risk_statement",
                       "compensating_control", "valid_until", "until", "beyond_limits",
                       "requested_by", "decided_by", "decided_at", "created_at",
                       "changed_at")  # fmt: skip
        read_only_fields = fields


class WaiverView(Eligible, Moves, GovernedView):
    """That a gate which is not met lets a package pass, or that scope comes late."""

    queryset = waivers_with_people()
    serializer_class = WaiverSerializer
    moves = WAIVER_MOVES
    questions = WAIVER_QUESTIONS
    filters = (
        Filter("state", choices=STATES),
        Filter("kind", choices=Waiver.Kind.choices),
        Filter("gate", "text"),
        Filter("window", "reference"),
        Filter("about", "text"),
    )
    search_lookups = ("about_name__icontains", "gate__iexact")
    export_columns = ("about_name", "kind", "gate", "level", "window.code", "state", "reason",
                      "risk_statement", "compensating_control", "valid_until", "requested_by",
                      "decided_by", "decided_at")  # fmt: skip
