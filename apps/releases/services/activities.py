"""Run steps: release, start, pause, report, verify, complete, fail, retry, skip, undo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.models import Exhibit
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_many, remember
from apps.inventory.models import Subsystem
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_order import ready_steps, unfinished
from apps.releases.domain.activity_rules import FAIL_CODES, deviates
from apps.releases.domain.activity_times import Pressed, as_pressed, time_problems
from apps.releases.domain.required import COUNT, LOG, RC, Given, missing
from apps.releases.models import Activity, ActivityLog, ReleasePackage
from apps.releases.policies import activity as rules
from apps.releases.policies.activity_clock import let_start_blockers, local, night_of, overrun_of
from apps.releases.policies.activity_facts import (
    called_back,
    plan_around,
    plan_of,
    steps_with_surroundings,
)
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.activity_plan import lock_step
from apps.releases.services.no_return import resume_step_blockers, start_step_blockers
from apps.releases.services.rows import comment_blockers, lock_plans, lock_rows
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

RC_MAX = 4095


def release_ready_activities(
    *, package: UUID | None = None, window: UUID | None = None, actor: Actor
) -> list[Activity]:
    """Inner: make every step ready that may begin now, in a package or among a window's shared
    steps. The caller holds the lock of that package or window.

    While a package is backed out these are its backout steps; among shared steps also those that
    its way back calls for.
    """
    undoing = False
    if package is not None:
        state = ReleasePackage.objects.values_list("state", flat=True).get(pk=package)
        undoing = state == life.BACKING_OUT
        if not undoing and state not in rules.STEPS_RUN_IN:
            return []
    elif (
        window is None
        or not ReleaseWindow.objects.filter(pk=window, state=window_life.IN_PROGRESS).exists()
    ):
        return []
    plan = plan_of(package=package, window=window)
    wanted = {step.key for step in ready_steps(plan, clock.now(), undoing=undoing)}
    if window is not None:
        back = ready_steps(plan, clock.now(), undoing=True)
        wanted |= {step.key for step in back} & called_back(window) if back else set()
    steps = list(
        Activity.objects.select_for_update(of=("self",))
        .filter(Q(package=package) if package else Q(window=window))
        .filter(pk__in=wanted, state=life.PLANNED)
        .order_by("pk")
    )
    for step in steps:
        remember(step)
        step.release()
    record_many(steps, actor=actor, event=events.ACTIVITY_RELEASED)
    return steps


@door("activity")
def release_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Make one step ready: its earliest time has come, or it undoes a part that is not
    delivered."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.release_blockers(actor, step), *comment_blockers(comment)])
    step.release()
    return record(step, actor=actor, event=events.ACTIVITY_RELEASED, comment=tidy(comment))


def release_due_activities(*, actor: Actor) -> list[Activity]:
    """Make every step ready whose earliest time has come, one door for each plan."""
    due = Activity.objects.filter(
        Q(package__state__in=rules.STEPS_RUN_IN) | Q(window__state=window_life.IN_PROGRESS),
        state=life.PLANNED,
        is_backout=False,
        not_before_at__lte=clock.now(),
    )
    plans = sorted(set(due.values_list("package_id", "window_id")), key=str)
    return [
        step
        for package, window in plans
        for step in _release_in_plan(actor=actor, package=package, window=window)
    ]


@door("activity")
def _release_in_plan(*, actor: Actor, package: UUID | None, window: UUID | None) -> list[Activity]:
    lock_plans([window], [package])
    return release_ready_activities(package=package, window=window, actor=actor)


@door("activity")
def release_hold(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Let a step that is a hold point begin once nothing else keeps it."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.release_hold_blockers(actor, step), *comment_blockers(comment)])
    step.hold_released = True
    record(step, actor=actor, event=events.ACTIVITY_HOLD_RELEASED, comment=tidy(comment))
    release_ready_activities(package=step.package_id, window=step.window_id, actor=actor)
    return _fresh(step)


@door("activity")
def start_activity(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    started_at: datetime | None = None,
    pressed_at: datetime | None = None,
) -> Activity:
    """Begin a step. `started_at` may lie up to 15 minutes back; then `comment` says why. A device
    that had no line tells `pressed_at` instead, however long ago: see `as_pressed`.

    The subsystem is locked before it is looked at, so that of two people only one begins.
    """
    step = lock_step(pk, expected_seq=expected_seq)
    lock_rows(Subsystem, [step.subsystem_id])
    refuse_if_any(
        [
            *start_step_blockers(actor, step),
            *comment_blockers(comment),
            *_time_blockers("started_at", started_at, comment, *_earliest_start(step)),
            *_zone_blockers(pressed_at),
        ]
    )
    pressed = as_pressed(pressed_at, clock.now(), _earliest_start(step)[0])
    step.start()
    step.recorded_start_at = clock.now()
    step.started_at = started_at or pressed.at
    step.done_by_id = actor.id
    step.attempts += 1
    comment = _with_line(step, actor, comment, pressed)
    return _record_running(step, actor, comment, pressed)


@door("activity")
def pause_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Interrupt a step. It keeps its subsystem."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.pause_blockers(actor, step), *reason_blockers(comment)])
    step.pause()
    return record(step, actor=actor, event=events.ACTIVITY_PAUSED, comment=tidy(comment))


@door("activity")
def resume_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*resume_step_blockers(actor, step), *reason_blockers(comment)])
    step.resume()
    return record(
        step, actor=actor, event=events.ACTIVITY_RESUMED, comment=tidy(comment),
        **({"facts": {"let_start_by": step.let_start_by_id}} if step.let_start_by_id else {}),
    )  # fmt: skip


@door("activity")
def report_progress(
    *,
    pk: UUID,
    actor: Actor,
    percent: int,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """How far a running step is. It goes to the step's log; the step stays as it is."""
    step = lock_step(pk, expected_seq=expected_seq)
    blockers = [*rules.progress_blockers(actor, step), *comment_blockers(comment)]
    if not _is_whole(percent) or not 0 <= percent <= 100:
        blockers.append(bad_input("percent", "Progress is 0 to 100 percent."))
    refuse_if_any(blockers)
    _log(step, actor, ActivityLog.Kind.PROGRESS, comment, percent=percent)
    # Derived: the log is the record of it.
    Activity.objects.filter(pk=step.pk).update(percent=percent)
    step.percent = percent
    return step


