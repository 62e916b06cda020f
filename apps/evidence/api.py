"""Governed records in the programming interface: read, draft, edit, move, look back, remark.

A view names its rows, serializers, services and moves; what is allowed is decided by the services
alone. Nothing here writes a row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.core.actor import Actor
from apps.core.api import (
    DeclaredFilters,
    Filter,
    KeysetPagination,
    MoveSerializer,
    StrictSerializer,
    WriteSerializer,
    actor_of,
    expected_version,
    key_of,
    move_field,
    move_values,
    seal_field,
)
from apps.core.errors import Blocker, Refused, not_found
from apps.core.http import PreconditionRequired
from apps.core.moves import Move, find_move, moves_of
from apps.core.step_up import step_up_blockers
from apps.evidence.events import vocabulary
from apps.evidence.models import Comment, EvidenceEntry, GovernedModel
from apps.evidence.selectors import body_of, comments_about, entries_about
from apps.evidence.services.exports import exported_csv
from apps.evidence.services.ledger import record_refusal
from apps.evidence.services.remarks import add_comment
from apps.evidence.services.replays import first_answer

EXPORT_MAX = 100_000

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The version you looked at: the ETag that came with the record.",
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description="A new UUID for every action. Sent again with the same content, the action is not "
    "done again: the first answer is given, a refusal too. Kept for 30 days.",
)


class BlockerSerializer(serializers.Serializer):
    """One reason, what clears it and who can."""

    code = serializers.CharField()
    text = serializers.CharField()
    fix = serializers.CharField()
    who = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["input", "not_found", "stale", "permission", "state", "condition"]
    )
    field = serializers.CharField(required=False)
    details = serializers.DictField(required=False)


class ProblemSerializer(serializers.Serializer):
    """What every refusal looks like (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    blockers = BlockerSerializer(many=True)
    request_id = serializers.CharField()


class MoveFieldSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(
        choices=["text", "choice", "datetime", "integer", "reference", "boolean"]
    )
    required = serializers.BooleanField()  # type: ignore[assignment]


class MoveStateSerializer(serializers.Serializer):
    """A move, and every reason why it is not possible now."""

    move = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    possible = serializers.BooleanField()
    comment = serializers.ChoiceField(choices=["none", "optional", "required"])
    step_up = serializers.BooleanField()
    fields = MoveFieldSerializer(many=True)  # type: ignore[assignment]
    blockers = BlockerSerializer(many=True)


class ReceiptSerializer(serializers.Serializer):
    """Of the newest entry: whoever decided keeps it, and finds it in any pack of evidence."""

    subject = serializers.CharField()
    seq = serializers.IntegerField()
    leaf = serializers.CharField(help_text="64 hex digits, for verify_pack.py --expect.")


class HistorySerializer(serializers.Serializer):
    """One thing that happened to the record. `diff` holds {field, old, new}; of a long text the
    hash only. `leaf` is the receipt of the entry."""

    seq = serializers.IntegerField()
    leaf = serializers.CharField()
    action = serializers.CharField()
    sentence = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    comment = serializers.CharField()
    refused = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    diff = serializers.ListField(child=serializers.DictField())


class CommentSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="author.username", read_only=True)

    class Meta:
        model = Comment
        fields = ("id", "text", "by", "created_at")
        read_only_fields = fields


class CommentWriteSerializer(StrictSerializer):
    text = serializers.CharField()


class GovernedSerializer(serializers.ModelSerializer):
    """The base of what is read of a record: its version is what If-Match takes."""

    version = serializers.IntegerField(source="evidence_seq", read_only=True)


