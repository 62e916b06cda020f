"""When somebody has to be called in a night, whom, and when the next in line.

Pure: facts and the alerts that stand go in, what is due comes out. Whoever keeps the alerts does so
under one key each, so that an alert that is due twice is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Who is told. `owner` and `deputy` are those of the step.
OWNER, DEPUTY = "owner", "deputy"
COORDINATOR, MANAGER = "coordinator", "release_manager"

RAISED, ACKNOWLEDGED, OVER = "raised", "acknowledged", "over"
ALERT_STATES: tuple[tuple[str, str], ...] = (
    (RAISED, "Raised"),
    (ACKNOWLEDGED, "Acknowledged"),
    (OVER, "Over"),
)
ALERT_SOURCES: Mapping[str, tuple[str, ...]] = {
    "acknowledge": (RAISED,),
    "end": (RAISED, ACKNOWLEDGED),
}
#: States in which an alert is still true.
STANDING = (RAISED, ACKNOWLEDGED)

AMBER, RED = "amber", "red"
NARROW, BEYOND = "narrow", "beyond"
PNR_60, PNR_30, PNR_15, PASSED = "pnr_60", "pnr_30", "pnr_15", "pnr_passed"
SILENT, NOT_STARTED = "silent", "not_started"
UNDECIDED = "undecided"
KINDS: tuple[tuple[str, str], ...] = (
    (NARROW, "Margin narrow or plan late"),
    (BEYOND, "Margin below zero"),
    (PNR_60, "60 min to the point of no return"),
    (PNR_30, "30 min to the point of no return"),
    (PNR_15, "15 min to the point of no return"),
    (PASSED, "Past the point of no return"),
    (SILENT, "Step without a word"),
    (NOT_STARTED, "Step not started"),
    (UNDECIDED, "Failed and not decided on"),
)
#: The tightest first.
COUNTDOWN: tuple[tuple[str, int], ...] = ((PNR_15, 15), (PNR_30, 30), (PNR_60, 60))
#: A step that is silent for more than this share of its plan is asked after.
SILENT_AFTER = 1.5
#: A margin has to be this much better before its alert is over, so that none flickers.
STEADY = 10


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is told after how many minutes, as long as nobody has acknowledged."""

    after: int
    who: tuple[str, ...]


