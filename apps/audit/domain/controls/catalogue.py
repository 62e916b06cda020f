"""The control tests, each over a whole population."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from apps.audit.domain.controls.control import Control, Exceptional, Result, Verdict
from apps.audit.domain.controls.facts import Case, Facts, Gap, Step, stands_for_what_ran
from apps.audit.domain.numbers import code_of
from apps.audit.domain.population import CHANGE
from apps.evidence.domain.canonical import digest

#: How much later than it happened something may be written down.
WRITTEN_WITHIN = timedelta(minutes=15)
#: The same for a signature by phone, which is written down when the caller is back at a keyboard.
CALL_WRITTEN_WITHIN = timedelta(hours=1)
SATISFIED = frozenset({"approved", "approved_with_conditions"})
STANDARD, EMERGENCY = "standard", "emergency"
IMPLEMENTED = "implemented"
GOOD_CHECK = frozenset({"passed", "accepted_deviation"})


def minutes_between(earlier: datetime, later: datetime) -> int:
    return int((later - earlier) / timedelta(minutes=1))


class Authorised(Control):
    code = "CT01"
    title = "Nothing moved past governance"
    asks = "Does every row of the population have a change that was asked for beforehand?"

    def applies(self, case: Case, facts: Facts) -> bool:
        return True

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        if case.kind != CHANGE:
            later = f"; {case.explained_by} explains it since" if case.explained_by else ""
            yield Exceptional(f"It reached production without a change{later}.", case.subject)


class ChangeControl(Control):
    """Tests changes only; what went past governance is `Authorised`'s."""

    def applies(self, case: Case, facts: Facts) -> bool:
        return case.kind == CHANGE


class Approved(ChangeControl):
    code = "CT02"
    title = "Approved before start, on the same content"
    asks = "When the work began, was every signature there, on exactly the content that ran?"

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        if case.began_at is None or case.approved_at is None or case.approved_at > case.began_at:
            yield Exceptional("It was not approved before the work began.", case.subject)
        if not case.slots and case.change_type != STANDARD:
            yield Exceptional("Nobody was asked for a signature.", case.subject)
        if not case.slots and case.change_type == STANDARD and not case.template:
            yield Exceptional("It rests on no standard change.", case.subject)
        if not case.slots and (not case.contents or case.granted != case.contents[-1].digest):
            yield Exceptional("The content that ran is not the one approved.", case.subject)
        for slot in case.slots:
            if slot.state not in SATISFIED:
                yield Exceptional(f"“{slot.label}” had not signed.", slot.subject)
            elif not stands_for_what_ran(slot, case.contents):
                yield Exceptional(
                    f"“{slot.label}” signed another content than the one that ran.", slot.subject
                )
            if slot.was_denied:
                yield Exceptional(
                    f"The signature of “{slot.label}” by phone was denied afterwards.",
                    slot.subject,
                )


class Duties(ChangeControl):
    """DORA RTS (EU) 2024/1774 Art. 17(1)(b), PCI DSS 6.5.4, NIST SP 800-53 AC-5."""

    code = "CT03"
    title = "Duties kept apart"
    asks = "Did somebody approve what they asked for, wrote or did, or check what they did?"

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        asked = {who.id for who in (case.requester, case.author) if who}
        steps = case.package.steps if case.package else ()
        did = {step.done_by.id: step for step in steps if step.done_by}
        for signature in case.signatures:
            for who in signature.people:
                if who.id in asked:
                    yield Exceptional(f"{who.name} approved what they asked for or wrote.",
                                      case.subject)  # fmt: skip
                if who.id in did:
                    step = did[who.id]
                    yield Exceptional(f"{who.name} approved it and did step {step.label}.",
                                      step.subject)  # fmt: skip
        for step in steps:
            if step.verified_by and step.done_by and step.verified_by.id == step.done_by.id:
                yield Exceptional(f"{step.done_by.name} verified their own step {step.label}.",
                                  step.subject)  # fmt: skip
        for check in case.package.checks if case.package else ():
            judge = check.done_by
            if judge and judge.id in did:
                yield Exceptional(
                    f"{judge.name} did step {did[judge.id].label} and measured {check.code} of it.",
                    check.subject,
                )


class Tested(ChangeControl):
    """NIST SP 800-53 CM-3(2), DORA RTS Art. 17(1)(c)."""

    code = "CT04"
    title = "Test evidence before approval"
    asks = "Was a test that passed attached before the last signature?"

    def applies(self, case: Case, facts: Facts) -> bool:
        return case.kind == CHANGE and case.needs_tests

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        passed = [test for test in case.tests if test.verdict == "passed"]
        if not passed:
            what = "Its tests did not pass." if case.tests else "There is no test evidence."
            yield Exceptional(what, case.subject)
            return
        first = min(passed, key=lambda test: test.at)
        if case.approved_at is not None and first.at > case.approved_at:
            late = minutes_between(case.approved_at, first.at)
            yield Exceptional(f"The first test that passed came {in_words(late)} after the "
                              "approval.", first.subject)  # fmt: skip


