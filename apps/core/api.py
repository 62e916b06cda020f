"""The kit of the programming interface: what is read, how lists are cut, what is refused.

It knows transport only. Records, their moves and their history are in `apps.evidence.api`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any, ClassVar, Literal, NoReturn
from uuid import UUID

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import BasePagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, not_found, refuse_if_any
from apps.core.http import BodyTooLarge
from apps.core.moves import Move, MoveField
from apps.core.text import text_blockers

MAX_BODY_BYTES = 1 << 20
PAGE_SIZE, PAGE_SIZE_MAX = 50, 100
SEARCH_MAX = 100
_INTEGER_MAX = (1 << 31) - 1
_MOST_CHOICES = 50


def actor_of(request: Request) -> Actor:
    """Who calls. With a token, only the token's own step-up counts, never that of a session."""
    actor: Actor = import_string(settings.INTERLOCK_ACTOR_FACTORY)(
        request.user, channel="api", request=request._request
    )
    actor = replace(actor, action_key=action_key(request))
    token: Any = request.auth
    if token is None:
        return actor
    return replace(
        actor,
        auth_at=token.auth_at,
        auth_methods=("password",) if token.auth_at else (),
        signed_in_at=token.created,
        session_hash=token.digest[:32],
    )


def action_key(request: Request) -> UUID | None:
    """The key under which a client asks for one action, however often it has to ask."""
    told = request.headers.get("Idempotency-Key")
    if told is None or request.method in ("GET", "HEAD"):
        return None
    try:
        return UUID(told.strip().strip('"'))
    except ValueError:
        raise Refused(
            bad_input("Idempotency-Key", f"{told[:40]!r} is no key of an action.",
                      "Send a new UUID for every action, and the same one to ask again.")
        ) from None  # fmt: skip


def key_of(text: str, what: str) -> UUID:
    """The key in an address. What is no key names no record: 404."""
    try:
        return UUID(text)
    except ValueError:
        raise not_found(what) from None


# Reading what was sent.


class LimitedJSONParser(JSONParser):
    """JSON of bounded size that can be stored: no NaN, no names twice, no lone surrogates."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge
        try:
            text = raw.decode("utf-8")
            data = json.loads(
                text,
                parse_constant=_no_constant,
                parse_float=_finite,
                object_pairs_hook=_names_once,
            )
            if "\\u" in text:
                json.dumps(data, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is no JSON that can be read: {error}"[:300]) from None
        return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def expected_version(request: Request, body: Mapping[str, Any] | None = None) -> int | None:
    """The version that the caller looked at: If-Match, else `version` in the body."""
    header = request.headers.get("If-Match")
    told = header.strip() if header is not None else (body or {}).get("version")
    if told is None:
        return None
    text = str(told).removeprefix('"').removesuffix('"')
    if isinstance(told, bool) or not (text.isascii() and text.isdigit() and len(text) < 10):
        field = "If-Match" if header is not None else "version"
        raise Refused(
            bad_input(field, f"{text[:40]!r} is no version of a record.",
                      "Send the ETag that came with the record, such as \"3\".")
        )  # fmt: skip
    return int(text)


def rows_of(row: type[serializers.Serializer[Any]], most: int) -> Any:
    """A list of at most `most` rows of a record, which replaces the rows there are."""
    return row(many=True, required=False, max_length=most)  # type: ignore[call-arg]


class AwareDateTimeField(serializers.DateTimeField):
    """A moment with its zone. A time without one could be anybody's noon, so it is refused."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "naive": "This time says no zone.",
        "far": "This is no time that can be.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        if not clock.is_conceivable(value):
            self.fail("far")
        return value.astimezone(UTC)


def natural_key(model: type[models.Model]) -> str:
    """The field by which people name a record of `model`; empty where there is none."""
    for name in ("code", "username"):
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        return name
    return ""


