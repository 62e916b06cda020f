"""Go or no-go: on one package, on all of a night at once, and as its second person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from apps.approvals.services.countersigns import confirm, propose
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record
from apps.gates.selectors import waivers_in_force
from apps.releases import events
from apps.releases.domain.two_persons import PARTIAL, Choice, reasons_for_two
from apps.releases.models import ReleasePackage
from apps.releases.policies import night as night_rules
from apps.releases.policies import package as rules
from apps.releases.policies.go_no_go import (
    GO_NO_GO,
    confirm_decision_blockers,
    digest_of,
    packages_in,
    proposed_of,
)
from apps.releases.policies.package_facts import work_of
from apps.releases.services.go_no_go import Line, keep_decision, numbers_of
from apps.releases.services.package import record_package
from apps.releases.services.package_content import lock_package
from apps.releases.services.rows import key_of
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people

About = TypeVar("About", ReleaseWindow, ReleasePackage)


@door("package")
def decide(
    *,
    pk: UUID,
    actor: Actor,
    decision: str,
    delivered: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Go, no-go or partial, by a release manager. A go rests on its checks, the others on a
    reason. `delivered` are, of a part, the codes of the changes that stay.

    Where one person is not enough it is proposed, and decided when a second one confirms.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    named, blockers = _delivered(package, decision, delivered)
    refuse_if_any([*step_up_blockers(actor),
        *rules.decide_blockers(actor, package),
        *rules.decision_blockers(package, decision, comment),
        *text_blockers("comment", comment),
        *blockers,
    ])  # fmt: skip
    lines = [Line(package, decision, tidy(comment), named)]
    _decide_or_propose(package, _window_of(package), lines, actor, comment)
    return package


@door("window")
def go_no_go(
    *,
    pk: UUID,
    actor: Actor,
    decision: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """Decide on every package of the window that waits for it. Each keeps its own decision; one
    that differs is decided on its own page. A second person confirms as in `decide`."""
    window = lock(windows_with_people(), key_of(pk, "window"), expected_seq=expected_seq)
    blockers: list[Blocker] = [*step_up_blockers(actor),
        *night_rules.go_no_go_blockers(actor, window), *text_blockers("comment", comment)
    ]  # fmt: skip
    waiting = night_rules.packages_of(window, *night_rules.TO_DECIDE)
    packages = [lock_package(package.pk) for package in waiting]
    for package in packages:
        blockers += rules.decision_blockers(package, decision, comment)
    refuse_if_any(_once(blockers))
    lines = [Line(package, decision, tidy(comment)) for package in packages]
    if _decide_or_propose(window, window, lines, actor, comment):
        return record(
            window, actor=actor, event=events.WINDOW_DECIDED, comment=comment, meaning=decision,
            packages=[package.code for package in packages],
        )  # fmt: skip
    return window


@door("package")
def confirm_decision(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """The second person confirms what was proposed for this package."""
    package = lock_package(pk, expected_seq=expected_seq)
    return _confirm(package, _window_of(package), actor, comment)[0].package


@door("window")
def confirm_go_no_go(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """The second person confirms what was proposed for the window."""
    window = lock(windows_with_people(), key_of(pk, "window"), expected_seq=expected_seq)
    lines = _confirm(window, window, actor, comment)
    return record(
        window, actor=actor, event=events.WINDOW_DECIDED, comment=comment,
        meaning=", ".join(f"{line.package.code} {line.decision}" for line in lines),
        packages=[line.package.code for line in lines],
    )  # fmt: skip


def _decide_or_propose(
    about: ReleaseWindow | ReleasePackage,
    window: ReleaseWindow | None,
    lines: Sequence[Line],
    actor: Actor,
    comment: str,
) -> bool:
    """Whether it is decided; otherwise it waits for a second person."""
    passed = window is not None and numbers_of(window, clock.now()).no_return_passed
    choices = [Choice(x.package.code, x.decision, x.package.risk_band) for x in lines]
    because = " ".join(reasons_for_two(choices, no_return_passed=passed))
    if not because:
        _write(lines, actor, actor.user_id, comment)
        keep_decision(
            window=window, lines=lines, actor=actor, decided_by=actor.user_id, comment=comment
        )
        return True
    values = {
        "lines": [
            {"package": str(line.package.pk), "decision": line.decision, "reason": line.reason,
             "delivered": list(line.delivered)}
            for line in lines
        ]
    }  # fmt: skip
    packages = sorted((line.package for line in lines), key=lambda package: package.pk)
    propose(
        about=about.subject, purpose=GO_NO_GO, values=values, because=because, actor=actor,
        content_digest=digest_of(packages, values), reason=tidy(comment),
    )  # fmt: skip
    about.__dict__.pop("_proposed", None)
    return False


def _confirm(about: About, window: ReleaseWindow | None, actor: Actor, comment: str) -> list[Line]:
    found = proposed_of(about)
    packages = {str(p.pk): lock_package(p.pk) for p in packages_in(found)}
    blockers = [
        *step_up_blockers(actor),
        *confirm_decision_blockers(actor, about),
        *text_blockers("comment", comment),
    ]
    told = found.values["lines"] if found else []
    for line in told:
        package = packages[line["package"]]
        blockers += rules.decided_state_blockers(package)
        blockers += rules.decision_blockers(package, line["decision"], line["reason"])
    refuse_if_any(_once(blockers))
    assert found is not None
    lines = [
        Line(packages[x["package"]], x["decision"], x["reason"], tuple(x["delivered"]))
        for x in told
    ]
    signed = confirm(found, actor=actor, comment=tidy(comment))
    _write(lines, actor, signed.proposed_by_id, comment)
    keep_decision(
        window=window, lines=lines, actor=actor, decided_by=signed.proposed_by_id,
        confirmed_by=actor.user_id, two_persons=signed.because, comment=comment,
    )  # fmt: skip
    about.__dict__.pop("_proposed", None)
    return lines


def _write(lines: Iterable[Line], actor: Actor, by: UUID, comment: str) -> None:
    """What was decided, on each package, with the waivers that it rests on."""
    for line in lines:
        package = line.package
        package.go_decision, package.go_reason = line.decision, line.reason
        package.go_by_id, package.go_at = by, clock.now()
        waived = [
            f"{waiver.subject} {waiver.what}"
            for waiver in waivers_in_force([package.subject], package.window_id).order_by("pk")
        ]
        record_package(package, actor, events.PACKAGE_DECIDED, comment, meaning=line.decision,
                       **({"waivers": waived} if waived else {}))  # fmt: skip


def _delivered(
    package: ReleasePackage, decision: str, text: str
) -> tuple[tuple[str, ...], list[Blocker]]:
    """The codes that `text` names, and what is wrong with them."""
    codes = tuple(dict.fromkeys(code for code in text.replace(",", " ").split() if code))
    known = {m.change.code for m in work_of(package).members if m.is_open}
    wrong = [
        bad_input("delivered", f"{code} is not in {package.code}.", "Name its own changes.")
        for code in codes
        if code not in known
    ]
    if codes and decision != PARTIAL:
        wrong.append(
            bad_input("delivered", "Only a part names what is delivered.", "Leave it empty.")
        )
    elif codes and known <= set(codes):
        wrong.append(
            bad_input("delivered", "A part is some of the changes, not all.", "Decide go instead.")
        )
    return codes, wrong


def _window_of(package: ReleasePackage) -> ReleaseWindow | None:
    """With its cut-offs, as the plan reads it."""
    return windows_with_people().filter(pk=package.window_id).first() if package.window_id else None


def told(done: Any) -> tuple[str, ...]:
    """In which words a page says that a decision still waits for somebody."""
    found = proposed_of(done)
    if found is None:
        return ()
    return (f"It waits for a second person, because: {found.because} It lapses in 30 minutes.",)


def _once(blockers: list[Blocker]) -> list[Blocker]:
    """Without the reasons that several packages share."""
    return list({(blocker.code, blocker.text): blocker for blocker in blockers}.values())
