"""Every reason against asking for a waiver, signing it, and ending it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from apps.accounts.selectors import authorities_of
from apps.approvals.domain.eligibility import Deed, Eligibility, eligibility
from apps.approvals.models import Approval
from apps.approvals.policies import candidate_of, case_of
from apps.approvals.selectors import recusals_about, roles_of_signers, slots_now
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers, tidy
from apps.gates.domain import waiver as life
from apps.gates.domain.evaluation import GateResult
from apps.gates.domain.verdict import Finding
from apps.gates.models import Waiver
from apps.gates.models.waiver import REASON_SHORTEST
from apps.gates.selectors import levels_counted
from apps.releases.domain import lifecycle as package_life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers, state_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

MANAGER = "release_manager"
PLANNERS = ("release_coordinator", MANAGER)
#: States in which the gates still hold a package back.
ASKED_IN = (package_life.PLANNED, package_life.READY)
#: States in which a package may still join a window.
JOINS_IN = (package_life.DRAFT, package_life.PLANNED, package_life.DELAYED)
_PACKAGE_LABELS = dict(package_life.PACKAGE_STATES)


def limits() -> life.Limits:
    return life.Limits(**settings.INTERLOCK_WAIVER_LIMITS)


def package_of(waiver: Waiver) -> ReleasePackage:
    """Remembered on the row object: what a waiver is about is read once."""
    known = waiver.__dict__.get("_package")
    if known is None:
        rows = ReleasePackage.objects.select_related("window", "owner", "coordinator")
        known = waiver.__dict__["_package"] = rows.get(pk=UUID(waiver.about.partition(":")[2]))
    return known


# Asking.


def ask_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """Whether the actor may ask for a waiver of a gate of this package at all."""
    yield from state_blockers(
        package.code, package.state, ASKED_IN, _PACKAGE_LABELS, "let pass by a waiver"
    )
    yield from _asker_blockers(actor, package)
    if package.window is None:
        yield Blocker(
            "no_window", "It names no window, and a waiver ends with its window.",
            "Choose a window.", "release coordinator", field="window",
        )  # fmt: skip


def ask_late_scope_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from state_blockers(
        package.code, package.state, JOINS_IN, _PACKAGE_LABELS, "let into a locked window"
    )
    yield from _asker_blockers(actor, package)


def _asker_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """Who answers for the package or for one of its changes, and who plans."""
    changes = [member.change for member in work_of(package).members if member.is_open]
    people = {package.owner_id, package.coordinator_id}
    people |= {person for each in changes for person in (each.requester_id, each.owner_id)}
    if actor.is_human and actor.id in people:
        return
    yield from role_blockers(
        actor, *PLANNERS,
        fix=f"Ask {package.owner}, who owns the package, or a release coordinator.",
    )  # fmt: skip


def text_of_waiver_blockers(reason: str, risk: str, control: str) -> Iterator[Blocker]:
    yield from text_blockers("comment", reason, label="Reason")
    if len(tidy(reason)) < REASON_SHORTEST:
        yield bad_input(
            "comment",
            f"The reason has {len(tidy(reason))} characters; {REASON_SHORTEST} are the least to "
            "decide on.",
            "Tell why the gate cannot be met in time.",
            "too_short",
        )
    yield from text_blockers("risk", risk, required=True, label="What may happen")
    yield from text_blockers(
        "control", control, required=True, label="What is done against that"
    )  # fmt: skip


def until_blockers(until: datetime, window: ReleaseWindow) -> Iterator[Blocker]:
    if until > window.closes_at:
        yield bad_input(
            "until",
            f"A waiver ends with its window; {window.code} closes at "
            f"{window.closes_at:%Y-%m-%d %H:%M} UTC.",
            "Enter an earlier time, or leave it empty.",
            "too_late",
        )
    elif until <= clock.now():
        yield bad_input("until", "That is over.", "Enter a later time, or leave it empty.", "past")


def gate_blockers(
    gate: str, results: Mapping[str, GateResult], finding_key: str
) -> Iterator[Blocker]:
    """Whether this gate, or this finding of it, can be waived for the package now, and whether
    that would help it. `results` are what its gates say, by code."""
    result = results.get(gate)
    if result is None:
        yield bad_input("gate", f"There is no gate {gate[:20]!r}.", "Choose one of the list.")
        return
    if result.met is not False or not result.findings:
        yield Blocker(
            "not_needed", f"{result.code} {result.title} does not hold it back.",
            "Nothing to do.", "nobody", field="gate",
        )  # fmt: skip
        return
    finding = chosen_finding(result, finding_key)
    if result.code in life.PER_FINDING and finding is None:
        yield bad_input(
            "finding",
            f"{result.code} {result.title} is waived for one finding at a time.",
            "Choose the finding.",
            "finding_needed",
        )
    yield from waivable_blockers(result, finding, results.values())


def waivable_blockers(
    result: GateResult, finding: Finding | None, results: Iterable[GateResult]
) -> Iterator[Blocker]:
    never = [*life.never_blockers(result, finding)]
    yield from never or life.vain_blockers(result, finding, results)


def chosen_finding(result: GateResult, key: str) -> Finding | None:
    return next((each for each in result.findings if key and each.key == key), None)


def asked_blockers(waiver: Waiver) -> Iterator[Blocker]:
    """Whether the same is asked for, or holds, already."""
    same = Waiver.objects.filter(
        about=waiver.about, kind=waiver.kind, gate=waiver.gate, finding_key=waiver.finding_key,
        window=waiver.window_id, state=life.REQUESTED,
    )  # fmt: skip
    if same.exists():
        yield Blocker(
            "asked_already", f"A waiver of {waiver.what} is asked for already.",
            "Have that one decided, or take it back.", "who is asked to sign it", kind="state",
        )  # fmt: skip


def late_scope_blockers(
    package: ReleasePackage, window: ReleaseWindow | None, unknown: Iterable[str]
) -> Iterator[Blocker]:
    """Whether a waiver is what it takes to bring the package, or more of it, into `window`."""
    if window is None:
        yield bad_input("window", "There is no such window.", "Choose one of the list.")
    elif window.state != window_life.LOCKED:
        yield Blocker(
            "not_needed", f"The scope of {window.code} is not locked.",
            "Plan the package; no waiver is needed.", "release coordinator", field="window",
        )  # fmt: skip
    elif package.state == package_life.PLANNED and window.pk != package.window_id:
        yield bad_input(
            "window", f"{package.code} is planned for another window.",
            "Choose that window, or delay the package first.", "other_window",
        )  # fmt: skip
    for code in unknown:
        yield bad_input(
            "changes", f"There is no change {code[:40]!r}.",
            "Enter codes of changes, separated by blanks or commas.", "unknown_change",
        )  # fmt: skip


# Deciding.


def waiver_state_blockers(waiver: Waiver, move: str) -> Iterator[Blocker]:
    if waiver.state not in life.SOURCES[move]:
        wanted = " or ".join(life.LABELS[state].lower() for state in life.SOURCES[move])
        yield Blocker(
            "wrong_state", f"It is {life.LABELS[waiver.state].lower()}; this needs {wanted}.",
            "Ask for another waiver.", "package owner", kind="state",
        )  # fmt: skip


def parts_of(waiver: Waiver) -> tuple[Deed, ...]:
    """Who has a part in it: who asked, and everybody who runs or stands in for a step."""
    package = package_of(waiver)
    runs = "is to run a step of the package, told"
    return (
        Deed(waiver.requested_by_id, "requester", "asked for it", waiver.created_at,
             waiver.subject),
        *(
            Deed(person, "implementer", runs, waiver.created_at, package.subject)
            for person in sorted(work_of(package).implementers)
        ),
    )  # fmt: skip


def eligible_to_sign(waiver: Waiver, actor: Actor, slots: Sequence[Approval]) -> Eligibility:
    """Every fact for and against the actor's signature now; `slots`: the live ones."""
    case = case_of(
        slots, parts_of(waiver), recusals_about([waiver.subject]), roles_of_signers(slots)
    )
    return eligibility(candidate_of(actor, authorities_of(actor.id)), case)


