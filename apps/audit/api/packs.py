"""Packs of evidence over HTTP: ask for one, look how far it is, download it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from apps.accounts.api import PersonRef
from apps.audit.models import EvidencePack
from apps.audit.policies.packs import PACK_ROLES
from apps.audit.selectors.packs import progress_of
from apps.audit.services.packs import ask_for_pack, open_pack
from apps.core.api import AwareDateTimeField, Filter, StrictSerializer
from apps.evidence.api import PROBLEMS, Creates, actor_of


class PackSerializer(serializers.ModelSerializer):
    """`leaf` is the receipt of asking: it has to be in the pack. `percent` and `progress` tell how
    far a worker is; `download` works once the state is ready."""

    asked_by = PersonRef(read_only=True)
    percent = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta:
        model = EvidencePack
        fields = ("id", "kind", "about", "code", "what", "in_flight", "from_at", "to_at",
                  "challenge", "earlier_size", "leaf", "state", "percent", "progress", "entries",
                  "log_size", "size", "sha256", "error", "asked_by", "asked_at",
                  "finished_at")  # fmt: skip
        read_only_fields = fields

    def get_percent(self, pack: EvidencePack) -> int:
        return progress_of(pack).percent

    def get_progress(self, pack: EvidencePack) -> str:
        return progress_of(pack).sentence


class PackWriteSerializer(StrictSerializer):
    """One of `release`, `change` (their codes) or a period from `from_at` to `to_at`."""

    release = serializers.CharField(required=False, allow_blank=True, max_length=40)
    change = serializers.CharField(required=False, allow_blank=True, max_length=40)
    from_at = AwareDateTimeField(required=False, allow_null=True)
    to_at = AwareDateTimeField(required=False, allow_null=True)
    challenge = serializers.CharField(
        required=False, allow_blank=True,
        help_text="What you chose and nobody can guess; the last entry of the pack carries it.",
    )  # fmt: skip
    earlier_size = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**53,
        help_text="The second line of the checkpoint that you kept from an earlier pack.",
    )  # fmt: skip


class ZipRenderer(BaseRenderer):
    """Only so that a caller may ask for a zip; the file is sent as it lies on disk."""

    media_type = "application/zip"
    format = "zip"
    render_style = "binary"

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        return JSONRenderer().render(data)


class PackView(Creates):
    """Packs of evidence. POST asks for one; a worker makes it once its entry is sealed."""

    queryset = EvidencePack.objects.select_related("asked_by")
    serializer_class = PackSerializer
    write_serializer: ClassVar[Any] = PackWriteSerializer
    create_service = ask_for_pack
    filters = (
        Filter("kind", choices=EvidencePack.Kind.choices),
        Filter("state", choices=EvidencePack.State.choices),
        Filter("about", "text", help_text='A record, such as "package:<id>".'),
    )
    search_lookups = ("code__istartswith",)
    orderings = ("-asked_at", "asked_at")
    export_columns = ("kind", "code", "what", "state", "challenge", "entries", "log_size", "size",
                      "sha256", "leaf", "asked_by", "asked_at", "finished_at")  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        """Packs are there for those who may have them."""
        rows = EvidencePack.objects.select_related("asked_by")
        return rows if actor_of(self.request).holds(*PACK_ROLES) else rows.none()

    def entered(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    @extend_schema(
        request=None, responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS},
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None,
            renderer_classes=[ZipRenderer, JSONRenderer])  # fmt: skip
    def download(self, request: Request, pk: str) -> HttpResponseBase:
        """The file. That somebody had it is an entry."""
        pack = self.find(pk)
        file = open_pack(pack=pack, actor=actor_of(request))
        return FileResponse(
            file, as_attachment=True, filename=pack.file_name, content_type="application/zip"
        )
