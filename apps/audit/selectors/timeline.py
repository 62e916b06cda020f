"""One list of what happened to a record and around it, newest first, by pages.

Three things are merged: the ledger's entries, the log of the steps, and who had the record on the
screen. The number of queries does not grow with the list.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import CharField, F, Func, JSONField, Model, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from apps.accounts.models import User
from apps.approvals.models import ViewLog
from apps.audit.domain.timeline import (
    ALL_LABELS,
    EDITS,
    KIND,
    MOVES,
    Event,
    Strip,
    kind_of,
    labels_of,
    strip,
)
from apps.audit.selectors.surroundings import Surroundings, surroundings
from apps.console.differences import Line, Wording
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceEntry, Exhibit
from apps.evidence.selectors import body_of, sealed_among
from apps.releases.models import ActivityLog

PAGE_SIZE, PAGE_SIZE_MAX, TEXT_MAX = 50, 100, 100
#: Who reads who looked at what.
READERS = ("auditor", "change_manager")
#: Of the entries of a label: the fields that say when people claim that it happened.
CLAIMED: Mapping[str, tuple[str, ...]] = {
    "activity": ("ended_at", "started_at"),
    "check": ("run_at",),
    "communication": ("sent_at",),
    "exhibit": ("captured_at",),
}
#: Where the words of an entry stand in its body.
_WORDS = ("comment", "diff", "blockers", "facts")
#: The order of two things of one moment: the log of a step after its entry, looks last.
_ENTRY, _LOG, _LOOK = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a timeline is narrowed to; empty is everything. Days are whole ones of the site."""

    kinds: tuple[str, ...] = ()
    person: UUID | None = None
    first: date | None = None
    last: date | None = None
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kinds or self.person or self.first or self.last or self.text)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    `happened_at` is when it did where that was reported later. `proved` tells whether the history
    row still has the digest of the entry; None where there is no such row. `entry` is None of what
    has no entry of its own; `sealed` that a published checkpoint of the log covers it.
    """

    at: datetime
    kind: str
    who: str
    sentence: str
    rank: int
    key: Any
    subject: str = ""
    name: str = ""
    channel: str = ""
    roles: tuple[str, ...] = ()
    on_behalf_of: str = ""
    comment: str = ""
    lines: tuple[Line, ...] = ()
    refused: bool = False
    reasons: tuple[str, ...] = ()
    attempted: str = ""
    happened_at: datetime | None = None
    proved: bool | None = None
    sealed: bool = False
    entry: EvidenceEntry | None = None
    diff: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def leaf(self) -> str:
        return bytes(self.entry.leaf).hex() if self.entry else ""

    @property
    def icon(self) -> str:
        return KIND[self.kind].icon

    @property
    def cursor(self) -> str:
        told = json.dumps([self.at.isoformat(), self.rank, str(self.key)])
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page:
    happenings: list[Happening]
    next_cursor: str


class Timeline:
    """The timeline of `obj` for `reader`, narrowed to what was `asked`. `subject` is the name in
    the ledger of a record that is not governed."""

    def __init__(
        self, obj: Model, reader: Actor, asked: Asked | None = None, *, subject: str = ""
    ) -> None:
        self.subject = subject or f"{getattr(obj, 'subject', '')}"
        self.asked = asked or Asked()
        self.around: Surroundings = surroundings(obj, self.subject)
        self.sees_reads = reader.holds(*READERS)

    # What is in it.

    def all_entries(self) -> QuerySet[EvidenceEntry]:
        """Every entry that it can tell, whatever was asked."""
        subjects = list(self.around.names)
        rows = EvidenceEntry.objects.filter(Q(subject__in=subjects) | Q(about__in=subjects))
        rows = rows.alias(
            label=Func(F("subject"), Value(":"), Value(1), function="split_part",
                       output_field=CharField())
        )  # fmt: skip
        return rows if self.sees_reads else rows.exclude(label="read")

    def _entries(self) -> QuerySet[EvidenceEntry]:
        asked, rows = self.asked, self._within(self.all_entries(), "at")
        if asked.kinds:
            rows = rows.filter(self._of_kinds(asked.kinds))
        if asked.person:
            rows = rows.filter(actor_id=asked.person)
        return self._saying(rows, asked.text) if asked.text else rows

    def _of_kinds(self, kinds: Iterable[str]) -> Q:
        found = Q(label__in=labels_of(kinds))
        own = ~Q(label__in=ALL_LABELS)
        stays = Q(to_state="") | Q(to_state=F("from_state"))
        if MOVES in kinds:
            found |= own & ~stays
        if EDITS in kinds:
            found |= own & stays
        return found

    def _saying(self, rows: QuerySet[EvidenceEntry], text: str) -> QuerySet[EvidenceEntry]:
        """Entries whose words, person, event or record hold `text`; the bytes are asked first,
        since that costs least."""
        folded = text.casefold()
        actions = [c for c, event in vocabulary().items() if folded in event.sentence.casefold()]
        named = [s for s, name in self.around.names.items() if folded in name.casefold()]
        raw = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())
        told = Cast(raw, JSONField())
        rows = rows.alias(
            raw=raw,
            words=Func(
                Value(" "),
                *(Cast(KeyTransform(name, told), TextField()) for name in _WORDS),
                Cast(KeyTransform("printed_name", KeyTransform("actor", told)), TextField()),
                function="concat_ws",
                output_field=TextField(),
            ),
        )
        written = json.dumps(text, ensure_ascii=False)[1:-1]
        in_words = Q(raw__icontains=written) & Q(words__icontains=written) & ~Q(label="exhibit")
        return rows.filter(Q(action__in=actions) | Q(subject__in=named) | in_words)

    def _logs(self) -> QuerySet[ActivityLog]:
        asked = self.asked
        steps = [UUID(key) for key in self.around.keys("activity")]
        if not steps or (asked.kinds and "steps" not in asked.kinds):
            return ActivityLog.objects.none()
        rows = self._within(ActivityLog.objects.filter(activity__in=steps), "at")
        if asked.person:
            rows = rows.filter(by=asked.person)
        if asked.text:
            rows = rows.filter(
                Q(text__icontains=asked.text) | Q(activity__label__iexact=asked.text)
            )
        return rows.select_related("by")

    def _looks(self) -> QuerySet[ViewLog]:
        asked = self.asked
        if not self.sees_reads or asked.text or (asked.kinds and "reads" not in asked.kinds):
            return ViewLog.objects.none()
        rows = self._within(ViewLog.objects.filter(about__in=list(self.around.names)), "at")
        return (rows.filter(user=asked.person) if asked.person else rows).select_related("user")

    def _within(self, rows: Any, column: str) -> Any:
        zone = ZoneInfo(settings.INTERLOCK_ZONE)
        if self.asked.first:
            since = datetime.combine(self.asked.first, time(), zone)
            rows = rows.filter(**{f"{column}__gte": since})
        if self.asked.last:
            until = datetime.combine(self.asked.last + timedelta(days=1), time(), zone)
            rows = rows.filter(**{f"{column}__lt": until})
        return rows

    # Pages.

    def page(self, cursor: str = "", size: int = PAGE_SIZE) -> Page:
        """The newest `size` that are older than the one of `cursor`. Raises Refused for a cursor
        that cannot be."""
        after = _read_cursor(cursor) if cursor else None
        entries = list(_cut(self._entries(), _ENTRY, after, int)[: size + 1])
        logs = list(_cut(self._logs(), _LOG, after, UUID)[: size + 1])
        looks = list(_cut(self._looks(), _LOOK, after, UUID)[: size + 1])
        found = sorted(
            [*map(_place_of(_ENTRY), entries), *map(_place_of(_LOG), logs),
             *map(_place_of(_LOOK), looks)],
            key=lambda place: place[:3],
            reverse=True,
        )  # fmt: skip
        shown = found[:size]
        told = self._told(shown)
        return Page(told, told[-1].cursor if len(found) > size else "")

    def _told(self, places: Sequence[tuple[datetime, int, Any, Any]]) -> list[Happening]:
        entries = {
            happening.key: happening
            for happening in self._entries_told([row for *_, row in places
                                                 if isinstance(row, EvidenceEntry)])
        }  # fmt: skip
        return [
            entries[key] if rank == _ENTRY else self._log_told(row) if rank == _LOG else
            self._look_told(row)
            for _at, rank, key, row in places
        ]  # fmt: skip

    def _log_told(self, row: ActivityLog) -> Happening:
        subject = f"activity:{row.activity_id}"
        return Happening(
            row.at, "steps", str(row.by) if row.by else "the portal", row.get_kind_display(), _LOG,
            row.pk, subject=subject, name=self.around.names.get(subject, ""), comment=row.text,
        )  # fmt: skip

    def _look_told(self, row: ViewLog) -> Happening:
        return Happening(
            row.at, "reads", str(row.user), "Had it on the screen", _LOOK, row.pk,
            subject=row.about, name=self.around.names.get(row.about, ""),
        )  # fmt: skip

    def _entries_told(self, entries: Sequence[EvidenceEntry]) -> Iterator[Happening]:
        bodies = {entry.pk: body_of(entry) for entry in entries}
        rows = self._history_rows(entries)
        wordings = self._wordings(entries, bodies)
        exhibits = _exhibits(entries)
        names = _people(bodies.values())
        sentences, sealed = vocabulary(), sealed_among(entries)
        for entry in entries:
            body = bodies[entry.pk]
            label = entry.subject.partition(":")[0]
            row = rows.get((entry.subject, entry.seq))
            diff = body.get("diff", []) if label in wordings else []
            if row is not None:
                diff = _unmasked(diff, row, rows.get((entry.subject, entry.seq - 1)))
            event = sentences.get(entry.action)
            is_known = entry.subject in self.around.names
            place = entry.subject if is_known else entry.about or entry.subject
            yield Happening(
                at=entry.at,
                kind=kind_of(label, entry.from_state, entry.to_state),
                who=body["actor"]["printed_name"],
                on_behalf_of=names.get(str(body.get("on_behalf_of")), ""),
                roles=_roles(body),
                channel=body["source"]["channel"],
                sentence=event.sentence if event else entry.action,
                rank=_ENTRY,
                key=entry.pk,
                subject=place,
                name=self.around.names.get(place, ""),
                comment=_remark(label, body) or exhibits.get(entry.subject, "") or _why(body, row),
                lines=tuple(wordings[label].lines(diff)) if label in wordings else (),
                refused=body.get("outcome") == "refused",
                reasons=tuple(blocker["text"] for blocker in body.get("blockers", [])),
                attempted=str(body.get("attempted", "")).partition(".")[2].replace("_", " "),
                happened_at=_claimed(label, entry, body),
                proved=_proved(body, row),
                sealed=entry.pk in sealed,
                entry=entry,
                diff=tuple(body.get("diff", [])) if label in wordings else (),
            )

    def _history_rows(self, entries: Iterable[EvidenceEntry]) -> dict[tuple[str, int], Any]:
        """History rows by (subject, version), those before included; one query for each label."""
        wanted: dict[str, set[tuple[str, int]]] = {}
        for entry in entries:
            label, _, key = entry.subject.partition(":")
            if label in self.around.models:
                wanted.setdefault(label, set()).update(((key, entry.seq), (key, entry.seq - 1)))
        found: dict[tuple[str, int], Any] = {}
        for label, versions in wanted.items():
            history = getattr(self.around.models[label], "history", None)
            if history is None:
                continue
            rows = history.filter(
                id__in={key for key, _seq in versions},
                evidence_seq__in={seq for _key, seq in versions},
            )
            found |= {(f"{label}:{row.id}", row.evidence_seq): row for row in rows}
        return found

    def _wordings(
        self, entries: Iterable[EvidenceEntry], bodies: Mapping[int, Mapping[str, Any]]
    ) -> dict[str, Wording]:
        """What puts the differences of each label into words, sharing the names they look up."""
        diffs: dict[str, list[Any]] = {}
        for entry in entries:
            label = entry.subject.partition(":")[0]
            if label in self.around.models:
                diffs.setdefault(label, []).append(bodies[entry.pk].get("diff", []))
        made = {label: Wording(self.around.models[label]) for label in diffs}
        Wording.prepare_all((made[label], diffs[label]) for label in diffs)
        return made

    # The head of the page.

    def people(self) -> list[tuple[str, str]]:
        """(key, name) of everybody who did something in it, by name. Two queries."""
        rows = self.all_entries().order_by().exclude(actor_id=None)
        keys = set(rows.values_list("actor_id", flat=True).distinct())
        found = User.objects.in_bulk(keys).values()
        return sorted(((str(user.pk), str(user)) for user in found), key=lambda pair: pair[1])

    def picture(self) -> Strip:
        """The whole of it at a glance, whatever was asked. One query."""
        states: list[tuple[str, datetime]] = []
        events = []
        rows = self.all_entries().order_by("at", "id").values_list(
            "subject", "from_state", "to_state", "at"
        )  # fmt: skip
        for subject, was, state, at in rows:
            if subject == self.subject and state and state != was:
                states.append((state, at))
            label = subject.partition(":")[0]
            lane = KIND[kind_of(label, was, state)].lane
            if lane and (label in ("refusal", "comment", "exhibit") or state != was):
                events.append(Event(at, lane, label == "refusal" or state in _BAD))
        return strip(states, events, clock.now())


#: States that somebody looks for first.
_BAD = frozenset({"failed", "rejected", "refused", "no_go", "cancelled", "invalid", "dead",
                  "deviated", "inconclusive", "denied", "revoked", "raised"})  # fmt: skip


def read_asked(sent: Any) -> tuple[Asked, dict[str, Blocker]]:
    """What a query (`getlist`, `get`) asks for, and what of it cannot be, by its name."""
    blockers: dict[str, Blocker] = {}
    kinds = tuple(kind for kind in sent.getlist("kind") if kind)
    if wrong := [kind for kind in kinds if kind not in KIND]:
        fix = f"Choose of: {', '.join(KIND)}."
        blockers["kind"] = bad_input(
            "kind", f"{wrong[0][:40]!r} is no kind.", fix, "invalid_choice"
        )
    person = None
    if told := sent.get("person", "").strip():
        try:
            person = UUID(told)
        except ValueError:
            blockers["person"] = bad_input("person", f"{told[:40]!r} is no key of a person.",
                                           "Choose one of the list.")  # fmt: skip
    days = {name: _day(name, sent.get(name, ""), blockers) for name in ("first", "last")}
    first, last = days["first"], days["last"]
    if first and last and last < first:
        blockers["last"] = bad_input("last", "This day is before the first.", "Choose a later one.")
    text = sent.get("q", "").strip()
    for blocker in text_blockers("q", text, longest=TEXT_MAX, label="The search text"):
        blockers["q"] = blocker
    if blockers:
        return Asked(), blockers
    return Asked(kinds, person, first, last, text), blockers


def _day(name: str, text: str, blockers: dict[str, Blocker]) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.min
    if not 1990 <= found.year < 2200:
        blockers[name] = bad_input(name, f"{text[:40]!r} is no day.",
                                   "Enter one such as 2026-11-21.")  # fmt: skip
        return None
    return found


def read_size(text: str | None) -> int:
    """How many rows a page has. Raises Refused."""
    if text is None:
        return PAGE_SIZE
    is_number = text.isascii() and text.isdigit()
    refuse_if_any(
        bad_input("page_size", f"A page has 1 to {PAGE_SIZE_MAX} rows.", "Ask for fewer.")
        for _ in range(not (is_number and 1 <= int(text[:9]) <= PAGE_SIZE_MAX))
    )
    return int(text)


def _place_of(rank: int) -> Any:
    return lambda row: (row.at, rank, row.pk, row)


def _cut(rows: Any, rank: int, after: tuple[datetime, int, str] | None, key: type) -> Any:
    """Rows of one source that come after the place, which may be one of another source."""
    rows = rows.order_by("-at", "-pk")
    if after is None:
        return rows
    at, last_rank, last = after
    if rank > last_rank:
        return rows.filter(at__lt=at)
    if rank < last_rank:
        return rows.filter(at__lte=at)
    try:
        return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=key(last)))
    except ValueError:
        raise _bad_cursor() from None


def _read_cursor(cursor: str) -> tuple[datetime, int, str]:
    try:
        at, rank, key = json.loads(base64.urlsafe_b64decode(cursor[:500].encode("ascii") + b"=="))
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    if moment.tzinfo is None or rank not in (_ENTRY, _LOG, _LOOK) or not isinstance(key, str):
        raise _bad_cursor()
    return moment, rank, key


def _bad_cursor() -> Refused:
    return Refused(bad_input("cursor", "This is no cursor of this list.",
                             "Start at the first page.", "bad_cursor"))  # fmt: skip


def _roles(body: Mapping[str, Any]) -> tuple[str, ...]:
    held = body["actor"]["roles_at_time"]
    return tuple(dict.fromkeys(role.replace("_", " ") for role, _scope in held))


def _people(bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of those for whom somebody acted; one query where there are any."""
    keys = {body["on_behalf_of"] for body in bodies if body.get("on_behalf_of")}
    return {str(pk): str(user) for pk, user in User.objects.in_bulk(keys).items()} if keys else {}