def sign_blockers(
    actor: Actor,
    waiver: Waiver,
    slots: Sequence[Approval] | None = None,
    answer: Eligibility | None = None,
) -> Iterator[Blocker]:
    """`slots` and `answer`, where the caller knows them already."""
    yield from waiver_state_blockers(waiver, "approve")
    if waiver.until <= clock.now():
        yield Blocker("over", "The time that it is about is over.", "Ask for another one.",
                      "package owner")  # fmt: skip
    live = slots_now(waiver.subject) if slots is None else slots
    found = answer or eligible_to_sign(waiver, actor, live)
    if found.asked or waiver.state == life.REQUESTED:
        yield from found.blockers()
    if any(actor.id in said.people for slot in live for said in slot.standing):
        yield Blocker(
            "second_person", "You have signed it; each signature is another person's.",
            "Ask another holder of the role.", "another approver", kind="permission",
        )  # fmt: skip


def still_waivable_blockers(
    waiver: Waiver, package: ReleasePackage, results: Mapping[str, GateResult]
) -> Iterator[Blocker]:
    """At the moment of the signature: the gate may be waived still, and it is what was asked."""
    result = results.get(waiver.gate)
    if waiver.window_id != package.window_id and waiver.kind == Waiver.Kind.GATE:
        yield Blocker(
            "other_window", f"{package.code} is not in {waiver.window.code} any more.",
            "Refuse it, and ask for one for its window.", "package owner", kind="state",
        )  # fmt: skip
    elif result is not None:
        finding = chosen_finding(result, waiver.finding_key)
        yield from waivable_blockers(result, finding, results.values())


def withdraw_blockers(actor: Actor, waiver: Waiver) -> Iterator[Blocker]:
    yield from waiver_state_blockers(waiver, "withdraw")
    if actor.id != waiver.requested_by_id:
        yield from role_blockers(
            actor, *PLANNERS, fix=f"Ask {waiver.requested_by}, who asked for it."
        )


def revoke_blockers(actor: Actor, waiver: Waiver) -> Iterator[Blocker]:
    """Whoever signed it takes it away, and every release manager."""
    yield from waiver_state_blockers(waiver, "revoke")
    if actor.id not in waiver.signers:
        yield from role_blockers(actor, MANAGER)


def expire_blockers(waiver: Waiver) -> Iterator[Blocker]:
    yield from waiver_state_blockers(waiver, "expire")
    if waiver.until > clock.now():
        yield Blocker(
            "not_due", "Its time is not over yet.",
            f"Wait until {waiver.until:%Y-%m-%d %H:%M} UTC; the portal then ends it.",
            "the portal itself",
        )  # fmt: skip


def is_beyond_with(waiver: Waiver) -> bool:
    """Whether its package has more waivers with this one than it may have."""
    levels = levels_counted(waiver.about, waiver.window_id)
    return life.is_beyond([*levels, waiver.level], limits())
