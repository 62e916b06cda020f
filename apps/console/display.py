"""How states, moments, gates and amounts look: a word, an icon, then a tone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core import clock


@dataclass(frozen=True, slots=True)
class Look:
    """`tone` names a state class of tokens.css, `icon` a symbol of _icons.html."""

    word: str
    tone: str
    icon: str


#: Every state of every lifecycle. A word that two lifecycles share looks the same in both.
STATES: dict[str, Look] = {
    "draft": Look("Draft", "draft", "draft"),
    # changes
    "assessing": Look("Assessing", "open", "check-list"),
    "approved": Look("Approved", "ready", "ready"),
    "scheduled": Look("Scheduled", "planned", "cal"),
    "implementing": Look("Implementing", "in-progress", "run"),
    "implemented": Look("Implemented", "completed", "done"),
    "rejected": Look("Rejected", "failed", "fail"),
    "ratified": Look("Ratified", "ready", "ready"),
    "not_ratified": Look("Not ratified", "failed", "fail"),
    "ageing": Look("Ageing", "delayed", "clock"),
    # standard changes
    "active": Look("Active", "ready", "ready"),
    "suspended": Look("Suspended", "delayed", "stop"),
    "retired": Look("Retired", "closed", "lock"),
    # approvals and deviations
    "requested": Look("Requested", "planned", "planned"),
    "approved_with_conditions": Look("Approved with conditions", "waived", "waive"),
    "abstained": Look("Abstained", "draft", "right"),
    "delegated": Look("Delegated", "planned", "arrow"),
    "superseded": Look("Superseded", "delayed", "warn"),
    "expired": Look("Expired", "delayed", "clock"),
    "withdrawn": Look("Withdrawn", "cancelled", "fail"),
    "denied": Look("Denied", "failed", "fail"),
    "revoked": Look("Revoked", "failed", "lock"),
    "refused": Look("Refused", "failed", "fail"),
    "used": Look("Used", "closed", "lock"),
    "proposed": Look("Proposed", "planned", "planned"),
    "confirmed": Look("Confirmed", "completed", "done"),
    "replaced": Look("Replaced", "closed", "lock"),
    # go/no-go
    "go": Look("Go", "completed", "done"),
    "no_go": Look("No-go", "failed", "stop"),
    "partial": Look("Partial", "partially-completed", "half"),
    # the way back after the night
    "viable": Look("Viable", "completed", "done"),
    "degraded": Look("Degraded", "medium", "warn"),
    "dead": Look("Dead", "failed", "fail"),
    # windows
    "open": Look("Open", "open", "planned"),
    "locked": Look("Locked", "ready", "lock"),
    "verifying": Look("Verifying", "validating", "check-list"),
    # packages and activities
    "planned": Look("Planned", "planned", "planned"),
    "ready": Look("Ready", "ready", "ready"),
    "in_progress": Look("In progress", "in-progress", "run"),
    "validating": Look("Validating", "validating", "check-list"),
    "completed": Look("Completed", "completed", "done"),
    "done": Look("Done", "completed", "done"),
    "dropped": Look("Dropped", "cancelled", "right"),
    "partially_completed": Look("Partially completed", "partially-completed", "half"),
    "failed": Look("Failed", "failed", "fail"),
    "backing_out": Look("Backing out", "backed-out", "run"),
    "backed_out": Look("Backed out", "backed-out", "back"),
    "delayed": Look("Delayed", "delayed", "clock"),
    "cancelled": Look("Cancelled", "cancelled", "fail"),
    "closed": Look("Closed", "closed", "lock"),
    "paused": Look("Paused", "delayed", "clock"),
    "skipped": Look("Skipped", "cancelled", "right"),
    # readiness
    "submitted": Look("Submitted", "in-progress", "run"),
    "met": Look("Met", "met", "done"),
    "not_met": Look("Not met", "missing", "fail"),
    "missing": Look("Missing", "missing", "fail"),
    "waived": Look("Waived", "waived", "waive"),
    "not_due": Look("Not due", "not-due", "draft"),
    "not_applicable": Look("Not applicable", "not-due", "draft"),
    "regressed": Look("Regressed", "delayed", "warn"),
    "crashed": Look("Could not be checked", "missing", "warn"),
    # validation checks
    "running": Look("Running", "in-progress", "run"),
    "passed": Look("Passed", "passed", "done"),
    "inconclusive": Look("Inconclusive", "delayed", "warn"),
    "rerun": Look("To be run again", "planned", "back"),
    "expected": Look("Expected", "planned", "clock"),
    "ended": Look("Ended as expected", "completed", "done"),
    "deviated": Look("Deviated", "failed", "warn"),
    "accepted_deviation": Look("Deviation accepted", "waived", "waive"),
    "not_run": Look("Not run", "draft", "draft"),
    # backout plans
    "reviewed": Look("Reviewed", "planned", "check-list"),
    "rehearsed": Look("Rehearsed", "ready", "half"),
    "triggered": Look("Triggered", "in-progress", "bolt"),
    "executing": Look("Executing", "in-progress", "run"),
    "restored": Look("Restored", "validating", "back"),
    "verified": Look("Verified", "completed", "done"),
    "invalid": Look("Invalid", "failed", "fail"),
    # health
    "on_plan": Look("On plan", "on-plan", "done"),
    "at_risk": Look("At risk", "medium", "warn"),
    "late": Look("Late", "late", "clock"),
    "critical": Look("Critical", "critical", "stop"),
    # inventories from files
    "reading": Look("Being read", "in-progress", "run"),
    "previewed": Look("Previewed", "planned", "planned"),
    "importing": Look("Being imported", "in-progress", "run"),
    "imported": Look("Imported", "completed", "done"),
    "discarded": Look("Discarded", "cancelled", "fail"),
    # findings
    "acknowledged": Look("Acknowledged", "planned", "check-list"),
    "resolved": Look("Resolved", "completed", "done"),
    "vanished": Look("Vanished", "closed", "draft"),
    # findings of auditors
    "explained": Look("Explained", "planned", "check-list"),
    "remediated": Look("Remediated", "ready", "done"),
    # alerts of a night
    "raised": Look("Raised", "failed", "warn"),
    "over": Look("Over", "closed", "draft"),
    # board meetings and the lines of their dockets
    "docket_frozen": Look("Docket frozen", "ready", "lock"),
    "in_session": Look("In session", "in-progress", "run"),
    "decided": Look("Decided", "completed", "done"),
    "deferred": Look("Deferred", "delayed", "clock"),
    "pulled": Look("Pulled out", "planned", "right"),
    # handovers and communications
    "offered": Look("Offered", "planned", "right"),
    "accepted": Look("Accepted", "completed", "done"),
    "returned": Look("Returned", "delayed", "back"),
    # messages
    "sent": Look("Sent", "completed", "done"),
    "pending": Look("Pending", "planned", "planned"),
}

BANDS = ("low", "medium", "high", "critical")


def look_of(state: str, word: str = "") -> Look:
    """The look of a state code; an unknown one is shown as its own words."""
    known = STATES.get(str(state))
    if known is None:
        return Look(word or str(state).replace("_", " ").capitalize() or "None", "draft", "planned")
    return Look(word or known.word, known.tone, known.icon)


def icon(name: str) -> SafeString:
    return format_html('<svg class="il-i" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


def chip(state: str, word: str = "") -> SafeString:
    look = look_of(state, word)
    return format_html(
        '<span class="il-chip is-{}">{}{}</span>', look.tone, icon(look.icon), look.word
    )


def word(state: str, text: str = "") -> SafeString:
    """The same as a chip, without its border: a short fact inside text."""
    look = look_of(state, text)
    return format_html(
        '<span class="il-word is-{}">{}{}</span>', look.tone, icon(look.icon), look.word
    )


def tone_word(tone: str, icon_name: str, text: str) -> SafeString:
    return format_html('<span class="il-word is-{}">{}{}</span>', tone, icon(icon_name), text)


def name(text: Any) -> SafeString:
    """A mainframe name or a code, monospaced."""
    return format_html('<span class="il-name">{}</span>', text)


def gate(code: str, state: str) -> SafeString:
    look = look_of(state)
    return format_html(
        '<span class="il-gate is-{}">{}{}<span class="visually-hidden"> {}</span></span>',
        look.tone, icon(look.icon), code, look.word.lower(),
    )  # fmt: skip


def risk(score: int | None, band: str) -> SafeString:
    """A risk band with its score, such as 58 high."""
    if band not in BANDS:
        return mark_safe('<span class="il-quiet">not assessed</span>')
    return format_html(
        '<span class="il-risk is-{0}"><span class="il-risk-bars" aria-hidden="true">'
        "<i></i><i></i><i></i><i></i></span>{1}{0}</span>",
        band, "" if score is None else format_html("<b>{}</b> ", score),
    )  # fmt: skip


SEVERITIES = {"hard": "stop", "soft": "warn", "info": "info"}


def severity(code: str) -> SafeString:
    """How much a finding weighs: hard, soft or info."""
    return tone_word(code, SEVERITIES[code], code.capitalize())


def bar(value: float, limit: float, *, mark: float | None = None, label: str = "") -> SafeString:
    """How much of `limit` is used. Amber from 75 %, orange from 90 %, red when full."""
    share = 0.0 if not limit else 100.0 * float(value) / float(limit)
    tone = (
        "failed" if share >= 100 else "high" if share >= 90 else "medium" if share >= 75 else "info"
    )
    line = (
        format_html(
            '<line class="b-mark" x1="{0}%" x2="{0}%" y1="0" y2="8"></line>',
            f"{100.0 * float(mark) / float(limit):.1f}",
        )
        if mark is not None and limit
        else ""
    )
    return format_html(
        '<svg class="il-bar is-{}" role="img" aria-label="{}">'
        '<rect class="b-track" width="100%" height="8"></rect>'
        '<rect class="b-fill" width="{}%" height="8"></rect>{}</svg>',
        tone, label or f"{float(value):g} of {float(limit):g}, {share:.0f} percent",
        f"{min(share, 100):.1f}", line,
    )  # fmt: skip


def span_words(span: timedelta) -> str:
    """A length of time in its two largest units: 9 d 19 h, 1 h 38 min, 4 min."""
    minutes = int(abs(span).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours and days < 30 else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min"


def relative(moment: datetime, now: datetime | None = None) -> str:
    """Where `moment` lies from now: "in 1 h 38 min", "4 min ago", "now"."""
    span = moment - (now or clock.now())
    if abs(span) < timedelta(minutes=1):
        return "now"
    return f"in {span_words(span)}" if span > timedelta() else f"{span_words(span)} ago"


def zone_of(zone: str | ZoneInfo | None) -> Any:
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone or timezone.get_current_timezone()


def local(moment: datetime, zone: str | ZoneInfo | None = None) -> str:
    """The wall clock there: 02:18 today, otherwise Tue 17 Nov 20:30, with another year if so."""
    there, today = moment.astimezone(zone_of(zone)), clock.now().astimezone(zone_of(zone))
    if there.date() == today.date():
        return f"{there:%H:%M}"
    return f"{day_words(there, today)} {there:%H:%M}"


def hhmm(moment: datetime, zone: str | ZoneInfo | None = None) -> str:
    """The wall clock alone, in a night whose date is told elsewhere: 02:18."""
    return f"{moment.astimezone(zone_of(zone)):%H:%M}"


def day_words(moment: date, today: date) -> str:
    """Tue 17 Nov, with its year where that is another than today's."""
    year = "" if moment.year == today.year else f" {moment.year}"
    return f"{moment:%a} {moment.day} {moment:%b}{year}"


