"""The moments that people call by a name, and those that they type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.audit.domain.travel import Moment
from apps.audit.selectors.release_then import Place
from apps.changes.events import APPROVED
from apps.core import clock
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.evidence.models import EvidenceEntry
from apps.releases.models import GoNoGoLine, PackageChange, ReleasePackage

#: State that a package came into → the code and the name of that moment.
OF_PACKAGE = {
    "planned": ("agreed", "Plan agreed"),
    "ready": ("confirmed", "Confirmed ready"),
    "in_progress": ("started", "Started"),
    "delayed": ("delayed", "Moved out of its night"),
    "failed": ("failed", "Failed"),
    "backing_out": ("backout", "Backout began"),
    "backed_out": ("backed_out", "Backed out"),
    "completed": ("completed", "Completed"),
    "partially_completed": ("completed", "Completed in part"),
    "cancelled": ("cancelled", "Cancelled"),
    "closed": ("closed", "Closed"),
}
OF_WINDOW = {
    "open": ("opened", "Opened for packages"),
    "locked": ("locked", "Scope locked"),
    "in_progress": ("started", "Night began"),
    "verifying": ("handed_back", "Handed back"),
    "cancelled": ("cancelled", "Cancelled"),
    "closed": ("closed", "Closed"),
}
DECIDED = {"go": "Go decided", "no_go": "No-go decided", "partial": "Part decided"}


def moments_of(place: Place) -> tuple[Moment, ...]:
    """The named moments of a package or window so far, oldest first. Four queries at most."""
    found = [Moment("created", "Drafted", place.created_at), *_lives(place), *_decisions(place),
             *_approvals(place)]  # fmt: skip
    now = clock.now()
    known = {(moment.code, moment.at): moment for moment in found if moment.at <= now}
    return tuple(sorted(known.values(), key=lambda moment: moment.at))


def _lives(place: Place) -> Iterator[Moment]:
    """When it came into its states; of a package also when its window was locked."""
    subjects = {place.subject: OF_PACKAGE if isinstance(place, ReleasePackage) else OF_WINDOW}
    if isinstance(place, ReleasePackage) and place.window_id:
        subjects[f"window:{place.window_id}"] = {"locked": OF_WINDOW["locked"]}
    entries = EvidenceEntry.objects.filter(subject__in=list(subjects)).exclude(to_state="")
    rows = entries.order_by("id").values_list("subject", "from_state", "to_state", "at")
    for subject, was, state, at in rows:
        if state != was and state in subjects[subject] and at >= place.created_at:
            yield Moment(*subjects[subject][state], at)


def _decisions(place: Place) -> Iterator[Moment]:
    lines = GoNoGoLine.objects.order_by("go_no_go__decided_at")
    mine = lines.filter(package=place.pk) if isinstance(place, ReleasePackage) else lines.filter(
        go_no_go__window=place.pk
    )  # fmt: skip
    for decision, at in mine.values_list("decision", "go_no_go__decided_at").distinct():
        yield Moment("decided", DECIDED[decision], at)


def _approvals(place: Place) -> Iterator[Moment]:
    """When the last change of the release was approved."""
    rows = PackageChange.objects.all()
    mine = rows.filter(package=place.pk) if isinstance(place, ReleasePackage) else rows.filter(
        package__window=place.pk
    )  # fmt: skip
    subjects = [f"change:{key}" for key in mine.order_by().values_list("change", flat=True)]
    entries = EvidenceEntry.objects.filter(subject__in=subjects, action=APPROVED.code)
    last = entries.order_by("-at").values_list("at", flat=True).first()
    if last is not None and last >= place.created_at:
        yield Moment("board", "Last change approved", last)


def asked(place: Place, *, zone: ZoneInfo | None = None, **texts: str) -> dict[str, datetime]:
    """The moments that `texts` name, by the same names; `zone` is that of a time without one.

    With `from_` and `to` they have to be in this order. Raises Refused naming every moment that
    cannot be looked at.
    """
    found: dict[str, datetime] = {}
    blockers: list[Blocker] = []
    for name, text in texts.items():
        try:
            found[name] = _moment(place, name.rstrip("_"), text, zone)
        except Refused as refusal:
            blockers += refusal.blockers
    if not blockers and "from_" in found and found["from_"] > found["to"]:
        blockers.append(
            bad_input("from", "The first moment is after the second.",
                      "Exchange them, or choose an earlier one.", "from_after_to")
        )  # fmt: skip
    refuse_if_any(blockers)
    return found


def _moment(place: Place, name: str, text: str, zone: ZoneInfo | None) -> datetime:
    read = _read(text)
    if read is None or not clock.is_conceivable(read):
        what = f"{text[:40]!r} is no moment." if text.strip() else "No moment is given."
        raise Refused(bad_input(name, what, "Enter one such as 2026-11-21T23:30:00+01:00."))
    if read.tzinfo is None:
        read = _in_zone(name, read, zone)
    at = read.astimezone(UTC)
    if at < place.created_at:
        raise Refused(
            bad_input(name, f"{place.code} was not there yet: it was drafted on "
                      f"{place.created_at:%Y-%m-%d %H:%M} UTC.", "Enter a later moment.",
                      "too_early")
        )  # fmt: skip
    if at > clock.now():
        raise Refused(
            bad_input(
                name, f"{text[:40]} is still to come.", "Enter a moment that is past.", "future"
            )
        )
    return at


def _read(text: str) -> datetime | None:
    # In an address a plus is a blank.
    written = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _in_zone(name: str, wall: datetime, zone: ZoneInfo | None) -> datetime:
    """A time of the wall clock of `zone` that was there once."""
    if zone is None:
        raise Refused(
            bad_input(name, "This time says no zone.",
                      "Write it with its offset, such as 2026-11-21T23:30:00+01:00.", "no_zone")
        )  # fmt: skip
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise Refused(
            bad_input(name, f"{wall:%H:%M} was there twice or never that night: the clock was "
                      f"changed in {zone.key}.", "Write it with its offset, such as +01:00.",
                      "ambiguous")
        )  # fmt: skip
    return first