@door("activity")
def add_note(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Put a line into the step's log."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.note_blockers(actor, step), *reason_blockers(comment, "Note")])
    _log(step, actor, ActivityLog.Kind.NOTE, comment)
    return step


@door("activity")
def verify_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """The second pair of eyes on a running step."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.verify_blockers(actor, step), *comment_blockers(comment)])
    step.verified_by_id = actor.id
    return record(step, actor=actor, event=events.ACTIVITY_VERIFIED, comment=tidy(comment))


@door("activity")
def accept_deviation(
    *,
    pk: UUID,
    actor: Actor,
    rc: int,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """Let a step complete with a return code up to `rc` although the plan expects less."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *rules.accept_deviation_blockers(actor, step),
            *reason_blockers(comment),
            *_rc_blockers(rc),
        ]
    )
    step.rc = rc
    step.deviation_accepted_by_id = actor.id
    step.deviation_reason = tidy(comment)
    return record(
        step, actor=actor, event=events.ACTIVITY_DEVIATION_ACCEPTED, comment=tidy(comment)
    )


@door("activity")
def complete_activity(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    rc: int | None = None,
    result: str = "",
    ended_at: datetime | None = None,
    pressed_at: datetime | None = None,
) -> Activity:
    """End a step well, and release what waited for it.

    `ended_at` may lie up to 15 minutes back; then `comment` says why; `pressed_at` as when it was
    started. What its type asks for has to be there: a return code, a count, a log, or a second
    person's look. That it ran on after its window closed is recorded with it. A backout step that
    completes backs out the step it reverses. The last mandatory step takes its package to
    validation.
    """
    step = lock_step(pk, expected_seq=expected_seq, following=True)
    refuse_if_any(
        [
            *rules.complete_blockers(actor, step),
            *comment_blockers(comment),
            *text_blockers("result", tidy(result)),
            *_result_blockers(step, rc, tidy(result)),
            *_time_blockers("ended_at", ended_at, comment, step.started_at, "it was started"),
            *_zone_blockers(pressed_at),
        ]
    )
    pressed = as_pressed(pressed_at, clock.now(), step.started_at)
    step.complete()
    step.recorded_end_at = clock.now()
    step.ended_at = ended_at or pressed.at
    step.rc = rc if rc is not None else step.rc
    step.result_text = tidy(result)
    record(
        step, actor=actor, event=events.ACTIVITY_COMPLETED,
        comment=_with_line(step, actor, comment, pressed),
        **_facts(pressed, overrun_minutes=overrun_of(step, step.ended_at)),
    )  # fmt: skip
    if step.reverses_id is not None:
        _back_out(step, actor)
    _go_on(step, actor)
    return _fresh(step)