def relative_day(moment: date, today: date) -> str:
    """Where the day lies from today: "today", "in 3 d", "2 d ago"."""
    days = (moment - today).days
    return "today" if not days else f"in {days} d" if days > 0 else f"{-days} d ago"


def when(moment: datetime | date | None, zone: str | ZoneInfo | None = None) -> SafeString:
    """A moment as people say it: 02:18, in 1 h 38 min."""
    if moment is None:
        return mark_safe('<span class="il-quiet">not set</span>')
    if not isinstance(moment, datetime):
        today = clock.now().astimezone(zone_of(zone)).date()
        return _moment_html(
            moment.isoformat(), f"{moment:%a %Y-%m-%d}", day_words(moment, today),
            relative_day(moment, today),
        )  # fmt: skip
    there = moment.astimezone(zone_of(zone))
    return _moment_html(
        moment.isoformat(timespec="seconds"), f"{there:%Y-%m-%d %H:%M:%S %Z}",
        local(moment, zone), relative(moment),
    )  # fmt: skip


def _moment_html(machine: str, exact: str, shown: str, distance: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="il-comma">, </span>'
        '<span class="il-quiet">{}</span></time>',
        machine, exact, shown, distance,
    )  # fmt: skip


def value(found: Any) -> SafeString:
    """What a JSON column holds: names with their values in a list of pairs, words with commas."""
    if isinstance(found, Mapping) and found:
        pairs = ((str(key).replace("_", " "), value(found[key])) for key in sorted(found))
        rows = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)
        return format_html('<dl class="il-pairs">{}</dl>', rows)
    if isinstance(found, list | tuple) and found:
        return format_html_join(", ", "{}", ((value(each),) for each in found))
    if isinstance(found, bool):
        return format_html("{}", "yes" if found else "no")
    empty = found is None or found in ("", [], {})
    return mark_safe('<span class="il-quiet">none</span>') if empty else format_html("{}", found)


def record(subject: str, named: Mapping[str, tuple[str, str]]) -> SafeString:
    """A record by its subject: a link with its code and title where `named` has them."""
    if subject not in named:
        return name(subject)
    text, url = named[subject]
    return format_html('<a href="{}">{}</a>', url, text)


def lines(items: Iterable[Any]) -> SafeString:
    """Items one below the other, inside a cell."""
    return format_html_join("", "<div>{}</div>", ((item,) for item in items))


def titled(shown: Any, title: str) -> SafeString:
    """Something short that says the whole where one points at it."""
    return format_html('<abbr title="{}">{}</abbr>', title, shown)


def joined(*items: Any) -> SafeString:
    """Items side by side, such as a code and its title."""
    return format_html_join(" ", "{}", ((item,) for item in items if item))
