"""Time travel over HTTP: a package or a window as of a moment, and what differs between two."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.audit.domain.travel import PARTS, Item, PartDifference, Picture, difference
from apps.audit.selectors.moments import asked, moments_of
from apps.audit.selectors.release_then import Place, pictures
from apps.core.api import key_of
from apps.core.errors import bad_input, not_found, refuse_if_any
from apps.evidence.api import PROBLEMS
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

MODELS: dict[str, Any] = {"packages": ReleasePackage, "windows": ReleaseWindow}


def _asked_for(name: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        OpenApiTypes.DATETIME,
        required=True,
        description="A past moment with its offset, such as 2026-11-21T23:30:00+01:00.",
    )


class MomentSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()


class ItemSerializer(serializers.Serializer):
    """`values` by field: codes, names, texts, moments in UTC."""

    key = serializers.CharField()
    name = serializers.CharField()
    place = serializers.CharField(help_text="The code of the package or window it belongs to.")
    values = serializers.DictField()


class ThenPartSerializer(serializers.Serializer):
    part = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Where the past of it is read from."
    )
    items = ItemSerializer(many=True)


class AsOfSerializer(serializers.Serializer):
    code = serializers.CharField()
    at = serializers.DateTimeField()
    moments = MomentSerializer(many=True)
    parts = ThenPartSerializer(many=True)


class FieldChangeSerializer(serializers.Serializer):
    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ChangedSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    place = serializers.CharField()
    changes = FieldChangeSerializer(many=True)


class PartDifferenceSerializer(serializers.Serializer):
    part = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    added = ItemSerializer(many=True)
    removed = ItemSerializer(many=True)
    changed = ChangedSerializer(many=True)


class BetweenSerializer(serializers.Serializer):
    code = serializers.CharField()
    moments = MomentSerializer(many=True)
    parts = PartDifferenceSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        moments = {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}
        return {**moments, **super().get_fields()}


class _TravelView(APIView):
    """`kind` is the list in the address."""

    parameters: tuple[str, ...] = ()

    def place(self, kind: str, pk: str) -> Place:
        model = MODELS[kind]
        found: Place | None = model.objects.filter(
            pk=key_of(pk, str(model._meta.verbose_name))
        ).first()
        if found is None:
            raise not_found(str(model._meta.verbose_name))
        return found

    def texts(self, request: Request) -> dict[str, str]:
        """What the query says of each moment. Raises Refused for a parameter nobody knows."""
        refuse_if_any(
            bad_input(name[:60], f"There is no parameter {name[:60]!r}.",
                      f"Use of: {', '.join(self.parameters)}.", "unknown_parameter")
            for name in request.query_params
            if name not in self.parameters
        )  # fmt: skip
        return {name: request.query_params.get(name, "") for name in self.parameters}


class AsOfView(_TravelView):
    """Everything of a package or window as it stood at `at`. Nothing is evaluated anew."""

    parameters = ("at",)

    @extend_schema(parameters=[_asked_for("at")], responses={200: AsOfSerializer, **PROBLEMS})
    def get(self, request: Request, kind: str, pk: str) -> Response:
        place = self.place(kind, pk)
        moment = asked(place, at=self.texts(request)["at"])["at"]
        (picture,) = pictures(place, moment)
        told = {"code": place.code, "at": moment, "moments": moments_of(place),
                "parts": _parts(picture)}  # fmt: skip
        return Response(AsOfSerializer(told).data)


class DifferenceView(_TravelView):
    """What came, went and changed in a package or window between two moments."""

    parameters = ("from", "to")

    @extend_schema(
        parameters=[_asked_for("from"), _asked_for("to")],
        responses={200: BetweenSerializer, **PROBLEMS},
    )
    def get(self, request: Request, kind: str, pk: str) -> Response:
        place = self.place(kind, pk)
        texts = self.texts(request)
        found = asked(place, from_=texts["from"], to=texts["to"])
        before, after = pictures(place, found["from_"], found["to"])
        told = {
            "code": place.code,
            "from": found["from_"],
            "to": found["to"],
            "moments": moments_of(place),
            "parts": [_difference(each) for each in difference(before.items, after.items)],
        }
        return Response(BetweenSerializer(told).data)


def _parts(picture: Picture) -> list[dict[str, Any]]:
    return [
        {"part": part.code, "title": part.title, "source": part.source,
         "items": [_item(item) for item in picture.of(part.code)]}
        for part in PARTS
    ]  # fmt: skip


def _item(item: Item) -> dict[str, Any]:
    return {"key": item.key, "name": item.name, "place": item.place, "values": item.values}


def _difference(found: PartDifference) -> dict[str, Any]:
    return {
        "part": found.part.code,
        "title": found.part.title,
        "source": found.part.source,
        "added": [_item(item) for item in found.added],
        "removed": [_item(item) for item in found.removed],
        "changed": [
            {
                "key": each.item.key,
                "name": each.item.name,
                "place": each.item.place,
                "changes": [
                    {"field": change.field.name, "label": change.field.label,
                     "before": change.before, "after": change.after}
                    for change in each.changes
                ],
            }
            for each in found.changed
        ],
    }  # fmt: skip