@door("activity")
def fail_activity(
    *,
    pk: UUID,
    actor: Actor,
    code: str,
    expected_seq: int | None = None,
    comment: str = "",
    rc: int | None = None,
    pressed_at: datetime | None = None,
) -> Activity:
    """A step did not work: `code` says of what kind, `comment` what happened. Its successors
    stay planned. `pressed_at` as when it was started."""
    step = lock_step(pk, expected_seq=expected_seq)
    blockers = [*rules.fail_blockers(actor, step), *reason_blockers(comment, "What happened")]
    if code not in dict(FAIL_CODES):
        blockers.append(bad_input("code", f"{code!r} is no kind of failure.", "Choose one."))
    if rc is not None:
        blockers += _rc_blockers(rc)
    refuse_if_any([*blockers, *_zone_blockers(pressed_at)])
    pressed = as_pressed(pressed_at, clock.now(), step.started_at)
    step.fail()
    step.recorded_end_at = clock.now()
    step.ended_at = pressed.at
    step.failure_code = code
    step.rc = rc
    step.result_text = tidy(comment)
    record(
        step, actor=actor, event=events.ACTIVITY_FAILED,
        comment=_with_line(step, actor, comment, pressed),
        **_facts(pressed, overrun_minutes=overrun_of(step, step.ended_at)),
    )  # fmt: skip
    if step.package is not None and step.package.state == life.BACKING_OUT:
        release_ready_activities(package=step.package_id, actor=actor)
    return step


@door("activity")
def retry_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Let a failed step begin again. From the third attempt on it takes a reason."""
    step = lock_step(pk, expected_seq=expected_seq)
    reason = reason_blockers if rules.needs_retry_reason(step) else comment_blockers
    refuse_if_any([*rules.retry_blockers(actor, step), *reason(comment)])
    step.retry()
    step.started_at = step.ended_at = step.recorded_start_at = step.recorded_end_at = None
    step.done_by = step.verified_by = step.deviation_accepted_by = step.rc = None
    step.failure_code = step.deviation_reason = step.result_text = ""
    step.business_date = None
    step.let_start_by, step.let_start_reason = None, ""
    Activity.objects.filter(pk=step.pk).update(percent=0)
    step.percent = 0
    return record(step, actor=actor, event=events.ACTIVITY_RETRIED, comment=tidy(comment))


@door("activity")
def skip_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Leave a step out. Nothing that builds on it may still be planned."""
    step = lock_step(pk, expected_seq=expected_seq, following=True)
    refuse_if_any([*rules.skip_blockers(actor, step), *reason_blockers(comment)])
    step.skip()
    record(step, actor=actor, event=events.ACTIVITY_SKIPPED, comment=tidy(comment))
    _go_on(step, actor)
    return _fresh(step)


