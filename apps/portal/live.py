"""What the command centre of a night shows, and when it shows something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.selectors import roster_of
from apps.console.display import hhmm, look_of, span_words
from apps.core.actor import Actor
from apps.evidence.events import vocabulary
from apps.evidence.models import Comment, EvidenceEntry
from apps.evidence.selectors import body_of
from apps.releases.domain import alerts as ladder
from apps.releases.domain import lifecycle as life
from apps.releases.domain.live_picture import LivePicture, Task, Track, draw_live, track
from apps.releases.domain.picture import Mark
from apps.releases.domain.planner.plan import NEVER
from apps.releases.domain.planner.projection import Planned, Projection
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.models import (
    Activity,
    Alert,
    ReleasePackage,
    RunIssue,
    ValidationCheck,
)
from apps.releases.policies.command import acknowledge_alert_blockers
from apps.releases.services.first_hit import GIVEN_UP, FirstHits, first_hits
from apps.releases.services.live import Live, live_of, live_windows
from apps.windows.models import ReleaseWindow

#: Entries of the log that the page shows, and how far before the opening it goes.
LOG_SHOWN, LOG_FROM = 12, timedelta(hours=3)
#: What-ifs that are shown open; vetoed ones that gain margin come behind them.
WHAT_IFS_SHOWN = 4
#: What people did in the night; what follows by itself is left out.
_DECISIONS = (
    "window.", "package.", "run_issue.", "alert.acknowledged", "comment.", "check.deviation",
    "check.failed", "activity.failed", "activity.escalated", "activity.skipped",
    "activity.hold_released", "activity.deviation", "backout_plan.triggered",
)  # fmt: skip
_NO_DECISIONS = (
    "window.order_derived",
    "package.order_derived",
    "package.edited",
    "package.created",
)
_BARS = {life.FAILED: "fail", life.PAUSED: "wait", life.BACKED_OUT: "back", life.COMPLETED: "done"}
_TONES = {
    "green": ("completed", "done"), "amber": ("medium", "warn"), "red": ("failed", "warn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """One of the figures beside the margin."""

    label: str
    value: str
    small: str
    is_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A what-if in the words of the night."""

    found: WhatIf
    title: str
    text: str
    tone: str
    gain: str
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class AlertRow:
    alert: Alert
    tone: str
    icon: str
    told: str
    may_acknowledge: bool


