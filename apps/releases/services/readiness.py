"""What the gates say of a package, now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from apps.core.errors import Blocker
from apps.releases.models import ReleasePackage


def gate_blockers(package: ReleasePackage, *, at_start: bool = False) -> Iterator[Blocker]:
    yield from ()


def refresh_items(package_ids: Iterable[UUID]) -> None: ...
