"""One door for register records: governed data without a lifecycle (teams, assets, sites…)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import TEXT_MAX, text_blockers, tidy
from apps.evidence.events import RECORD_CREATED, RECORD_EDITED
from apps.evidence.models import GovernedModel
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created

G = TypeVar("G", bound=GovernedModel)
Check = Callable[[Actor, GovernedModel], Iterable[Blocker]]


def register_roles(*roles: str) -> Check:
    """The usual rule: holders of one of `roles` keep this register."""

    def check(actor: Actor, obj: GovernedModel) -> Iterable[Blocker]:
        if not actor.holds(*roles):
            what = obj._meta.verbose_name_plural
            yield Blocker(
                "role_missing",
                f"{actor.printed_name} does not keep the {what}.",
                f"Ask a holder of {' or '.join(r.replace('_', ' ') for r in roles)}.",
                "site admin",
                kind="permission",
            )

    return check


def create_in_register(
    model: type[G], *, actor: Actor, values: Mapping[str, Any], check: Check, comment: str = ""
) -> G:
    """A new register record with its first entry. Raises Refused naming every bad field."""

    @door(model.SUBJECT)
    def create(*, actor: Actor, comment: str) -> G:
        obj = model(**_one_line_end(values))
        refuse_if_any([*check(actor, obj), *model_blockers(obj)])
        return record_created(obj, actor=actor, event=RECORD_CREATED, comment=comment)

    return create(actor=actor, comment=comment)


def edit_in_register(
    model: type[G],
    *,
    pk: Any,
    actor: Actor,
    values: Mapping[str, Any],
    check: Check,
    expected_seq: int | None = None,
    comment: str = "",
) -> G:
    """Change a register record. Nothing is written when nothing differs."""

    @door(model.SUBJECT)
    def edit(*, pk: Any, actor: Actor, comment: str) -> G:
        obj = lock(model, pk, expected_seq=expected_seq)
        refuse_if_any(check(actor, obj))
        before = obj.governed_values()
        for name, value in _one_line_end(values).items():
            setattr(obj, name, value)
        if obj.governed_values() == before:
            return obj
        refuse_if_any(model_blockers(obj))
        return record(obj, actor=actor, event=RECORD_EDITED, comment=comment)

    return edit(pk=pk, actor=actor, comment=comment)


def _one_line_end(values: Mapping[str, Any]) -> dict[str, Any]:
    """Browsers send CRLF. Nothing else is put right: a code with a blank is no code."""
    return {n: v.replace("\r\n", "\n") if isinstance(v, str) else v for n, v in values.items()}


def model_blockers(obj: GovernedModel, exclude: Collection[str] = ()) -> Iterable[Blocker]:
    """Django's own validation of what people may enter, as blockers that name the field; and no
    text with control characters. `exclude`: fields that the caller sets itself."""
    yield from _text_blockers(obj)
    yield from _day_blockers(obj)
    kept = {f.name for f in obj._meta.concrete_fields if not f.editable}
    try:
        obj.full_clean(exclude={*kept, *exclude})
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            for message in messages:
                yield bad_input("" if field == "__all__" else field, message)


def line_blockers(
    row: models.Model, field: str, number: int, exclude: Collection[str]
) -> Iterable[Blocker]:
    """The same of one row of a record: at the `field` of the rows, with the row's number."""
    for blocker in (*_text_blockers(row), *_day_blockers(row)):
        yield bad_input(field, f"Line {number}: {blocker.text}", blocker.fix, blocker.code)
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            for message in messages:
                yield bad_input(field, f"Line {number}, {name.replace('_', ' ')}: {message}")


def _day_blockers(row: models.Model) -> Iterable[Blocker]:
    """A day or a moment at the end of the calendar is a typing error, and nobody could reckon with
    the one after it."""
    for column in (f for f in row._meta.concrete_fields if f.editable):
        value = getattr(row, column.attname)
        if isinstance(value, date) and not clock.is_conceivable(value):
            yield bad_input(
                column.name, f"Nothing of a release happens in the year {value.year}.",
                "Enter it anew.", "far",
            )  # fmt: skip


def _text_blockers(row: models.Model) -> Iterable[Blocker]:
    for column in (f for f in row._meta.concrete_fields if f.editable):
        value = getattr(row, column.attname)
        if isinstance(value, str):
            # A column that knows how much fits says so itself when it is cleaned.
            longest = len(value) if column.max_length else TEXT_MAX
            yield from text_blockers(column.name, tidy(value), longest=longest)
