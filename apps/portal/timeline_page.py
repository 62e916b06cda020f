"""The page of a record's timeline: what happened to it and around it, filtered and by pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from apps.audit.domain.timeline import KINDS, Kind, Spell, Strip
from apps.audit.selectors.timeline import Timeline, read_asked
from apps.console.display import Look, local, look_of, span_words
from apps.console.hooks import actor_of
from apps.core.errors import Refused
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

#: Pixels of a row of the picture, from the top to the middle of its first lane, and below its last.
LANE, FIRST, BELOW = 22, 41, 12
#: Percent that a letter of a word takes, at the width that the picture has on a desk.
LETTER = 1.05
#: What can be looked at as of a moment.
_TRAVELS: dict[type[Model], str] = {ReleasePackage: "package", ReleaseWindow: "window"}


@dataclass(frozen=True, slots=True)
class ShownSpell:
    spell: Spell
    look: Look
    has_room: bool
    told: str


@dataclass(frozen=True, slots=True)
class ShownLane:
    name: str
    y: int
    marks: tuple[Any, ...]
    count: int


@dataclass(frozen=True, slots=True)
class ShownStrip:
    """The picture in percent across and pixels down, and the same in words."""

    spells: tuple[ShownSpell, ...]
    lanes: tuple[ShownLane, ...]
    height: int
    words: str


def timeline_page(request: HttpRequest, obj: Model, subject: str) -> tuple[dict[str, Any], int]:
    """The context of the page of `obj`, and its status."""
    asked, refused = read_asked(request.GET)
    timeline = Timeline(obj, actor_of(request), asked, subject=subject)
    cursor = request.GET.get("cursor", "")
    try:
        page = timeline.page(cursor)
    except Refused as refusal:
        refused = {blocker.field: blocker for blocker in refusal.blockers}
        page = timeline.page()
    kept = {key: request.GET.getlist(key) for key in request.GET if key != "cursor"}
    return {
        "happenings": page.happenings,
        "older_url": f"?{urlencode({**kept, 'cursor': page.next_cursor}, doseq=True)}"
        if page.next_cursor
        else "",
        "newest_url": f"?{urlencode(kept, doseq=True)}" if cursor else "",
        "asked": asked,
        "refused": refused,
        "typed": {name: request.GET.get(name, "")[:100] for name in ("first", "last", "q")},
        "kinds": _kinds(obj, timeline),
        "people": timeline.people(),
        "person": request.GET.get("person", ""),
        "picture": _shown(timeline.picture(), obj),
        "travel_url": _travel_url(obj),
    }, 400 if refused else 200


def _kinds(obj: Model, timeline: Timeline) -> list[tuple[Kind, bool]]:
    """Those that can be in it, and whether each is chosen."""
    has_more = len(timeline.around.models) > 1
    always = ("moves", "edits", "refusals", "comments", "documents")
    return [
        (kind, kind.code in timeline.asked.kinds)
        for kind in KINDS
        if (kind.code != "reads" or timeline.sees_reads) and (has_more or kind.code in always)
    ]


def _travel_url(obj: Model) -> str:
    kind = _TRAVELS.get(type(obj))
    return reverse("travel", args=[kind, obj.pk]) if kind else ""


def _shown(strip: Strip, obj: Any) -> ShownStrip | None:
    """The picture of a record that has states; None of any other."""
    if not strip.spells or not hasattr(obj, "state"):
        return None
    words = dict(obj._meta.get_field("state").flatchoices)
    spells = tuple(_spell(spell, words) for spell in strip.spells)
    counts = strip.counts
    lanes = tuple(
        ShownLane(name, FIRST + LANE * number, marks, counts[name])
        for number, (name, marks) in enumerate(strip.lanes)
    )
    told = [f"{each.look.word} {span_words(each.spell.until - each.spell.since)}"
            for each in spells]  # fmt: skip
    counted = ", ".join(f"{lane.name.lower()} {lane.count}" for lane in lanes)
    sentence = f"{', then '.join(told)}.{f' Marks: {counted}.' if counted else ''}"
    return ShownStrip(spells, lanes, FIRST + LANE * (len(lanes) - 1) + BELOW, sentence)


def _spell(spell: Spell, words: dict[str, str]) -> ShownSpell:
    look = look_of(spell.state, words.get(spell.state, ""))
    span: timedelta = spell.until - spell.since
    told = f"{look.word}: {local(spell.since)} to {local(spell.until)}, {span_words(span)}"
    return ShownSpell(spell, look, spell.width >= 1 + LETTER * len(look.word), told)