_STEP_LADDER = (OWNER, DEPUTY, COORDINATOR)
_BOTH = (COORDINATOR, MANAGER)
LADDERS: Mapping[str, tuple[Rung, ...]] = {
    NARROW: (Rung(0, (COORDINATOR,)),),
    BEYOND: (Rung(0, _BOTH), Rung(10, _BOTH), Rung(20, _BOTH), Rung(30, _BOTH)),
    # The release manager is called again and again until somebody acknowledges.
    **{kind: tuple(Rung(after, (MANAGER,)) for after in range(0, limit, 5))
       for kind, limit in COUNTDOWN},
    PASSED: (Rung(0, _BOTH),),
    SILENT: tuple(Rung(10 * n, (who,)) for n, who in enumerate(_STEP_LADDER)),
    NOT_STARTED: tuple(Rung(10 * n, (who,)) for n, who in enumerate(_STEP_LADDER, start=1)),
    # The coordinator backs out where the manager is not to be had for ten minutes.
    UNDECIDED: (Rung(0, _BOTH), Rung(10, _BOTH), Rung(20, _BOTH), Rung(30, _BOTH)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that could run and does not. `since` is when it, and somebody to run it, was free."""

    key: str
    label: str
    attempt: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """A step that runs, and when somebody last said something about it."""

    key: str
    label: str
    attempt: int
    minutes: int
    last_word_at: datetime

    @property
    def silent_from(self) -> datetime:
        return self.last_word_at + timedelta(minutes=SILENT_AFTER * self.minutes)


@dataclass(frozen=True, slots=True)
class Failed:
    """A package that has failed, and until when to decide whether it is mended or taken back."""

    key: str
    code: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the projection says. `no_return_at` is None where no backout is in time any more."""

    level: str
    margin: int
    late: int
    no_return_at: datetime | None
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """The night as it stands; `outlook` is None where there is no plan of it. `unproven` are the
    checks that the decision still waits for."""

    now: datetime
    outlook: Outlook | None
    unproven: Sequence[str] = ()
    waiting: Sequence[Waiting] = ()
    running: Sequence[Running] = ()
    failed: Sequence[Failed] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it is kept; `rung` is the last that was told, -1 for none."""

    key: str
    kind: str
    state: str
    since: datetime
    rung: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong now. `step` is the key of the step it is about, if it is about one."""

    key: str
    kind: str
    level: str
    text: str
    since: datetime
    step: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What has to be kept: alerts to raise, rungs to climb by key, keys that are over."""

    raised: tuple[Alarm, ...] = ()
    climbed: tuple[tuple[str, int], ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.raised or self.climbed or self.over)


def due(facts: Facts, kept: Sequence[Standing]) -> Due:
    """What is due at `facts.now`, beside the alerts that are `kept` already, over ones among them.

    Asked twice with what it said the first time, it has nothing to say.
    """
    alarms = list(_alarms(facts, kept))
    true = {alarm.key for alarm in alarms}
    known = {each.key: each for each in kept}
    standing = [each for each in kept if each.state in STANDING]
    return Due(
        raised=tuple(alarm for alarm in alarms if alarm.key not in known),
        climbed=tuple(
            (each.key, rung)
            for each in standing
            if each.state == RAISED and each.key in true
            if (rung := rung_at(each.kind, each.since, facts.now)) > each.rung
        ),
        over=tuple(each.key for each in standing if each.key not in true),
    )


def rung_at(kind: str, since: datetime, now: datetime) -> int:
    """The highest rung that is due; -1 before the first."""
    minutes = (now - since) / timedelta(minutes=1)
    return sum(rung.after <= minutes for rung in LADDERS[kind]) - 1


def told_by(kind: str, rung: int) -> Iterator[tuple[int, str]]:
    """(rung, who) of everybody to be told up to and including `rung`."""
    for number, each in enumerate(LADDERS[kind][: rung + 1]):
        yield from ((number, who) for who in each.who)


def _alarms(facts: Facts, kept: Sequence[Standing]) -> Iterator[Alarm]:
    if facts.outlook is not None:
        yield from _of_margin(facts, facts.outlook, kept)
        yield from _of_return(facts, facts.outlook, kept)
    yield from _of_steps(facts)
    yield from _of_failures(facts)


def _of_margin(facts: Facts, outlook: Outlook, kept: Sequence[Standing]) -> Iterator[Alarm]:
    level = outlook.level
    if level == RED or _is_unsteady(BEYOND, outlook.margin, 0, outlook, kept):
        text = (
            f"The result is known {-outlook.margin} min after the point of no return."
            if outlook.margin < 0
            else "The plan ends behind the cut-off."
            if level == RED
            else f"The margin is back to {outlook.margin} min only."
        )
        yield _episode(BEYOND, RED, text, facts.now, kept)
    elif level == AMBER or _is_unsteady(NARROW, outlook.margin, 30, outlook, kept):
        late = f", {outlook.late} min later than planned" if outlook.late > 0 else ""
        text = f"The margin is {outlook.margin} min{late}."
        yield _episode(NARROW, AMBER, text, facts.now, kept)


def _is_unsteady(
    kind: str, margin: int, limit: int, outlook: Outlook, kept: Iterable[Standing]
) -> bool:
    """Whether an alert stands whose margin is not yet clearly better."""
    stands = any(each.kind == kind and each.state in STANDING for each in kept)
    return stands and not outlook.is_decided and limit <= margin < limit + STEADY


def _episode(kind: str, level: str, text: str, now: datetime, kept: Iterable[Standing]) -> Alarm:
    """The alert that stands, or the next one of its kind."""
    mine = [each for each in kept if each.kind == kind]
    stands = next((each for each in mine if each.state in STANDING), None)
    if stands is not None:
        return Alarm(stands.key, kind, level, text, stands.since)
    return Alarm(f"{kind}:{len(mine) + 1}", kind, level, text, now)


def _of_return(facts: Facts, outlook: Outlook, kept: Sequence[Standing]) -> Iterator[Alarm]:
    if outlook.is_decided:
        return
    left = (
        (outlook.no_return_at - facts.now) / timedelta(minutes=1)
        if outlook.no_return_at is not None
        else -1
    )
    if left < 0:
        text = "A backout that starts now ends behind the cut-off."
        yield Alarm(PASSED, PASSED, RED, text, _since(PASSED, facts.now, kept))
    elif facts.unproven:
        for kind, minutes in COUNTDOWN:
            if left <= minutes:
                waits = ", ".join(facts.unproven[:3])
                more = f" and {len(facts.unproven) - 3} more" if len(facts.unproven) > 3 else ""
                text = f"{minutes} min to the point of no return; not passed: {waits}{more}."
                yield Alarm(kind, kind, RED, text, _since(kind, facts.now, kept))
                return


def _since(key: str, now: datetime, kept: Iterable[Standing]) -> datetime:
    return next((each.since for each in kept if each.key == key), now)


def _of_steps(facts: Facts) -> Iterator[Alarm]:
    for step in facts.running:
        if facts.now > step.silent_from:
            told = f"{step.last_word_at.timestamp():.0f}"
            yield Alarm(
                f"{SILENT}:{step.key}:{told}", SILENT, AMBER,
                f"{step.label} runs without a word for longer than 1.5 times its plan.",
                step.silent_from, step.key,
            )  # fmt: skip
    for waiting in facts.waiting:
        if rung_at(NOT_STARTED, waiting.since, facts.now) >= 0:
            yield Alarm(
                f"{NOT_STARTED}:{waiting.key}:{waiting.attempt}", NOT_STARTED, AMBER,
                f"{waiting.label} can run and has not been started.", waiting.since, waiting.key,
            )  # fmt: skip


def _of_failures(facts: Facts) -> Iterator[Alarm]:
    """One for each time that a package failed."""
    for failed in facts.failed:
        if facts.now > failed.due_at:
            yield Alarm(
                f"{UNDECIDED}:{failed.key}:{failed.due_at.timestamp():.0f}", UNDECIDED, RED,
                f"{failed.code} has failed, and its time to decide is over: fix it forward or back "
                "it out.",
                failed.due_at,
            )  # fmt: skip
