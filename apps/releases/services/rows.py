"""Find, lock and fill rows: what every service of a plan does first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.releases.models import ReleasePackage
from apps.releases.policies.reasons import REASON_LONGEST
from apps.windows.models import ReleaseWindow

M = TypeVar("M", bound=models.Model)


def as_key(value: Any) -> UUID | None:
    """The key that a record, a key or a text is; None for anything else."""
    try:
        return UUID(str(getattr(value, "pk", value)))
    except ValueError:
        return None


def key_of(value: Any, what: str) -> UUID:
    """The key, or Refused as for a record that is not there."""
    key = as_key(value)
    if key is None:
        raise not_found(what)
    return key


def lock_rows(model: type[M], keys: Iterable[UUID | None]) -> list[M]:
    """The rows with these keys, locked in key order."""
    wanted = {key for key in keys if key is not None}
    rows = model._default_manager.filter(pk__in=wanted).order_by("pk")
    return list(rows.select_for_update(of=("self",))) if wanted else []


def lock_plans(
    windows: Iterable[UUID | None], packages: Iterable[UUID | None]
) -> tuple[list[ReleaseWindow], list[ReleasePackage]]:
    """Everybody locks windows, then packages, then what belongs to them, each in key order, so
    that nobody waits in a circle."""
    return lock_rows(ReleaseWindow, windows), lock_rows(ReleasePackage, packages)


def lock_owner(obj: Any) -> None:
    """Lock the window or package that a new record is to belong to, and see it as it is now."""
    windows, packages = lock_plans([obj.window_id], [obj.package_id])
    for window in windows:
        obj.window = window
    for package in packages:
        obj.package = package


def fill(obj: models.Model, values: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Set what a person entered. Raises Refused naming every field that is not theirs to set."""
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(allowed))
    )
    for name, value in values.items():
        setattr(obj, name, tidy(value) if isinstance(value, str) else value)


def comment_blockers(comment: str) -> Iterator[Blocker]:
    """A comment that may be left out can be stored."""
    yield from text_blockers("comment", tidy(comment), longest=REASON_LONGEST)
