"""A package or a window between two moments: what changed, then all of it as of the second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from apps.audit.domain.travel import (
    PARTS,
    Change,
    Changed,
    Field,
    Item,
    Moment,
    Part,
    PartDifference,
    difference,
    usual,
)
from apps.audit.selectors.moments import asked, moments_of
from apps.audit.selectors.release_then import MODELS, Place, pictures
from apps.console import display
from apps.console.site import site
from apps.core import clock
from apps.core.errors import Blocker, Refused
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

PLACES: dict[str, Any] = {"package": ReleasePackage, "window": ReleaseWindow}
#: A longer text is folded away.
LONG = 160


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown; a long text has a beginning to fold it under."""

    label: str
    value: Any
    beginning: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One item with its facts: those on every line, and the others."""

    name: str
    place: str
    main: tuple[Cell, ...]
    more: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """One fact before and after."""

    label: str
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """An item that is another: how its state moved, if it did, and its other facts."""

    name: str
    place: str
    state: Shift | None
    facts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A button that takes a named moment for one of the two."""

    label: str
    at: datetime | None
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Picker:
    name: str
    label: str
    typed: str
    help: str
    named: tuple[Named, ...]
    errors: tuple[Blocker, ...]


@require_safe
def travel(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """`from` and `to` are moments, with an offset or on the wall clock of the place; without
    them, since the agreement that counts most until now."""
    if kind not in PLACES:
        raise Http404
    place = get_object_or_404(PLACES[kind], pk=pk)
    zone = zone_of(place)
    moments = moments_of(place)
    sent = request.GET
    start = usual(moments)
    texts = {
        "from_": sent.get("from", "") or start.at.isoformat(),
        "to": sent.get("to", "") or clock.now().isoformat(),
    }
    told: dict[str, Any] = {}
    refused: tuple[Blocker, ...] = ()
    chosen: Mapping[str, datetime] = {}
    try:
        chosen = asked(place, zone=zone, **texts)
    except Refused as refusal:
        refused = refusal.blockers
    else:
        told = _told(place, zone, chosen["from_"], chosen["to"])
    context = {
        **site.each_context(request),
        "title": f"{place.code}: what changed",
        "place": place,
        "kind": kind,
        "zone": zone,
        "back_url": _page_of(place, "change"),
        "timeline_url": _page_of(place, "history"),
        "pickers": [
            _picker("from", "From", sent, moments, zone, chosen.get("from_"), refused),
            _picker("to", "Until", sent, moments, zone, chosen.get("to"), refused),
        ],
        **told,
    }
    return render(request, "portal/travel.html", context, status=400 if refused else 200)


def zone_of(place: Place) -> ZoneInfo:
    window = place if isinstance(place, ReleaseWindow) else place.window
    return ZoneInfo((window.zone if window else "") or settings.INTERLOCK_ZONE)


def _page_of(place: Place, page: str) -> str:
    return reverse(f"admin:{place._meta.app_label}_{place._meta.model_name}_{page}",
                   args=[place.pk])  # fmt: skip


def _told(place: Place, zone: ZoneInfo, start: datetime, end: datetime) -> dict[str, Any]:
    before, after = pictures(place, start, end)
    found = difference(before.items, after.items)
    is_window = isinstance(place, ReleaseWindow)
    return {
        "from_at": start,
        "to_at": end,
        "count": sum(each.count for each in found),
        "differences": [_difference(each, zone, is_window) for each in found],
        "then": [
            {
                "part": part,
                "columns": [field.label for field in part.fields if _is_column(field, rows)],
                "rows": [_row(part, item, zone, is_window) for item in rows],
            }
            for part in PARTS
            if (rows := after.of(part.code))
        ],
    }


def _is_column(field: Field, items: tuple[Item, ...]) -> bool:
    return field.main and any(field.name in item.values for item in items)


def _difference(found: PartDifference, zone: ZoneInfo, with_place: bool) -> dict[str, Any]:
    return {
        "part": found.part,
        "count": found.count,
        "added": [_row(found.part, item, zone, with_place) for item in found.added],
        "removed": [_row(found.part, item, zone, with_place) for item in found.removed],
        "changed": [_changed(found.part, each, zone, with_place) for each in found.changed],
    }


def _changed(part: Part, found: Changed, zone: ZoneInfo, with_place: bool) -> ChangedRow:
    shifts = {each.field.name: _shift(part, each, zone) for each in found.changes}
    state = shifts.pop("state", None)
    return ChangedRow(
        found.item.name, _place(found.item, with_place), state, tuple(shifts.values())
    )


def _shift(part: Part, change: Change, zone: ZoneInfo) -> Shift:
    before, after = (_cell(part, change.field, value, zone) for value in _sides(change))
    return Shift(change.field.label, before, after)


def _sides(change: Change) -> tuple[Any, Any]:
    """Before and after; of a list only what went and what came."""
    if change.field.kind != "words":
        return change.before, change.after
    old, new = change.before or (), change.after or ()
    return tuple(w for w in old if w not in new), tuple(w for w in new if w not in old)


def _place(item: Item, with_place: bool) -> str:
    """The place, where it is wanted and the name does not tell it."""
    return item.place if with_place and item.place not in item.name else ""


def _row(part: Part, item: Item, zone: ZoneInfo, with_place: bool) -> Row:
    told = [
        (field, _cell(part, field, item.values[field.name], zone))
        for field in part.fields
        if field.name in item.values
    ]
    return Row(
        item.name,
        _place(item, with_place),
        tuple(cell for field, cell in told if field.main),
        tuple(cell for field, cell in told if not field.main and cell.value != ""),
    )


def _cell(part: Part, field: Field, value: Any, zone: ZoneInfo) -> Cell:
    shown = _shown(part, field, value, zone)
    is_long = not isinstance(shown, SafeString) and len(shown) > LONG
    return Cell(field.label, shown, f"{shown[:60]}…" if is_long else "")


def _shown(part: Part, field: Field, value: Any, zone: ZoneInfo) -> Any:
    """A value in words; "" for nothing."""
    if value is None or value in ("", ()):
        return ""
    if field.kind == "moment":
        return display.titled(display.local(value, zone), f"{value.astimezone(zone):%F %T %Z}")
    if field.kind == "state":
        return display.word(value, _choice(part, field, value))
    if field.kind == "seal":
        return display.titled(display.name(value[:8]), value)
    if field.kind == "flag":
        return "yes" if value else "no"
    if field.kind == "words":
        return ", ".join(value)
    return _choice(part, field, value)


def _choice(part: Part, field: Field, value: Any) -> str:
    """The words of the model for a code of one of its choices."""
    model = MODELS.get(part.code)
    names = {each.name for each in model._meta.concrete_fields} if model else set()
    if model is None or field.name not in names:
        return "" if field.kind == "state" else str(value)
    column = model._meta.get_field(field.name)
    words = dict(getattr(column, "flatchoices", ()) or ())
    return str(words.get(value, "" if field.kind == "state" else value))


def _picker(
    name: str,
    label: str,
    sent: QueryDict,
    moments: tuple[Moment, ...],
    zone: ZoneInfo,
    chosen: datetime | None,
    refused: tuple[Blocker, ...],
) -> Picker:
    buttons = [
        Named(moment.label, moment.at, _with(sent, name, moment.at.isoformat()),
              moment.at == chosen)
        for moment in moments
    ]  # fmt: skip
    if name == "to":
        is_now = not sent.get("to") and chosen is not None
        buttons.append(Named("Now", None, _with(sent, name, ""), is_now))
    return Picker(
        name,
        label,
        _typed(chosen, zone) if chosen and (name == "from" or sent.get("to")) else
        sent.get(name, "")[:40] if name in sent else "",
        "Empty: now." if name == "to" else "Empty: since what was agreed last.",
        tuple(buttons),
        tuple(blocker for blocker in refused if blocker.field == name),
    )  # fmt: skip


def _typed(moment: datetime, zone: ZoneInfo) -> str:
    """On the wall clock, at the end of its second, so that what happened then is in it."""
    end = moment.replace(microsecond=0)
    if moment.microsecond and end + timedelta(seconds=1) <= clock.now():
        end += timedelta(seconds=1)
    return f"{end.astimezone(zone):%Y-%m-%dT%H:%M:%S}"


def _with(sent: QueryDict, name: str, text: str) -> str:
    kept = {key: sent[key] for key in ("from", "to") if sent.get(key)}
    kept[name] = text
    return f"?{urlencode({key: value for key, value in kept.items() if value})}"
