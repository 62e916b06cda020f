"""Standard changes: kinds of change that the board approved in advance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.changes.models import StandardTemplate
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.services.register import (
    create_in_register,
    edit_in_register,
    register_roles,
)

_keep_templates = register_roles("change_manager", "site_admin")


def template_edit_blockers(actor: Actor, template: StandardTemplate) -> list[Blocker]:
    return list(_keep_templates(actor, template))


def template_keeper_blockers(actor: Actor) -> list[Blocker]:
    return template_edit_blockers(actor, StandardTemplate())


def create_template(
    *, actor: Actor, values: Mapping[str, Any], parts: Any = None
) -> StandardTemplate:
    """Register a standard change that the board approved in advance."""
    return create_in_register(StandardTemplate, actor=actor, values=values, check=_keep_templates)


def edit_template(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Any = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> StandardTemplate:
    return edit_in_register(
        StandardTemplate,
        pk=pk,
        actor=actor,
        values=values,
        check=_keep_templates,
        expected_seq=expected_seq,
        comment=comment,
    )