def _exhibits(entries: Iterable[EvidenceEntry]) -> dict[str, str]:
    """What each attached document is; of a confidential one only that it is."""
    keys = {e.subject.partition(":")[2] for e in entries if e.subject.startswith("exhibit:")}
    rows = Exhibit.objects.filter(pk__in=keys) if keys else ()
    return {
        row.subject: "A confidential document" if row.is_confidential else str(row) for row in rows
    }


def _remark(label: str, body: Mapping[str, Any]) -> str:
    """The text of a comment, which the ledger holds as a difference of its own record."""
    if label != "comment":
        return ""
    return next((c["new"] for c in body.get("diff", []) if c["field"] == "text" and "new" in c), "")


def _why(body: Mapping[str, Any], row: Any) -> str:
    """The reason given; a long one stands in the history row only."""
    return body.get("comment") or (getattr(row, "history_change_reason", "") if row else "") or ""


def _claimed(label: str, entry: EvidenceEntry, body: Mapping[str, Any]) -> datetime | None:
    """When it happened, where people reported it a minute later or more."""
    for name in CLAIMED.get(label, ()):
        for change in body.get("diff", []):
            if change["field"] == name and isinstance(change.get("new"), str):
                moment = datetime.fromisoformat(change["new"])
                return moment if entry.at - moment >= timedelta(minutes=1) else None
    return None


def _unmasked(diff: Iterable[Mapping[str, Any]], row: Any, before: Any) -> list[dict[str, Any]]:
    """Long texts, which the entry holds as a hash, taken from the history rows."""
    plain = []
    for change in diff:
        full = dict(change)
        for side, source in (("old", before), ("new", row)):
            if f"{side}_sha256" in full and source is not None and hasattr(source, full["field"]):
                del full[f"{side}_sha256"]
                full[side] = getattr(source, full["field"])
        plain.append(full)
    return plain


def _proved(body: Mapping[str, Any], row: Any) -> bool | None:
    expected = body.get("history", {}).get("sha256")
    if row is None or not expected:
        return None
    values = {each.attname: getattr(row, each.attname) for each in row.tracked_fields}
    return bool(row.instance_type(**values).governed_digest() == expected)
