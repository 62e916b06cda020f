"""The conditions of signatures in the programming interface: to be read and met, never entered."""

from __future__ import annotations

from typing import ClassVar

from apps.accounts.api import PersonRef
from apps.approvals.models import Obligation
from apps.approvals.moves import OBLIGATION_MOVES
from apps.core.api import Filter
from apps.evidence.api import GovernedSerializer, GovernedView, Moves


class ObligationSerializer(GovernedSerializer):
    """A condition of an approval; work does not start before it is met. `about` is the subject of
    the record that was approved, such as "change:<id>"."""

    owner = PersonRef(read_only=True)
    set_by = PersonRef(read_only=True)
    met_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Obligation
        fields = ("id", "version", "about", "text", "state", "owner", "set_by", "due_at", "met_at",
                  "met_by", "proof", "closed_reason", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class ObligationView(Moves, GovernedView):
    queryset = Obligation.objects.select_related("owner", "set_by", "met_by")
    serializer_class = ObligationSerializer
    moves = OBLIGATION_MOVES
    filters: ClassVar[tuple[Filter, ...]] = (
        Filter("state", choices=Obligation.State.choices),
        Filter("owner", "reference"),
        Filter("about", "text", help_text='The record that was approved, such as "change:<id>".'),
    )
    search_lookups = ("text__icontains",)
    orderings = ("-created_at", "created_at")
    export_columns = ("about", "text", "state", "owner", "set_by", "due_at", "met_at", "met_by",
                      "proof")  # fmt: skip
