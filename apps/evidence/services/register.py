"""One door for register records: governed data without a lifecycle (teams, assets, sites…)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
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
    def create(*, actor: Actor) -> G:
        obj = model(**values)
        refuse_if_any([*check(actor, obj), *model_blockers(obj)])
        return record_created(obj, actor=actor, event=RECORD_CREATED, comment=comment)

    return create(actor=actor)


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
    def edit(*, pk: Any, actor: Actor) -> G:
        obj = lock(model, pk, expected_seq=expected_seq)
        refuse_if_any(check(actor, obj))
        before = obj.governed_values()
        for name, value in values.items():
            setattr(obj, name, value)
        if obj.governed_values() == before:
            return obj
        refuse_if_any(model_blockers(obj))
        return record(obj, actor=actor, event=RECORD_EDITED, comment=comment)

    return edit(pk=pk, actor=actor)


def model_blockers(obj: GovernedModel) -> Iterable[Blocker]:
    """Django's own validation of what people may enter, as blockers that name the field."""
    try:
        obj.full_clean(exclude={f.name for f in obj._meta.concrete_fields if not f.editable})
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            for message in messages:
                yield bad_input("" if field == "__all__" else field, message)