@door("activity")
def let_activity_start(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Allow, before it happens, that a step starts outside its window or after the point of no
    return, or that an interrupted one goes on until then. It counts for one attempt."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*let_start_blockers(actor, step), *reason_blockers(comment)])
    step.let_start_by_id = actor.id
    step.let_start_reason = tidy(comment)
    return record(step, actor=actor, event=events.ACTIVITY_LET_START, comment=tidy(comment))


@door("activity")
def escalate_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """Alert the next in line. The step keeps its state."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.escalate_blockers(actor, step), *reason_blockers(comment)])
    _log(step, actor, ActivityLog.Kind.ESCALATE, comment)
    return record(step, actor=actor, event=events.ACTIVITY_ESCALATED, comment=tidy(comment))


def _go_on(step: Activity, actor: Actor) -> None:
    """Release what waited for the step, wherever it runs; enter validation after the last one."""
    from apps.releases.services.package import to_validation_if_done

    places = {(step.package_id, step.window_id)}
    places |= set(
        Activity.objects.filter(dependencies__predecessor=step.pk).values_list(
            "package_id", "window_id"
        )
    )
    for package, window in sorted(places, key=str):
        release_ready_activities(package=package, window=window, actor=actor)
    if step.package_id is not None:
        to_validation_if_done(step.package_id, actor)


def _back_out(step: Activity, actor: Actor) -> None:
    """The step that `step` reverses is undone now."""
    undone = lock(steps_with_surroundings(), step.reverses_id)
    if undone.state in life.ACTIVITY_SOURCES["back_out"]:
        undone.back_out()
        record(
            undone, actor=actor, event=events.ACTIVITY_BACKED_OUT, about=step.subject,
            comment=f"Undone by step {step.label}.",
        )  # fmt: skip


def _record_running(step: Activity, actor: Actor, comment: str, pressed: Pressed) -> Activity:
    try:
        return record(
            step, actor=actor, event=events.ACTIVITY_STARTED, comment=tidy(comment),
            **_facts(pressed, let_start_by=step.let_start_by_id),
        )  # fmt: skip
    except IntegrityError as error:
        if "releases_subsystem_held_once" not in str(error):
            raise
        raise Refused(
            Blocker(
                "subsystem_busy",
                f"{step.subsystem} was taken by another step at this moment.",
                "Wait until it is free.",
                "the team of the step",
            )
        ) from error


def _fresh(step: Activity) -> Activity:
    return steps_with_surroundings().get(pk=step.pk)


def _log(step: Activity, actor: Actor, kind: str, text: str, **payload: Any) -> None:
    ActivityLog.objects.create(
        activity=step,
        at=clock.now(),
        by_id=actor.id,
        kind=kind if actor.is_human else ActivityLog.Kind.AUTO,
        text=tidy(text),
        payload=payload,
    )


def _with_line(step: Activity, actor: Actor, comment: str, pressed: Pressed) -> str:
    """The comment with what a bad line did to the time; the step's log tells it too."""
    if pressed.told_at is None:
        return tidy(comment)
    window = night_of(step)
    told = (
        f"Pressed at {local(window, pressed.told_at)}, came in over a bad line at "
        f"{local(window, clock.now())}"
    )
    counted = "." if pressed.counts else "; too late to claim, so the time it came in counts."
    _log(step, actor, ActivityLog.Kind.NOTE, told + counted, told_at=pressed.told_at.isoformat())
    return tidy(f"{comment} {told}{counted}")


def _facts(pressed: Pressed, **more: Any) -> dict[str, Any]:
    """What the entry tells beside the step's own fields; nothing where there is nothing."""
    facts = {name: value for name, value in more.items() if value}
    if pressed.told_at is not None:
        facts["pressed_at"] = pressed.told_at
    return {"facts": facts} if facts else {}


def _zone_blockers(pressed_at: datetime | None) -> Iterator[Blocker]:
    if pressed_at is not None and pressed_at.tzinfo is None:
        yield bad_input("pressed_at", "The time has no zone.",
                        "Send it with its offset from UTC.", "naive_time")  # fmt: skip


def _earliest_start(step: Activity) -> tuple[datetime | None, str]:
    """The moment that a claimed start cannot precede: what it waited for, or its package."""
    steps = plan_around(step)
    if unfinished(steps[step.pk], steps):
        return None, ""
    ended = Activity.objects.filter(pk__in=steps[step.pk].after, ended_at__isnull=False).order_by(
        "-ended_at"
    )
    last = ended.first()
    began = step.package.started_at if step.package else None
    window = night_of(step)
    if window is not None and step.let_start_by_id is None and not step.is_backout:
        opened = min(window.opens_at, clock.now())
        others = [began, last.ended_at if last is not None else None]
        if all(moment is None or moment < opened for moment in others):
            return opened, "the window opened"
    if last is not None and (began is None or (last.ended_at and last.ended_at > began)):
        return last.ended_at, f"step {last.label} ended"
    return began, "the package was started"


def _time_blockers(
    field: str, claimed: datetime | None, reason: str, not_before: datetime | None, what: str
) -> Iterator[Blocker]:
    for code, text, fix in time_problems(
        claimed, clock.now(), reason=tidy(reason), not_before_at=not_before, before_what=what
    ):
        yield bad_input(field, text, fix, code)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _rc_blockers(rc: Any) -> list[Blocker]:
    if _is_whole(rc) and 0 <= rc <= RC_MAX:
        return []
    return [bad_input("rc", f"A return code is 0 to {RC_MAX:,}.")]


def given_with(step: Activity, rc: int | None = None, result: str = "") -> Given:
    """What proves the step if it completes with these; one query where a log may be attached."""
    return Given(
        rc=step.rc if rc is None and step.deviation_accepted_by_id is not None else rc,
        result=result,
        has_exhibit=LOG in step.required
        and not result
        and Exhibit.objects.filter(about=step.subject).exists(),
        is_verified=step.verified_by_id is not None,
    )


def _result_blockers(step: Activity, rc: int | None, result: str) -> Iterator[Blocker]:
    """What the type of step and the plan ask for is there, and the return code is within what was
    allowed. That a second person looked is asked with who may complete it."""
    lacking = missing(step.required, given_with(step, rc, result))
    if RC in lacking:
        yield bad_input("rc", f"Step {step.label} completes with its return code.",
                        "Enter it.", "rc_missing")  # fmt: skip
    if COUNT in lacking:
        yield bad_input("result", f"Step {step.label} completes with a count.",
                        "Enter how many were processed, or agree, in the result.",
                        "count_missing")  # fmt: skip
    if LOG in lacking:
        yield bad_input("result", f"Step {step.label} completes with its log.",
                        "Enter the job id or where the log is, or attach it to the step as an "
                        "exhibit.", "log_missing")  # fmt: skip
    if rc is None:
        return
    yield from _rc_blockers(rc)
    allowed = step.rc if step.deviation_accepted_by_id is not None else step.max_rc
    if _is_whole(rc) and deviates(rc, allowed):
        yield Blocker(
            "rc_too_high",
            f"RC {rc} is above {allowed}, which step {step.label} may end with.",
            "Ask the coordinator to accept the deviation, or record that it failed.",
            "release coordinator",
            field="rc",
        )