@extend_schema_field({"type": "string", "description": "Its id, or its code or user name."})
class ReferenceField(serializers.RelatedField):  # type: ignore[type-arg]
    """Another record, by its id or by the name that people give it."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "unknown": "There is no such {what}.",
        "invalid": "This is no name of a {what}.",
    }

    def to_internal_value(self, data: Any) -> Any:
        rows = self.get_queryset()
        assert rows is not None
        what = rows.model._meta.verbose_name
        if not isinstance(data, str) or len(data) > 100 or "\0" in data:
            self.fail("invalid", what=what)
        found = rows.filter(_same_record(rows.model, "", data)).first()
        if found is None:
            self.fail("unknown", what=what)
        return found

    def to_representation(self, value: Any) -> Any:
        return str(value.pk)


def _same_record(model: type[models.Model], path: str, text: str) -> Q:
    """Whether the record at `path` ("" for the row itself) has the id or the name `text`."""
    natural = natural_key(model)
    try:
        return Q(**{f"{path}__pk" if path else "pk": UUID(text)})
    except ValueError:
        return Q(**{f"{path}__{natural}" if path else natural: text}) if natural else Q(pk__in=[])


class StrictSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Refuses every name it does not take, together with whatever else is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        refused: dict[str, Any] = {}
        if isinstance(data, Mapping):
            taken = {name for name, field in self.fields.items() if not field.read_only}
            refused = {
                str(name)[:60]: [
                    serializers.ErrorDetail(
                        f"“{str(name)[:60]}” cannot be entered.", "not_writable"
                    )
                ]
                for name in [name for name in data if name not in taken][:50]
            }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**refused, **error.detail}) from None
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value


class WriteSerializer(StrictSerializer, serializers.ModelSerializer):  # type: ignore[type-arg]
    """What may be entered of one model. It checks forms only; the service checks the rest.

    Unique values are left to the service, which says the same to every door.
    """

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: AwareDateTimeField,
    }
    serializer_related_field = ReferenceField

    def get_validators(self) -> list[Any]:
        return []

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        kwargs = super().include_extra_kwargs(kwargs, extra_kwargs)
        if "validators" in kwargs:
            kwargs["validators"] = []
        return kwargs


def move_field(field: MoveField, obj: Any = None) -> serializers.Field[Any, Any, Any, Any]:
    """The form of one input of a move; without `obj`, choices that depend on it stay open."""
    common: dict[str, Any] = {"required": field.required, "label": field.label}
    if field.help_text:
        common["help_text"] = field.help_text
    if field.kind == "integer":
        return serializers.IntegerField(**common, min_value=-_INTEGER_MAX, max_value=_INTEGER_MAX)
    if field.kind == "datetime":
        return AwareDateTimeField(**common)
    if field.kind == "boolean":
        return serializers.BooleanField(**common)
    if field.kind == "choices":  # which of them count, the door knows
        return serializers.ListField(
            child=serializers.CharField(), max_length=_MOST_CHOICES, **common
        )
    fixed = not callable(field.choices) or obj is not None
    choices = list(field.choices_for(obj)) if fixed else []
    if choices or (field.kind == "choice" and fixed):
        return serializers.ChoiceField(choices=choices, **common)
    if field.kind == "reference":
        return serializers.UUIDField(**common)
    return serializers.CharField(allow_blank=not field.required, **common)


def seal_field() -> serializers.CharField:
    return serializers.CharField(
        required=False,
        max_length=64,
        help_text="The digest of the content you looked at; refused when another is asked about.",
    )


class MoveSerializer(StrictSerializer):
    """The body of a move: its own inputs, the reason, and the version that was looked at."""

    comment = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="The reason, where one is asked."
    )
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=_INTEGER_MAX, help_text="Instead of If-Match."
    )


def move_values(move: Move, obj: Any, data: Any) -> dict[str, Any]:
    """The checked inputs of `move`, comment included; raises ValidationError naming each bad one.

    `obj` may be None when no input sent has choices that depend on the record. Inputs left out
    are left out here, so that the service's defaults hold.
    """
    serializer = MoveSerializer(data=data)
    for field in move.fields:
        serializer.fields[field.name] = move_field(field, obj)
    if move.seal is not None:
        serializer.fields["content_digest"] = seal_field()
    serializer.is_valid(raise_exception=True)
    values = dict(serializer.validated_data)
    values.pop("version", None)
    optional = {field.name for field in move.fields if not field.required}
    return {n: v for n, v in values.items() if not (n in optional and v in (None, ""))}


# Lists.


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter that narrows a list.

    `lookup` is the path in the query, the name where empty. A "choice" may be given several
    times; a "reference" takes the id or the code of the record at its path.
    """

    name: str
    kind: Literal["choice", "reference", "text", "boolean"] = "choice"
    lookup: str = ""
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]] = ()
    help_text: str = ""

    def allowed(self) -> list[str]:
        pairs = self.choices() if callable(self.choices) else self.choices
        return [value for value, _label in pairs]

    def condition(self, queryset: QuerySet[Any], values: Sequence[str]) -> Q:
        """The values of the request as a condition. Raises Refused for one that cannot be."""
        lookup = self.lookup or self.name
        if self.kind == "choice":
            wrong = [value for value in values if value not in self.allowed()]
            refuse_if_any(
                bad_input(self.name, f"{value[:40]!r} is no {self.name}.",
                          f"Choose of: {', '.join(self.allowed())}.", "invalid_choice")
                for value in wrong
            )  # fmt: skip
            return Q(**{f"{lookup}__in": list(values)})
        value = values[-1]
        refuse_if_any(text_blockers(self.name, value, longest=SEARCH_MAX))
        if self.kind == "boolean":
            if value not in ("true", "false"):
                raise Refused(bad_input(self.name, f"{value[:40]!r} is neither true nor false."))
            return Q(**{lookup: value == "true"})
        if self.kind == "reference":
            return _same_record(_model_at(queryset.model, lookup), lookup, value)
        return Q(**{lookup: value})

    def schema(self) -> dict[str, Any]:
        item: dict[str, Any] = {"type": "boolean" if self.kind == "boolean" else "string"}
        if self.kind == "choice":
            item = {"type": "array", "items": {"type": "string", "enum": self.allowed()}}
        told = self.help_text or ("Its id or its code." if self.kind == "reference" else "")
        return _parameter(self.name, item, told)