class CSVRenderer(BaseRenderer):
    """Only so that a caller may ask for text/csv; the file is written row by row elsewhere."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        return JSONRenderer().render(data)


PROBLEMS = {
    "4XX": OpenApiResponse(ProblemSerializer, "Refused, with every reason; nothing was saved."),
    "5XX": OpenApiResponse(ProblemSerializer, "Not served; nothing was half saved."),
}


class RecordView(GenericViewSet):
    """List, read and export the rows of one model.

    `rows` gives a list its rows in a constant number of queries, `detail_rows` one record with
    all that is shown of it. `orderings` are own columns without nulls.
    """

    queryset: Any
    serializer_class: Any
    detail_serializer: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None
    filters: ClassVar[tuple[Filter, ...]] = ()
    search_lookups: ClassVar[tuple[str, ...]] = ()
    orderings: ClassVar[tuple[str, ...]] = ("id",)
    #: Paths of the columns of the CSV file: attributes of a row, "." going into another record.
    export_columns: ClassVar[tuple[str, ...]] = ()
    filter_backends = (DeclaredFilters,)
    pagination_class = KeysetPagination
    lookup_field = "pk"
    lookup_value_regex = "[^/]+"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "queryset" in cls.__dict__:
            _document(cls)

    @property
    def model(self) -> type[models.Model]:
        model: type[models.Model] = self.queryset.model
        return model

    @property
    def noun(self) -> str:
        return str(self.model._meta.verbose_name)

    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.queryset.all()
        return rows

    def detail_rows(self) -> QuerySet[Any]:
        return self.rows()

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows one of whose names holds `text`."""
        found = Q()
        for lookup in self.search_lookups:
            found |= Q(**{lookup: text})
        return queryset.filter(found)

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows()

    def find(self, pk: str) -> Any:
        """The record with all that is shown of it; Refused with not_found."""
        found = self.detail_rows().filter(pk=key_of(pk, self.noun)).first()
        if found is None:
            raise not_found(self.noun)
        return found

    def shown(self, obj: Any, status: int = 200) -> Response:
        """The whole record, with its version as ETag."""
        serializer = self.detail_serializer or self.serializer_class
        response = Response(serializer(obj, context=self.get_serializer_context()).data, status)
        if isinstance(obj, GovernedModel):
            response["ETag"] = obj.version
        return response

    def answered(self, actor: Actor, response: Response) -> Response:
        """The answer to an action: the first one where the caller asks under a key of its own."""
        if actor.action_key is None:
            return response
        names = ("ETag", "Location")
        mine = {
            "status": response.status_code,
            "data": json.loads(JSONRenderer().render(response.data)),
            "headers": {name: response[name] for name in names if name in response},
        }
        told = first_answer(actor, mine)
        return Response(told["data"], told["status"], headers=told["headers"])

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.rows()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.shown(self.find(pk))

    @extend_schema(
        request=None, responses={(200, "text/csv"): OpenApiTypes.STR, **PROBLEMS}, filters=True
    )
    @action(detail=False, methods=["post"], pagination_class=None,
            renderer_classes=[CSVRenderer, JSONRenderer])  # fmt: skip
    def export(self, request: Request) -> HttpResponseBase:
        """The filtered list as CSV that no spreadsheet takes for formulas."""
        rows = self.filter_queryset(self.rows()).order_by(self.orderings[0], "id")[:EXPORT_MAX]
        cells = (
            [_cell(row, path) for path in self.export_columns]
            for row in rows.iterator(chunk_size=500)
        )
        name = str(self.model._meta.verbose_name_plural).replace(" ", "-")
        header = [path.replace(".", "_") for path in self.export_columns]
        return exported_csv(
            name, header, cells, actor=actor_of(request), asked=request.query_params.dict()
        )


def _cell(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name, None)
    return row


class GovernedView(RecordView):
    """A governed record: also its history and its comments."""

    def subject(self, pk: str) -> str:
        model: Any = self.model
        key = key_of(pk, self.noun)
        if not model.objects.filter(pk=key).exists():
            raise not_found(self.noun)
        return f"{model.SUBJECT}:{key}"

    def _page(self, queryset: QuerySet[Any], order: str) -> tuple[KeysetPagination, list[Any]]:
        paginator = KeysetPagination()
        return paginator, paginator.cut(queryset, self.request, (order,))

    @extend_schema(responses={200: HistorySerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], orderings=("-id",))
    def history(self, request: Request, pk: str) -> Response:
        """What happened to the record and around it, newest first."""
        subject = self.subject(pk)
        paginator, entries = self._page(entries_about(subject), "-id")
        told = HistorySerializer([_told(entry, subject) for entry in entries], many=True)
        return paginator.get_paginated_response(told.data)

    @extend_schema(responses={200: CommentSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], orderings=("created_at",))
    def comments(self, request: Request, pk: str) -> Response:
        """Remarks on the record, oldest first."""
        paginator, found = self._page(comments_about(self.subject(pk)), "created_at")
        return paginator.get_paginated_response(CommentSerializer(found, many=True).data)

    @extend_schema(request=CommentWriteSerializer, responses={201: CommentSerializer, **PROBLEMS})
    @comments.mapping.post
    def comment(self, request: Request, pk: str) -> Response:
        """Add a remark; it is never edited."""
        serializer = CommentWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        added = add_comment(
            about=self.subject(pk),
            actor=actor_of(request),
            text=serializer.validated_data["text"],
        )
        return Response(CommentSerializer(added).data, 201)