@dataclass(frozen=True, slots=True)
class LogRow:
    at: datetime
    who: str
    text: str
    comment: str
    icon: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    check: ValidationCheck
    ready_at: datetime | None
    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as text: planned, and as it went or will go."""

    step: Activity
    planned: Planned | None
    plan_from: datetime | None
    plan_to: datetime | None
    begin: datetime
    end: datetime
    is_projected: bool
    is_critical: bool


@dataclass(frozen=True, slots=True)
class Crew:
    """A team of the night: how many of it are at work, and (name, phone) of who is on shift by its
    roster; where it keeps none, of who its steps name."""

    code: str
    name: str
    busy: int
    capacity: int
    people: tuple[tuple[str, str], ...]
    is_short: bool
    keeps_roster: bool


@dataclass(frozen=True)
class Screen:
    """Everything that the page and the status page show."""

    live: Live
    level: str = ""
    tone: str = "draft"
    icon: str = "info"
    margin: str = ""
    sentence: str = ""
    advice: str = ""
    clocks: Sequence[Clock] = ()
    track: Track | None = None
    track_told: str = ""
    picture: LivePicture | None = None
    options: Sequence[Option] = ()
    idle: int = 0
    alerts: Sequence[AlertRow] = ()
    next_call: str = ""
    log: Sequence[LogRow] = ()
    checks: Sequence[CheckRow] = ()
    proven: int = 0
    wanted: int = 0
    hits: FirstHits = field(default_factory=FirstHits)
    crew: Sequence[Crew] = ()
    issues: Sequence[RunIssue] = ()
    steps: Sequence[StepRow] = ()
    packages: Sequence[ReleasePackage] = ()

    @property
    def options_as_of(self) -> datetime | None:
        """When the what-ifs were reckoned, where that is not this minute."""
        live = self.live
        return live.at(live.what_ifs_at) if live.what_ifs_at < live.minute else None

    @property
    def projection(self) -> Projection | None:
        return self.live.projection

    @property
    def open_issues(self) -> int:
        return sum(issue.is_open for issue in self.issues)

    @property
    def unacknowledged(self) -> int:
        return sum(row.alert.state == ladder.RAISED for row in self.alerts)


def screen_of(window: ReleaseWindow, actor: Actor) -> Screen:
    """Constant queries: those of the night, and one for each part of the page."""
    live = live_of(window)
    packages = _packages(window)
    checks = _checks(live)
    hits = first_hits(window, live.now)
    raised = _issues(window)
    base: dict[str, Any] = {
        "live": live,
        "alerts": _alerts(window, actor),
        "log": _log(window, packages, raised),
        "checks": checks,
        "proven": sum(row.check.state in life.GOOD_CHECK for row in checks),
        "wanted": len(checks),
        "hits": hits,
        "crew": _crew(live),
        "issues": raised,
        "packages": packages,
    }
    found = live.projection
    if found is None:
        return Screen(**base)
    tone, icon = _TONES[found.level]
    options = _options(live)
    best = next((each for each in options if each.is_best), None)
    return Screen(
        **base,
        level=found.level,
        tone=tone,
        icon=icon,
        margin=_signed(found.margin),
        sentence=_sentence(live, found),
        advice=f"Best move: {best.title[:1].lower()}{best.title[1:]}, margin {best.gain}."
        if best and found.level != "green"
        else "",
        clocks=_clocks(live, found),
        track=None
        if found.no_return == NEVER
        else track(live.now, live.at(found.limit), live.at(found.go_ready),
                   window.effective_cutoff),
        track_told=_backout_words(live),
        picture=_picture(live, found),
        options=[*[o for o in options if not o.found.vetoes][:WHAT_IFS_SHOWN],
                 *[o for o in options if o.found.vetoes and o.found.gain > 0]],
        idle=sum(not each.found.vetoes for each in options[WHAT_IFS_SHOWN:]),
        next_call=_next_call(live, found),
        steps=list(_steps(live, found)),
    )  # fmt: skip


def _signed(minutes: int) -> str:
    """With the minus of the typesetter, and a plus."""
    return f"\u2212{-minutes}" if minutes < 0 else f"+{minutes}" if minutes else "0"


def _sentence(live: Live, found: Projection) -> str:
    zone = live.window.zone
    if found.is_decided:
        return f"It is decided. The last step ends at {hhmm(live.at(found.finish), zone)}."
    go = hhmm(live.at(found.go_ready), zone)
    if found.no_return == NEVER:
        return f"We know the result at {go}; no backout ends before the cut-off any more."
    limit = hhmm(live.at(found.limit), zone)
    if found.margin < 0:
        return f"At this pace we know the result at {go}, but cannot return after {limit}."
    return f"At this pace we know the result at {go} and can return until {limit}."


def _clocks(live: Live, found: Projection) -> list[Clock]:
    window, now = live.window, live.now
    zone = window.zone
    go_at, cutoff = live.at(found.go_ready), window.effective_cutoff
    planned = hhmm(live.at(found.planned_go), zone)
    limit = None if found.no_return == NEVER else live.at(found.limit)
    return [
        Clock("Now", hhmm(now, zone), f"{span_words(now - window.opens_at)} since the opening"),
        Clock("Point of no return", _left(limit, now) if limit else "passed",
              f"at {hhmm(limit, zone)}" if limit else "no backout is in time",
              is_alarm=found.level == "red" and not found.is_decided),
        Clock("Projected go/no-go", "decided" if found.is_decided else _left(go_at, now),
              f"at {hhmm(go_at, zone)}, plan {planned}"),
        Clock("Batch cut-off", _left(cutoff, now),
              f"{window.tightest_cutoff.label} at {hhmm(cutoff, zone)}"),
    ]  # fmt: skip


def _left(moment: datetime, now: datetime) -> str:
    return span_words(moment - now) if moment > now else "passed"


def _backout_words(live: Live) -> str:
    return (
        f"Backing out now takes {live.backout_minutes} min, "
        f"after everything is done {live.backout_whole} min."
    )


def _options(live: Live) -> list[Option]:
    zone = live.window.zone
    names = {step.team.code: step.team.name for step in live.planning.steps.values()}
    found: list[Option] = []
    for each in live.what_ifs or ():
        if each.kind == "cutoff" and (each.subject.startswith("-") or each.subject == "+15"):
            continue
        go = hhmm(live.at(each.go_ready), zone)
        back = "none" if each.no_return == NEVER else hhmm(live.at(each.no_return), zone)
        text = f"Go/no-go {go}, no return {back}."
        if not each.vetoes and each.gain <= 0:
            text = "No help." if each.gain == 0 else f"Costs {-each.gain} min."
        elif each.kind == "cutoff":
            text = f"No return {back}. The keeper of the batch has to agree."
        tone = "completed" if each.margin >= 30 else "medium" if each.margin >= 0 else "failed"
        is_best = each.is_recommended and not any(option.is_best for option in found)
        found.append(
            Option(each, _title(each, names, live), text, tone, _signed(each.margin), is_best)
        )
    return found


def _title(each: WhatIf, names: dict[str, str], live: Live) -> str:
    if each.kind == "capacity":
        return f"One more in {names.get(each.subject, each.subject)}"
    if each.kind == "cutoff":
        at = live.window.effective_cutoff + timedelta(minutes=int(each.subject))
        return f"Cut-off to {hhmm(at, live.window.zone)}"
    return each.text


def _packages(window: ReleaseWindow) -> list[ReleasePackage]:
    rows = ReleasePackage.objects.filter(window=window, state__in=life.BOOKED)
    return list(rows.order_by("code"))


def _alerts(window: ReleaseWindow, actor: Actor) -> list[AlertRow]:
    rows = Alert.objects.filter(window=window, state__in=ladder.STANDING).select_related(
        "window", "step", "acknowledged_by"
    )
    order = {"red": 0, "amber": 1}
    found = sorted(rows.order_by("-raised_at", "-pk"), key=lambda each: order[each.level])
    return [
        AlertRow(
            alert,
            *_TONES[alert.level],
            told=_alert_words(alert, window.zone),
            may_acknowledge=not any(acknowledge_alert_blockers(actor, alert)),
        )
        for alert in found
    ]


def _alert_words(alert: Alert, zone: str) -> str:
    at = hhmm(alert.raised_at, zone)
    if alert.acknowledged_at is not None:
        return (
            f"{at}, {alert.acknowledged_by} looks at it since {hhmm(alert.acknowledged_at, zone)}"
        )
    who = {
        ladder.OWNER: "its owner",
        ladder.DEPUTY: "its deputy",
        ladder.COORDINATOR: "the coordinator",
        ladder.MANAGER: "the release manager",
    }
    told = dict.fromkeys(who[each] for _, each in ladder.told_by(alert.kind, alert.rung))
    return f"{at}, told {' and '.join(told) or 'nobody yet'}; not acknowledged"


def _next_call(live: Live, found: Projection) -> str:
    """When the point of no return calls next, if a check has not passed by then."""
    if found.is_decided or found.no_return == NEVER:
        return ""
    for _, minutes in reversed(ladder.COUNTDOWN):
        at = live.at(found.no_return - minutes)
        if at > live.now:
            return f"Next call at {hhmm(at, live.window.zone)}: no return in {minutes} min"
    return ""


def _issues(window: ReleaseWindow) -> list[RunIssue]:
    """Open ones first, then the newest."""
    rows = RunIssue.objects.filter(window=window).select_related("owner", "step")
    newest = rows.order_by("state", "-created_at", "-pk")[:LOG_SHOWN]
    return sorted(newest, key=lambda issue: not issue.is_open)


def _log(
    window: ReleaseWindow, packages: Sequence[ReleasePackage], issues: Sequence[RunIssue]
) -> list[LogRow]:
    """What people decided and wrote, the newest first; two queries."""
    subjects = [window.subject, *(package.subject for package in packages)]
    steps = Q(action__startswith="activity.") | Q(action__startswith="check.")
    wanted = Q()
    for prefix in _DECISIONS:
        wanted |= Q(action__startswith=prefix)
    rows = EvidenceEntry.objects.filter(
        wanted, Q(subject__in=subjects) | Q(about__in=subjects), at__gte=window.opens_at - LOG_FROM
    ).exclude(steps, about="")
    rows = rows.exclude(action__in=_NO_DECISIONS).order_by("-at", "-id")
    entries = list(rows[:LOG_SHOWN])
    remarks = {
        comment.subject: comment.text
        for comment in Comment.objects.filter(
            pk__in=[
                e.subject.partition(":")[2] for e in entries if e.subject.startswith("comment:")
            ]
        )
    }
    sentences = vocabulary()
    codes = {package.subject: package.code for package in packages}
    codes |= {issue.subject: issue.title for issue in issues}
    return [_log_row(entry, remarks, sentences, codes) for entry in entries]


def _log_row(
    entry: EvidenceEntry, remarks: dict[str, str], sentences: Any, codes: dict[str, str]
) -> LogRow:
    body = body_of(entry)
    event = sentences.get(entry.action)
    text = event.sentence if event else entry.action
    about = codes.get(entry.subject) or codes.get(entry.about, "")
    if body.get("meaning"):
        text = f"{text}: {str(body['meaning']).replace('_', ' ')}"
    remark = remarks.get(entry.subject, "")
    return LogRow(
        entry.at,
        body["actor"]["printed_name"],
        remark or (f"{about}: {text[:1].lower()}{text[1:]}" if about else text),
        "" if remark else body.get("comment", ""),
        "comment" if remark else "flag",
    )


def _checks(live: Live) -> list[CheckRow]:
    """What the decision waits for, in the order in which it can be known; one query."""
    window = live.window
    rows = ValidationCheck.objects.filter(
        Q(window=window) | Q(package__window=window, package__state__in=life.BOOKED),
        phase=ValidationCheck.Phase.GO_DECISION,
    ).exclude(package__state__in=GIVEN_UP)
    slots = {s.work.key: s for s in live.projection.plan.slots} if live.projection else {}
    found = []
    for check in rows.select_related("team", "package", "activity"):
        slot = slots.get(check.activity_id)
        ready = live.at(slot.end) if slot else None
        found.append(CheckRow(check, ready, *_check_look(live, check, ready)))
    return sorted(found, key=lambda row: (row.ready_at or live.now, row.check.code))


def _check_look(live: Live, check: ValidationCheck, ready: datetime | None) -> tuple[str, str, str]:
    if check.state != life.PLANNED:
        look = look_of(check.state)
        return look.tone, look.icon, look.word
    found = live.projection
    if found is not None and ready is not None and not found.is_decided:
        if found.no_return == NEVER or ready > live.at(found.limit):
            return "failed", "warn", "After the point of no return"
        planned = found.baseline.get(check.activity_id)
        late = 0 if planned is None else (ready - live.at(planned.end)) // timedelta(minutes=1)
        if late >= 10:
            return "medium", "clock", f"{late} min late"
    return "planned", "planned", "Planned"


def _steps(live: Live, found: Projection) -> Iterator[StepRow]:
    for slot in found.plan.slots:
        told, planned = live.progress[slot.work.key], found.baseline.get(slot.work.key)
        yield StepRow(
            live.planning.steps[slot.work.key],
            planned,
            live.at(planned.start) if planned else None,
            live.at(planned.end) if planned else None,
            live.at(slot.start),
            live.at(slot.end),
            is_projected=told.ended is None,
            is_critical=slot.work.key in found.plan.chain and told.ended is None,
        )


def _picture(live: Live, found: Projection) -> LivePicture | None:
    window = live.window
    zone = ZoneInfo(window.zone or settings.INTERLOCK_ZONE)
    marks = [Mark("cut", "cut-off", window.effective_cutoff)]
    if found.plan.commit is not None:
        marks.append(Mark("commit", "commit", live.at(found.plan.commit)))
    gap = None
    if not found.is_decided:
        marks.append(Mark("go", "go/no-go", live.at(found.go_ready)))
    if found.no_return != NEVER:
        marks.append(Mark("pnr", "no return", live.at(found.limit)))
        if found.margin < 0 and not found.is_decided:
            gap = live.at(found.limit), live.at(found.go_ready)
    ended = sum(each.ended is not None for each in live.progress.values())
    return draw_live(
        [_task(live, found, row) for row in _steps(live, found)],
        now=live.now,
        zone=zone,
        marks=marks,
        gap=gap,
        summary=f"{ended} of {len(live.progress)} steps ended; the table tells the same",
    )


def _task(live: Live, found: Projection, row: StepRow) -> Task:
    step, told = row.step, live.progress[row.step.pk]
    kind = "proj" if told.started is None else _BARS.get(step.state, "run")
    return Task(
        lane=step.team.code,
        label=step.label,
        title=step.title,
        kind=kind,
        begin=row.begin,
        end=row.end,
        planned=(row.plan_from, row.plan_to) if row.plan_from and row.plan_to else None,
        note=f"{step.percent} %" if kind == "run" and step.percent else "",
        is_critical=row.is_critical,
    )


def _crew(live: Live) -> list[Crew]:
    """The teams of the night and their people. Two queries."""
    teams = {step.team.code: step.team for step in live.planning.steps.values()}
    owners: defaultdict[str, dict[User, None]] = defaultdict(dict)
    busy: defaultdict[str, int] = defaultdict(int)
    for step in sorted(live.planning.steps.values(), key=lambda each: each.label):
        if step.owner is not None:
            owners[step.team.code][step.owner] = None
        busy[step.team.code] += step.state in life.RUNNING_STEP
    now = live.now
    roster = roster_of([team.pk for team in teams.values()], now, now + timedelta(minutes=1))
    return [
        Crew(
            code,
            team.name,
            busy[code],
            team.capacity,
            tuple((shift.name, shift.phone) for shift in roster.on_shift(team.pk, now))
            if roster.keeps(team.pk)
            else tuple((str(user), "") for user in owners[code]),
            is_short=busy[code] >= team.capacity and code in _wanted(live),
            keeps_roster=roster.keeps(team.pk),
        )
        for code, team in sorted(teams.items())
    ]


def _wanted(live: Live) -> set[str]:
    """Teams of which somebody waits for a free hand."""
    return {s.team.code for s in live.planning.steps.values() if s.state == life.READY}


def banner() -> list[dict[str, Any]]:
    """Windows whose night runs with where they stand, for the first page."""
    return [standing(window) for window in live_windows()]


def standing(window: ReleaseWindow) -> dict[str, Any]:
    """Where the night of a window stands, in a sentence that leads to its command centre."""
    found = live_of(window, with_what_ifs=False)
    projection = found.projection
    return {
        "window": window,
        "url": reverse("window_live", args=[window.pk]),
        "tone": _TONES.get(projection.level if projection else "", ("in-progress", "live"))[0],
        "margin": _signed(projection.margin) if projection else "",
        "sentence": _sentence(found, projection) if projection else "",
    }