def _model_at(model: Any, path: str) -> Any:
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model


def _parameter(name: str, schema: dict[str, Any], told: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        **({"description": told} if told else {}),
    }


class DeclaredFilters(BaseFilterBackend):
    """Applies the view's `filters` and its search; a parameter nobody declared is refused."""

    always = ("q", "order", "cursor", "page_size")

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        known = {f.name: f for f in view.filters}
        searchable = bool(view.search_lookups)
        allowed = {*known, *(n for n in self.always if searchable or n != "q")}
        refuse_if_any(
            bad_input(name[:60], f"There is no parameter {name[:60]!r}.",
                      f"Use of: {', '.join(sorted(allowed))}.", "unknown_parameter")
            for name in request.query_params
            if name not in allowed
        )  # fmt: skip
        for name, declared in known.items():
            values = request.query_params.getlist(name)
            if values:
                queryset = queryset.filter(declared.condition(queryset, values))
        text = request.query_params.get("q", "").strip()
        if text:
            refuse_if_any(text_blockers("q", text, longest=SEARCH_MAX, label="The search text"))
            queryset = view.search(queryset, text)
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        told = [f.schema() for f in view.filters]
        if view.search_lookups:
            told.append(_parameter("q", {"type": "string", "maxLength": SEARCH_MAX},
                                   "Part of any of its names."))  # fmt: skip
        return told


class KeysetPagination(BasePagination):
    """Pages that cost the same at any depth and never count: "after this row", not "page 7".

    The cursor is opaque to callers: order, value and key of the last row. It is checked like any
    other input, so a forged one is refused and can reach nothing that the list does not show.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return self.cut(queryset, request, tuple(view.orderings))

    def cut(self, queryset: QuerySet[Any], request: Request, orderings: Sequence[str]) -> list[Any]:
        """The page that `request` asks for, in one of `orderings`; the first is the default."""
        self.request, self.next_cursor = request, ""
        size = self._size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor", "")
        order = request.query_params.get("order") or (
            _unpack(cursor)[0] if cursor else orderings[0]
        )
        if order not in orderings:
            raise Refused(
                bad_input("order", f"{order[:40]!r} is no order of this list.",
                          f"Choose of: {', '.join(orderings)}.", "invalid_choice")
            )  # fmt: skip
        column, down = order.removeprefix("-"), order.startswith("-")
        sign = "-" if down else ""
        if cursor:
            queryset = queryset.filter(self._after(queryset.model, cursor, order))
        names = [order] if column == "id" else [order, f"{sign}id"]
        rows = list(queryset.order_by(*names)[: size + 1])
        if len(rows) > size:
            rows = rows[:size]
            last = rows[-1]
            field = queryset.model._meta.get_field(column)
            self.next_cursor = _pack(order, field.value_to_string(last), str(last.pk))
        return rows

    def _size(self, text: str | None) -> int:
        if text is None:
            return PAGE_SIZE
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= PAGE_SIZE_MAX:
            raise Refused(
                bad_input("page_size", f"A page has 1 to {PAGE_SIZE_MAX} rows.", "Ask for fewer.")
            )
        return int(text)

    def _after(self, model: Any, cursor: str, order: str) -> Q:
        told, value, key = _unpack(cursor)
        column, down = order.removeprefix("-"), order.startswith("-")
        step = "lt" if down else "gt"
        try:
            last = model._meta.get_field(column).to_python(value)
            pk = model._meta.pk.to_python(key)
        except (ValidationError, ValueError, OverflowError):
            raise _bad_cursor() from None
        if told != order or last is None or pk is None:
            raise _bad_cursor()
        if column == "id":
            return Q(**{f"id__{step}": pk})
        # The first condition is what an index on (column, id) can start from.
        return Q(**{f"{column}__{step}e": last}) & (
            Q(**{f"{column}__{step}": last}) | Q(**{f"id__{step}": pk})
        )

    def get_paginated_response(self, data: Any) -> Response:
        link = None
        if self.next_cursor:
            link = replace_query_param(
                self.request.build_absolute_uri(), "cursor", self.next_cursor
            )
        return Response({"next": link, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orderings = list(getattr(view, "orderings", ()))
        size = {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE}
        return [
            _parameter("cursor", {"type": "string"}, "Where the page before ended."),
            _parameter("page_size", size, ""),
            _parameter("order", {"type": "string", "enum": orderings}, "The first is the default."),
        ]


def _pack(*values: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _unpack(cursor: str) -> list[str]:
    try:
        raw = base64.urlsafe_b64decode(cursor[:2000].encode("ascii") + b"==")
        values = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    if not (isinstance(values, list) and len(values) == 3):
        raise _bad_cursor()
    if not all(isinstance(v, str) and v.isprintable() for v in values):
        raise _bad_cursor()
    return values


def _bad_cursor() -> Refused:
    return Refused(
        Blocker("bad_cursor", "This is no cursor of this list.", "Start at the first page.", "you",
                kind="input", field="cursor")
    )  # fmt: skip
