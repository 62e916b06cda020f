"""Errors of the programming interface as problem details (RFC 9457), every one of them.

`blockers` holds what `Blocker.as_dict()` gives; `type` ends in the kind of the first reason, so
that a client can tell a stale version from a missing role without reading the text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import DataError, Error, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from apps.core.errors import Blocker, Refused, bad_input

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"

_TITLES = {
    400: "The request cannot be used as it is",
    401: "Sign in first",
    403: "You may not do this",
    404: "There is nothing here",
    405: "This is not offered here",
    406: "This form is not offered here",
    409: "Not possible now",
    412: "The record changed meanwhile",
    413: "The request is too large",
    415: "This form of content is not read here",
    428: "Say which version you looked at",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Not available at the moment",
}

_FIXES = {
    "required": "Enter it.",
    "null": "Enter a value.",
    "blank": "Enter a text.",
    "invalid_choice": "Choose one of the list.",
    "not_writable": "Leave it out.",
    "naive": "Add the zone, such as 2026-11-22T01:30:00+01:00 or …Z.",
}

#: PostgreSQL's lock_not_available, deadlock_detected and serialization_failure: try again.
_CONTENDED = ("55P03", "40P01", "40001")


class PreconditionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "version_needed"
    default_detail = "Send If-Match with the version of the record you looked at."


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The body of a request holds at most 1 MiB."


def request_id() -> str:
    """The id under which this request stands in the log; empty outside of one."""
    text = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return text[:64] if text.isprintable() else ""


def problem(
    status_code: int,
    *,
    instance: str,
    kind: str,
    detail: str,
    blockers: Sequence[Blocker] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        "type": f"urn:interlock:problem:{kind}",
        "title": _TITLES.get(status_code, "The request was not served"),
        "status": status_code,
        "detail": detail,
        "instance": instance,
        "blockers": [blocker.as_dict() for blocker in blockers],
        "request_id": request_id(),
    }
    return Response(body, status=status_code, headers=headers, content_type=PROBLEM_JSON)


def problem_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Any exception of a view as a problem; what nobody foresaw is logged and told as a 500."""
    instance = context["request"].path
    if isinstance(exc, RequestDataTooBig):
        exc = BodyTooLarge()
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("There is no such record, or you may not see it.")
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, Refused):
        return problem(exc.status, instance=instance, kind=exc.kind, detail=str(exc),
                       blockers=exc.blockers)  # fmt: skip
    if isinstance(exc, exceptions.ValidationError):
        found = tuple(_input_blockers(exc.get_full_details()))
        return problem(400, instance=instance, kind="input", blockers=found,
                       detail="; ".join(b.text for b in found)[:2000])  # fmt: skip
    if isinstance(exc, exceptions.APIException):
        return _from_framework(exc, instance)
    if isinstance(exc, Error):
        return _from_database(exc, context, instance)
    return _unforeseen(exc, context, instance)


def _from_framework(exc: exceptions.APIException, instance: str) -> Response:
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if getattr(exc, "wait", None):
        headers["Retry-After"] = f"{exc.wait:.0f}"  # type: ignore[attr-defined]
    code = exc.get_codes()
    return problem(
        exc.status_code,
        instance=instance,
        kind=code if isinstance(code, str) else "error",
        detail=str(exc.detail),
        headers=headers,
    )


def _from_database(exc: Error, context: Mapping[str, Any], instance: str) -> Response:
    state = getattr(exc.__cause__, "sqlstate", None)
    if isinstance(exc, OperationalError) and state in _CONTENDED:
        return problem(409, instance=instance, kind="contended", headers={"Retry-After": "1"},
                       detail="Somebody else is changing the same record. Nothing was saved; "
                              "try again.")  # fmt: skip
    if isinstance(exc, OperationalError):
        logger.error("database_unavailable", exc_info=exc)
        return problem(503, instance=instance, kind="unavailable", headers={"Retry-After": "5"},
                       detail="The database does not answer. Nothing was saved; try again."
                       )  # fmt: skip
    if isinstance(exc, IntegrityError) and state == "23505":
        return problem(409, instance=instance, kind="conflict",
                       detail="The same was entered at the same time. Nothing was saved; look at "
                              "the record and try again.")  # fmt: skip
    if isinstance(exc, DataError):
        return problem(400, instance=instance, kind="input",
                       detail="A value is outside of what can be stored. Nothing was saved."
                       )  # fmt: skip
    return _unforeseen(exc, context, instance)


def _unforeseen(exc: Exception, context: Mapping[str, Any], instance: str) -> Response:
    logger.error("request_failed", exc_info=exc)
    request = getattr(context["request"], "_request", context["request"])
    got_request_exception.send(sender=None, request=request)
    return problem(500, instance=instance, kind="fault",
                   detail="Nothing was half saved. The fault was recorded; try again in a minute."
                   )  # fmt: skip


def _input_blockers(details: Any, field: str = "") -> Iterator[Blocker]:
    """The framework's nested errors as one flat list; rows are named "assets[0].asset"."""
    if isinstance(details, Mapping):
        if set(details) == {"message", "code"}:
            code = str(details["code"])
            yield bad_input(field, str(details["message"]), _FIXES.get(code, ""), code)
            return
        for name, inner in details.items():
            if name == "non_field_errors":
                yield from _input_blockers(inner, field)
            elif isinstance(name, int):
                yield from _input_blockers(inner, f"{field}[{name}]")
            else:
                yield from _input_blockers(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(details, list):
        leaves = all(isinstance(inner, Mapping) and "message" in inner for inner in details)
        for number, inner in enumerate(details):
            yield from _input_blockers(inner, field if leaves else f"{field}[{number}]")