def _told(entry: EvidenceEntry, subject: str) -> dict[str, Any]:
    body = body_of(entry)
    event = vocabulary().get(entry.action)
    return {
        "seq": entry.seq,
        "leaf": entry.receipt.leaf,
        "action": entry.action,
        "sentence": event.sentence if event else entry.action,
        "at": entry.at,
        "by": body["actor"]["printed_name"],
        "comment": body.get("comment", ""),
        "refused": body.get("outcome") == "refused",
        "reasons": [blocker["text"] for blocker in body.get("blockers", [])],
        "diff": body.get("diff", []) if entry.subject == subject else [],
    }


class Creates(RecordView):
    """Adds POST to the list: a new draft through `create_service(actor=, values=, parts=)`.

    `write_serializer` names what may be entered; `part_fields` those of it that are rows. With
    `step_up` the service asks for a fresh proof of identity, which the schema then tells.
    """

    step_up: ClassVar[bool] = False
    write_serializer: ClassVar[type[WriteSerializer]]
    #: What the answer to POST tells, where that is more than the record shows later.
    made_serializer: ClassVar[type[serializers.Serializer] | None] = None
    create_service: ClassVar[Callable[..., Any]]
    part_fields: ClassVar[tuple[str, ...]] = ()

    def create(self, request: Request) -> Response:
        serializer = self.write_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        actor = actor_of(request)
        made = type(self).create_service(
            actor=actor, **self.entered(dict(serializer.validated_data))
        )
        response = self.shown(self.find(str(made.pk)), 201)
        response["Location"] = f"{request.path}{made.pk}/"
        return self.answered(actor, response)

    def entered(self, values: dict[str, Any]) -> dict[str, Any]:
        """The keywords of the service for what was entered."""
        parts = {name: values.pop(name) for name in self.part_fields if name in values}
        return {"values": values, **({"parts": parts} if self.part_fields else {})}


