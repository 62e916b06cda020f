"""When a change is expected to go live, and what the calendar says of it then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.inventory.models import Asset
from apps.windows.domain.calendar import WORK_KINDS, Work, is_inside_freeze
from apps.windows.selectors import spans_between, window_after


@dataclass(frozen=True, slots=True)
class Night:
    """From when to when something goes live; `site` is empty where nobody knows it."""

    starts_at: datetime
    ends_at: datetime
    site: str = ""


def expected_night(change: ChangeRequest) -> Night:
    """As far as the change says itself: the next window from its earliest day on, or the days
    that it asks for where no window opens in them."""
    starts_at = clock.now()
    if change.earliest_on is not None:
        starts_at = max(starts_at, _midnight(change.earliest_on))
    ends_at = starts_at
    latest = change.latest_on or change.earliest_on
    if latest is not None:
        ends_at = max(ends_at, _midnight(latest + timedelta(days=1)))
    window = window_after(starts_at)
    if window is None or (change.latest_on is not None and window.opens_at >= ends_at):
        return Night(starts_at, ends_at)
    return Night(window.opens_at, window.closes_at, window.site.code)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(settings.INTERLOCK_ZONE))


def goes_into_freeze(change: ChangeRequest) -> bool:
    """Whether its night lies in a freeze that blocks it or asks for more signatures."""
    night = expected_night(change)
    spans = spans_between(night.starts_at, night.ends_at)
    if not spans:
        return False
    lines = list(change.assets.all())
    owners = Asset.objects.filter(pk__in=[line.asset_id for line in lines])
    codes = owners.order_by().values_list("application__code", flat=True).distinct()
    work = work_of(
        change, {line.asset.type.family for line in lines}, {*codes} - {None}, site=night.site
    )
    return is_inside_freeze(spans, work, night.starts_at, night.ends_at)


def work_of(
    change: ChangeRequest, families: Iterable[str], applications: Iterable[str], site: str = ""
) -> Work:
    """The change as the calendar sees it; `applications` are those of its scope."""
    return _work(
        change.change_type, change.category, {change.application.code, *applications},
        families, site,
    )  # fmt: skip


def works_of(changes: Iterable[UUID], site: str = "") -> dict[UUID, Work]:
    """The same of many changes as they are stored, by key; two queries."""
    keys = list(changes)
    scopes: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    lines = ChangeAsset.objects.filter(change__in=keys).order_by()
    for key, code, family in lines.values_list(
        "change_id", "asset__application__code", "asset__type__family"
    ):
        scopes[key].add((code or "", family))
    rows = ChangeRequest.objects.filter(pk__in=keys).order_by()
    return {
        key: _work(
            change_type, category, {application, *(code for code, _ in scopes[key] if code)},
            (family for _, family in scopes[key]), site,
        )
        for key, change_type, category, application in rows.values_list(
            "pk", "change_type", "category", "application__code"
        )
    }  # fmt: skip


def _work(
    change_type: str, category: str, applications: Iterable[str], families: Iterable[str], site: str
) -> Work:
    kinds = {change_type, category} & WORK_KINDS.keys()
    return Work(site, frozenset(applications), frozenset(families), frozenset(kinds))
