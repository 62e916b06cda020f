"""Room in windows over HTTP: the ledger, the finder, and moving packages and windows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AwareDateTimeField, StrictSerializer, actor_of, key_of
from apps.evidence.api import PROBLEMS, BlockerSerializer, RecordView
from apps.releases.models import ReleasePackage
from apps.releases.moves.room import codes_of
from apps.releases.services.moving import (
    Preview,
    move_package,
    move_window,
    preview_package_move,
    preview_window_move,
)
from apps.releases.services.slots import slots_for_load, slots_of_package
from apps.releases.services.window_ledger import CAPACITY, ROSTER, ledger_of
from apps.windows.api import UseSerializer, WindowRef
from apps.windows.domain.capacity import Load
from apps.windows.selectors import DAYS, Slot


class LedgerRowSerializer(UseSerializer):
    """One unit: `label` is the team of hours, `basis` what these are read from, `word` says how
    full it is."""

    label = serializers.CharField()  # type: ignore[assignment]
    basis = serializers.ChoiceField(choices=[ROSTER, CAPACITY, ""])
    emergency = serializers.FloatField(help_text="Of what is booked, what emergencies took.")
    reserved = serializers.FloatField(help_text="Of what is booked, what is only held.")
    word = serializers.CharField()


class HoldingSerializer(serializers.Serializer):
    subsystem = serializers.CharField()
    step = serializers.CharField(source="label")
    package = serializers.CharField(help_text="Empty for a step that the window shares.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class ReservationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    about = serializers.CharField(help_text="The code of a package or a change.")
    owner = serializers.CharField()
    reason = serializers.CharField()
    expires_at = serializers.DateTimeField()


class LedgerSerializer(serializers.Serializer):
    """`obstacles` say why there is no plan, and so no row of minutes and no holdings."""

    units = LedgerRowSerializer(many=True)
    holdings = HoldingSerializer(many=True)
    reservations = ReservationSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    obstacles = serializers.ListField(child=serializers.CharField())


class RoomSerializer(serializers.Serializer):
    """A window, and every reason why what is asked for does not fit into it."""

    window = WindowRef()
    fits = serializers.BooleanField()
    blockers = serializers.SerializerMethodField()

    @staticmethod
    def get_blockers(slot: Slot) -> list[dict[str, Any]]:
        return [blocker.as_dict() for blocker in slot.blockers]


class LoadSerializer(StrictSerializer):
    """A load that nobody has drafted yet."""

    changes = serializers.IntegerField(min_value=0, max_value=999, default=1)
    points = serializers.DecimalField(
        max_digits=5, decimal_places=1, min_value=0, default=Decimal(1)
    )
    binds = serializers.IntegerField(min_value=0, max_value=999, default=0)
    minutes = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    application = serializers.CharField(required=False, max_length=8)
    days = serializers.IntegerField(min_value=1, max_value=DAYS, default=DAYS)


class ShiftSerializer(serializers.Serializer):
    what = serializers.CharField()
    was = serializers.DateTimeField(allow_null=True)
    now = serializers.DateTimeField(allow_null=True)


class CollisionSerializer(serializers.Serializer):
    rule = serializers.CharField()
    severity = serializers.CharField()
    text = serializers.CharField()


class ClosedSerializer(serializers.Serializer):
    rule = serializers.CharField()
    told = serializers.CharField()
    strength = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SealBreakSerializer(serializers.Serializer):
    change = serializers.CharField()
    rows = serializers.ListField(child=serializers.CharField())
    again = serializers.ListField(child=serializers.CharField(), help_text="Who has to sign now.")


class AbsenceSerializer(serializers.Serializer):
    person = serializers.CharField()
    why = serializers.CharField()


class BookedSerializer(serializers.Serializer):
    window = serializers.CharField()
    was = LedgerRowSerializer()
    now = LedgerRowSerializer()


class RippleSerializer(serializers.Serializer):
    """Everything that the move changes. Hand `digest` in to make exactly this move."""

    digest = serializers.CharField()
    about = serializers.CharField()
    where = serializers.CharField()
    dates = ShiftSerializer(many=True)
    collisions = CollisionSerializer(many=True)
    solved = CollisionSerializer(many=True)
    closed = ClosedSerializer(many=True)
    seals = SealBreakSerializer(many=True)
    absent = AbsenceSerializer(many=True)
    capacity = BookedSerializer(many=True)
    cut = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    minutes = LedgerRowSerializer(allow_null=True)


class PreviewSerializer(serializers.Serializer):
    """`ripple` is null when the move is not possible, for all reasons of `blockers`."""

    possible = serializers.BooleanField()
    ripple = RippleSerializer(allow_null=True)
    blockers = BlockerSerializer(many=True)


_CLOSES = "Left out, the window stays as long as it is."


class MovePackageSerializer(StrictSerializer):
    window = serializers.UUIDField()
    digest = serializers.CharField(max_length=64)
    reason = serializers.ChoiceField(
        choices=ReleasePackage.DelayReason.choices, required=False, default=""
    )
    comment = serializers.CharField()


class MoveWindowSerializer(StrictSerializer):
    opens_at = AwareDateTimeField()
    closes_at = AwareDateTimeField(required=False, help_text=_CLOSES)
    digest = serializers.CharField(max_length=64)
    comment = serializers.CharField()


class _Window(serializers.Serializer):
    window = serializers.UUIDField()


class _Times(serializers.Serializer):
    opens_at = AwareDateTimeField()
    closes_at = AwareDateTimeField(required=False, default=None)


def _told(preview: Preview) -> Response:
    return Response(
        {
            "possible": preview.ripple is not None,
            "ripple": None if preview.ripple is None else RippleSerializer(preview.ripple).data,
            "blockers": [blocker.as_dict() for blocker in preview.blockers],
        }
    )


class PackageRoom(RecordView):
    """Adds to a package where it has room, and the move there."""

    @extend_schema(responses={200: RoomSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def slots(self, request: Request, pk: str) -> Response:
        """The windows of the next 90 days, each with every reason why the package does not fit."""
        return Response(RoomSerializer(slots_of_package(self.find(pk)), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("window", OpenApiTypes.UUID, required=True)],
        responses={200: PreviewSerializer, **PROBLEMS},
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def reschedule(self, request: Request, pk: str) -> Response:
        """What moving the package to `window` would change; nothing is moved."""
        asked = _Window(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = self.find(pk)
        return _told(
            preview_package_move(
                pk=found.pk, actor=actor_of(request), window=asked.validated_data["window"]
            )
        )

    @extend_schema(request=MovePackageSerializer, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    @reschedule.mapping.post
    def reschedule_now(self, request: Request, pk: str) -> Response:
        """Move the package as the preview with this `digest` told; refused when it would come to
        something else by now."""
        entered = MovePackageSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        move_package(pk=key_of(pk, self.noun), actor=actor_of(request), **entered.validated_data)
        return self.shown(self.find(pk))


class WindowRoom(RecordView):
    """Adds to a window its ledger, and the move to another time; and the finder over all."""

    @extend_schema(responses={200: LedgerSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def ledger(self, request: Request, pk: str) -> Response:
        """What is scarce in the window: one row for each unit."""
        told = ledger_of(self.find(pk))
        codes = codes_of([held.subject for held in told.reservations])
        return Response(
            LedgerSerializer(
                {
                    "units": told.uses,
                    "holdings": told.holdings,
                    "reservations": [
                        {
                            "id": held.pk,
                            "about": codes.get(held.subject, ""),
                            "owner": held.owner.username if held.owner else "",
                            "reason": held.reason,
                            "expires_at": held.expires_at,
                        }
                        for held in told.reservations
                    ],
                    "warnings": told.warnings,
                    "obstacles": told.obstacles,
                }
            ).data
        )

    @extend_schema(
        parameters=[LoadSerializer], responses={200: RoomSerializer(many=True), **PROBLEMS},
        filters=False,
    )  # fmt: skip
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None)
    def slots(self, request: Request) -> Response:
        """The windows of the next weeks, each with every reason why a load does not fit."""
        asked = LoadSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        load = Load(given["changes"], Decimal(given["points"]), 1, given["binds"])
        application = given.get("application")
        found = slots_for_load(
            load, applications=[application] if application else [], minutes=given["minutes"],
            days=given["days"],
        )  # fmt: skip
        return Response(RoomSerializer(found, many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("opens_at", OpenApiTypes.DATETIME, required=True),
            OpenApiParameter("closes_at", OpenApiTypes.DATETIME, description=_CLOSES),
        ],
        responses={200: PreviewSerializer, **PROBLEMS},
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def reschedule(self, request: Request, pk: str) -> Response:
        """What other times of the window would change; nothing is moved."""
        asked = _Times(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = self.find(pk)
        return _told(
            preview_window_move(pk=found.pk, actor=actor_of(request), **asked.validated_data)
        )

    @extend_schema(request=MoveWindowSerializer, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    @reschedule.mapping.post
    def reschedule_now(self, request: Request, pk: str) -> Response:
        """Move the window as the preview with this `digest` told; refused when it would come to
        something else by now."""
        entered = MoveWindowSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        move_window(pk=key_of(pk, self.noun), actor=actor_of(request), **entered.validated_data)
        return self.shown(self.find(pk))