class Patches(RecordView):
    """Adds PATCH: If-Match is required, and a stale version is told the difference.

    `write_serializer` names what may be entered; `part_fields` those of it that are rows.
    """

    write_serializer: ClassVar[type[WriteSerializer]]
    part_fields: ClassVar[tuple[str, ...]] = ()
    edit_service: ClassVar[Callable[..., Any]]
    edit_serializer: ClassVar[type[WriteSerializer]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "write_serializer" in cls.__dict__:
            cls.edit_serializer = _with_comment(cls.write_serializer)
        super().__init_subclass__(**kwargs)

    def partial_update(self, request: Request, pk: str) -> Response:
        version = expected_version(request)
        if version is None:
            raise PreconditionRequired
        serializer = self.edit_serializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        actor = actor_of(request)
        type(self).edit_service(
            pk=key_of(pk, self.noun),
            actor=actor,
            expected_seq=version,
            comment=values.pop("comment", ""),
            **self.entered(values),
        )
        return self.answered(actor, self.shown(self.find(pk)))

    def entered(self, values: dict[str, Any]) -> dict[str, Any]:
        """The keywords of the service for what was entered."""
        parts = {name: values.pop(name) for name in self.part_fields if name in values}
        return {"values": values, **({"parts": parts} if self.part_fields else {})}


class Edits(Creates, Patches):
    """Both: a new draft, and changes of it."""


def _with_comment(write: type[WriteSerializer]) -> type[WriteSerializer]:
    """The same inputs, and the reason for the edit."""
    meta: Any = write.Meta
    inner = type("Meta", (meta,), {"fields": (*meta.fields, "comment")})
    reason = serializers.CharField(required=False, allow_blank=True, help_text="Why.")
    name = write.__name__.replace("Write", "Edit")
    return type(name, (write,), {"Meta": inner, "comment": reason, "__module__": write.__module__})


class Moves(RecordView):
    """Adds the moves of the record: which are possible, and one address that makes each."""

    moves: ClassVar[tuple[Move, ...]] = ()

    @action(detail=True, methods=["get"], url_path="moves", url_name="moves",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def moves_now(self, request: Request, pk: str) -> Response:
        """The moves that the record's state offers, each possible or with every blocker.

        `all=1` tells those of other states too.
        """
        every = request.query_params.get("all") in ("1", "true")
        found = moves_of(self.moves, actor_of(request), self.find(pk), every=every)
        return Response([state.as_dict() for state in found])

    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[^/]+)", url_name="move",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def make_move(self, request: Request, pk: str, move: str) -> Response:
        """Make one move. Refused with every reason: 403 permission, 409 state or condition."""
        found = find_move(self.moves, move)
        if found is None:
            raise not_found("move")
        key, actor = key_of(pk, self.noun), actor_of(request)
        if not isinstance(request.data, dict):
            raise ValidationError("The body is no object.")
        depends = any(callable(f.choices) and f.name in request.data for f in found.fields)
        obj = self.find(pk) if depends else None
        values = move_values(found, obj, request.data)
        version = expected_version(request, request.data)
        if found.step_up:
            if version is None:
                raise PreconditionRequired
            self._refuse_without_step_up(found, request, actor, obj or self.find(pk))
        done = found.service(pk=key, actor=actor, expected_seq=version, **values)
        answer = self.shown(self.find(pk))
        if isinstance(done, GovernedModel):
            answer.data["receipt"] = ReceiptSerializer(done.receipt).data
        return self.answered(actor, answer)

    def _refuse_without_step_up(self, move: Move, request: Request, actor: Actor, obj: Any) -> None:
        """Tell and record a missing proof of identity together with every other reason."""
        missing = list(_step_up_blockers(request, actor))
        if not missing:
            return
        others = [b for b in move.blockers(actor, obj) if b.code not in {m.code for m in missing}]
        refusal = Refused([*missing, *others])
        with transaction.atomic(durable=True):
            record_refusal(
                attempted=f"{obj.SUBJECT}.{move.name}",
                about=obj.subject,
                actor=actor,
                blockers=refusal.blockers,
            )
        raise refusal


def _step_up_blockers(request: Request, actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human:
        yield Blocker(
            "not_a_person",
            "Only a person decides; service accounts and the system never do.",
            "Sign in as yourself.",
            "an approver",
            kind="permission",
        )
    elif request.auth is None:
        yield Blocker(
            "token_needed",
            "A decision through the programming interface needs your personal token.",
            "Make one with POST /api/v1/tokens/, or decide in the console.",
            "you",
            kind="permission",
        )
    else:
        yield from step_up_blockers(actor)


def _document(view: Any) -> None:
    """Describe what one view takes and gives; its methods belong to the bases above."""
    whole = view.detail_serializer or view.serializer_class
    proof: dict[str, Any] = (
        {"description": "Needs a step-up."} if getattr(view, "step_up", False) else {}
    )
    told: dict[str, Any] = {
        "list": extend_schema(responses={200: view.serializer_class(many=True), **PROBLEMS}),
        "retrieve": extend_schema(responses={200: whole, **PROBLEMS}),
    }
    if issubclass(view, Creates):
        told["create"] = extend_schema(
            parameters=[IDEMPOTENCY_KEY], request=view.write_serializer,
            responses={201: view.made_serializer or whole, **PROBLEMS}, **proof,
        )  # fmt: skip
    if issubclass(view, Patches):
        told["partial_update"] = extend_schema(
            parameters=[IF_MATCH, IDEMPOTENCY_KEY], request=view.edit_serializer,
            responses={200: whole, **PROBLEMS}, **proof,
        )  # fmt: skip
    if issubclass(view, Moves):
        every = OpenApiParameter("all", OpenApiTypes.STR, enum=["1", "true"])
        told["moves_now"] = extend_schema(
            parameters=[every], responses={200: MoveStateSerializer(many=True), **PROBLEMS}
        )
        told["make_move"] = _document_move(view, whole)
    extend_schema_view(**told)(view)


def _with_receipt(kind: str, whole: Any) -> Any:
    """The record as it is after a move, and the receipt of the entry that tells of the move."""
    receipt = ReceiptSerializer(required=False, read_only=True)
    more: dict[str, Any] = {"receipt": receipt, "__doc__": whole.__doc__}
    if meta := getattr(whole, "Meta", None):
        more["Meta"] = type("Meta", (meta,), {"fields": (*meta.fields, "receipt")})
    return type(f"{kind}MovedSerializer", (whole,), more)


def _document_move(view: Any, whole: Any) -> Any:
    inputs: dict[str, Any] = {}
    lines = []
    for move in view.moves:
        for field in move.fields:
            form = move_field(field)
            form.required = False
            inputs.setdefault(field.name, form)
        if move.seal is not None:
            inputs.setdefault("content_digest", seal_field())
        names = "".join(f", `{f.name}`{'' if f.required else ' (optional)'}" for f in move.fields)
        proof = ", a decision that needs a step-up" if move.step_up else ""
        lines.append(f"- `{move.name}`: {move.label}{proof}{names}")
    # Two views may show one model in parts.
    kind = view.__name__.removesuffix("View")
    body = type(f"{kind}MoveSerializer", (MoveSerializer,), inputs)
    name = OpenApiParameter(
        "move", OpenApiTypes.STR, OpenApiParameter.PATH, enum=[move.name for move in view.moves]
    )
    return extend_schema(
        parameters=[name, IF_MATCH, IDEMPOTENCY_KEY],
        request=body,
        responses={200: _with_receipt(kind, whole), **PROBLEMS},
        description="\n".join(["Make one move:", "", *lines]),
    )