class InWindow(ChangeControl):
    code = "CT05"
    title = "Inside the window, or let pass"
    asks = "Did every step run while its window was open, or with a deviation or an override?"

    def applies(self, case: Case, facts: Facts) -> bool:
        return case.kind == CHANGE and not (
            case.change_type == EMERGENCY and (case.package is None or case.package.window is None)
        )

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        if case.package is None:
            yield Exceptional("No package carried it.", case.subject)
            return
        if case.package.window is None:
            yield Exceptional(f"{case.package.code} had no window.", case.package.subject)
            return
        allowed = (case.package.window, *case.package.deviations)
        for step in case.package.steps:
            outside = [
                (word, at)
                for word, at in (("began", step.started_at), ("ended", step.ended_at))
                if at and not any(span.holds(at) for span in allowed)
            ]
            if outside and not step.let_start_by:
                word, at = outside[0]
                yield Exceptional(f"Step {step.label} {word} outside the window, at {utc(at)}.",
                                  step.subject)  # fmt: skip


class Ratified(ChangeControl):
    """DORA RTS Art. 17(1)(f),(g); COBIT BAI06.02."""

    code = "CT06"
    title = "Emergencies ratified in time"
    asks = "Was every emergency ratified by the board before its time was up?"

    def applies(self, case: Case, facts: Facts) -> bool:
        """One whose time is not up yet is not tested."""
        due = case.ratification_due_at
        return (
            case.kind == CHANGE
            and case.change_type == EMERGENCY
            and due is not None
            and (case.ratified_at is not None or due < facts.now)
        )

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        due = case.ratification_due_at
        assert due is not None
        if case.ratified_at is None:
            late = minutes_between(due, facts.now)
            yield Exceptional(f"It is not ratified, {in_words(late)} late.", case.subject)
        elif case.ratified_at > due:
            late = minutes_between(due, case.ratified_at)
            yield Exceptional(f"It was ratified {in_words(late)} late.", case.subject)


class Validated(ChangeControl):
    """NIST SP 800-53 CM-4(2), COBIT BAI06.04."""

    code = "CT07"
    title = "Validated before it was closed"
    asks = "Had every mandatory check a good result when the change was closed as implemented?"

    def applies(self, case: Case, facts: Facts) -> bool:
        return case.kind == CHANGE and case.closed_at is not None and case.outcome == IMPLEMENTED

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        closed = case.closed_at
        assert closed is not None
        checks = [check for check in case.package.checks if check.mandatory] if case.package else []
        if not checks:
            yield Exceptional("It was closed and nothing had been checked.", case.subject)
        for check in checks:
            if check.state not in GOOD_CHECK:
                yield Exceptional(f"Check {check.code} has no good result.", check.subject)
            elif check.run_at is not None and check.run_at > closed:
                yield Exceptional(f"Check {check.code} was measured after it was closed.",
                                  check.subject)  # fmt: skip


class Numbers(Control):
    """IPE: a list is complete where its numbers are."""

    code = "CT08"
    title = "No number missing without a reason"
    asks = "Is every number between the lowest and the highest code used, or its gap explained?"

    def examine(self, facts: Facts) -> Result:
        """Tests numbers instead of rows: a gap is explained by creations refused in it."""
        open_gaps = [gap for gap in facts.gaps if len(gap.refusals) < gap.size]
        missing = sum(gap.size - len(gap.refusals) for gap in open_gaps)
        told = {"numbers": facts.numbers, "gaps": [asdict(gap) for gap in facts.gaps]}
        return Result(
            self.code, facts.numbers, facts.numbers - missing,
            tuple(_of_gap(gap) for gap in open_gaps), digest(told),
        )  # fmt: skip


def _of_gap(gap: Gap) -> Verdict:
    first, last = code_of(gap.first), code_of(gap.last)
    name = first if gap.size == 1 else f"{first} to {last}"
    subject = f"number:{first}"
    were = "was" if gap.size == 1 else "were"
    told = f"; {len(gap.refusals)} of them are explained by refusals" if gap.refusals else ""
    return Verdict(subject, name, (Exceptional(f"{name} {were} never used{told}.", subject),))


class Backdated(ChangeControl):
    code = "CT09"
    title = "Written down when it happened"
    asks = "Was anything entered more than 15 minutes (a phone call: an hour) after its own time?"

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        for step in case.package.steps if case.package else ():
            for word, at, recorded in _told_late(step):
                late = minutes_between(at, recorded)
                yield Exceptional(
                    f"Step {step.label} {word} {utc(at)}, entered {in_words(late)} later.",
                    step.subject,
                )
        for call in case.calls:
            if call.recorded_at - call.verbal_at > CALL_WRITTEN_WITHIN:
                late = minutes_between(call.verbal_at, call.recorded_at)
                yield Exceptional(
                    f"{call.person} approved by phone, entered {in_words(late)} later.",
                    case.subject,
                )


def _told_late(step: Step) -> Iterator[tuple[str, datetime, datetime]]:
    pairs = (("began", step.started_at, step.recorded_start_at),
             ("ended", step.ended_at, step.recorded_end_at))  # fmt: skip
    for word, at, recorded in pairs:
        if at and recorded and recorded - at > WRITTEN_WITHIN:
            yield word, at, recorded


class Waivers(ChangeControl):
    code = "CT10"
    title = "Waivers before the work, not after"
    asks = "Was a waiver granted after the work that it lets pass had begun?"

    def applies(self, case: Case, facts: Facts) -> bool:
        return case.kind == CHANGE and case.package is not None and bool(case.package.waivers)

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        assert case.package is not None
        for waiver in case.package.waivers:
            if case.began_at is not None and waiver.decided_at > case.began_at:
                late = minutes_between(case.began_at, waiver.decided_at)
                yield Exceptional(
                    f"The waiver of {waiver.what} was granted {in_words(late)} after the start.",
                    waiver.subject,
                )


def in_words(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    return f"{left} min"


def utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
