"""What leaves the portal as a file is itself evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse

from apps.core.actor import Actor
from apps.core.csv_safe import csv_response
from apps.evidence.events import EXPORTED
from apps.evidence.services.ledger import record_fact

_ASKED_MAX = 200


def exported_csv(
    filename: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    actor: Actor,
    about: str = "",
    asked: Mapping[str, str] | None = None,
) -> StreamingHttpResponse:
    """A download of `rows`, after it was recorded who took which list; `filename` without its
    ending, `asked` the filters it was asked with. What cannot be recorded is not handed out."""
    record_export(filename, actor=actor, about=about, asked=asked, columns=list(header))
    return csv_response(filename, header, rows)


def record_export(
    what: str,
    *,
    actor: Actor,
    about: str = "",
    asked: Mapping[str, str] | None = None,
    **facts: Any,
) -> None:
    """That somebody takes a file called `what` out of the portal: a list, a pack."""
    filters = {name: str(value)[:_ASKED_MAX] for name, value in (asked or {}).items() if value}
    filters.pop("csrfmiddlewaretoken", None)
    with transaction.atomic(durable=True):
        record_fact("read", actor=actor, event=EXPORTED, about=about,
                    facts={"what": what, "asked": filters, **facts})  # fmt: skip
