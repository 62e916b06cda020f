"""Read the list of packages that Endevor's REST service answers: {"data": [package, …]}.

Newer servers name fields pkgId and windowStartDate, older ones "PKG ID" and pad values with blanks;
a name counts by its letters alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.integrations.adapters.files import usable
from apps.integrations.adapters.inventory import Rows
from apps.integrations.adapters.json_items import json_items
from apps.inventory.domain.rows import PackageRow, Place, Problem

TOOL = "endevor"
STATUSES = frozenset(
    {
        "INEDIT", "INAPPROVAL", "APPROVED", "INEXECUTION", "EXECUTED", "EXECFAILED", "COMMITTED",
        "DENIED",
    }
)  # fmt: skip
#: Our field → their names, by their letters alone, newest first.
NAMES: dict[str, tuple[str, ...]] = {
    "package_id": ("pkgid", "packageid", "package"),
    "description": ("description", "comment"),
    "status": ("status", "pkgstatus"),
    "kind": ("pkgtype", "packagetype", "type"),
    "backout_enabled": ("backoutflag", "backout", "backoutenabled"),
    "window_from": ("windowstartdate", "ewfromdate", "execwindowfrom", "windowstart"),
    "window_to": ("windowenddate", "ewtodate", "execwindowto", "windowend"),
    "approved_at": ("apprdate", "approvaldate", "approveddate"),
    "executed_at": ("execenddate", "executeddate", "executiondate"),
    "committed_at": ("commitdate", "committeddate"),
}
MOMENTS = ("window_from", "window_to", "approved_at", "executed_at", "committed_at")
_FORMATS = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y/%m/%d %H:%M", "%d%b%y %H:%M",
            "%Y/%m/%d", "%d%b%y")  # fmt: skip


def read(paths: Sequence[Path]) -> Rows:
    problems: list[Problem] = []
    readable = usable(paths, problems)
    yield from problems
    for path in readable:
        told_any = False
        for found in json_items(path, "data"):
            told_any = True
            if isinstance(found, Problem):
                yield found
            else:
                yield from _package(*found)
        if not told_any:
            yield Problem(Place(path.name, 1), "data", "The answer holds no list of packages.")


def _package(place: Place, item: Any) -> Iterator[PackageRow | Problem]:
    if not isinstance(item, dict):
        yield Problem(place, "", "A package is expected here.")
        return
    told = {re.sub(r"[^a-z]", "", name.lower()): _bare(value) for name, value in item.items()}
    texts = {ours: _first(told, names) for ours, names in NAMES.items()}
    if not texts["package_id"]:
        yield Problem(place, "pkgId", "The package has no id.")
        return
    moments: dict[str, datetime | None] = {}
    for name in MOMENTS:
        moments[name] = moment = _moment(texts[name])
        if texts[name] and moment is None:
            yield Problem(place, NAMES[name][0], f"{texts[name][:40]!r} is no date that is read.")
    status = texts["status"].upper().replace("-", "")
    if status not in STATUSES:
        reason = f"{status[:40]!r} is no status of a package that we know; it is kept as it is."
        yield Problem(place, "status", reason, fatal=False)
    yield PackageRow(
        TOOL,
        texts["package_id"],
        place,
        description=texts["description"],
        status=status,
        kind=texts["kind"],
        backout_enabled=_yes(texts["backout_enabled"]),
        raw=item,
        **moments,
    )


def _bare(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _first(told: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(told[name]) for name in names if told.get(name) not in (None, "")), "")


def _yes(text: str) -> bool | None:
    return {"Y": True, "YES": True, "TRUE": True, "N": False, "NO": False, "FALSE": False}.get(
        text.upper()
    )


def _moment(text: str) -> datetime | None:
    """UTC where the text names no zone."""
    for pattern in _FORMATS:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
