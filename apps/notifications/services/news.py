"""Tell people what happened to their changes and packages: the outbox consumer "notifications".

One message per person and entry, or slot, so that an entry handled twice is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.accounts.selectors import holders_of
from apps.approvals import events as approvals
from apps.approvals.models import Approval, Obligation
from apps.approvals.selectors import live_slots
from apps.changes import events as changes
from apps.changes.domain.lifecycle import ASSESSING
from apps.changes.models import ChangeRequest
from apps.changes.selectors import changes_with_people
from apps.evidence.events import CHECKED, vocabulary
from apps.evidence.models import EvidenceCheck, EvidenceEntry
from apps.evidence.selectors import body_of
from apps.gates import events as gates
from apps.gates.models import Waiver
from apps.gates.selectors import waivers_with_people
from apps.notifications.domain.letter import hour_there, wall_clock
from apps.notifications.models import Message
from apps.notifications.selectors import (
    AWAITING_READINESS,
    check_page,
    key_of,
    page_of,
    people_of_steps,
    plan_of,
    signers_wanted,
    waiver_signers,
)
from apps.notifications.services.messages import notify
from apps.releases import events as releases
from apps.releases.domain.conflicts.versions import DownLevel
from apps.releases.domain.lifecycle import BOOKED
from apps.releases.models import Finding, ReleasePackage
from apps.releases.policies.waiver import package_of
from apps.releases.services.window_plan import under_cutoff
from apps.windows import events as windows
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people

Kind = Message.Kind


def tell_people(entry: EvidenceEntry) -> None:
    """Queue the messages that this entry is worth."""
    NEWS[entry.action](entry)


def _signatures_wanted(entry: EvidenceEntry) -> None:
    """Each signer once about each slot: when it is asked for, or when its turn comes."""
    change = _change(entry)
    for user, slot in signers_wanted(change):
        _ask(entry, change, user, slot, f"asked:{slot.pk}:{user.pk}")


def _asked_again(entry: EvidenceEntry) -> None:
    """The signers of the slots that this entry opened again, although they were asked before;
    whoever did it knows."""
    change, again = _change(entry), body_of(entry).get("asked_again", ())
    for user, slot in signers_wanted(change):
        if slot.slot in again and user.pk != entry.actor_id:
            _ask(entry, change, user, slot, f"asked:{slot.pk}:{entry.pk}:{user.pk}")


def _ask(entry: EvidenceEntry, change: ChangeRequest, user: User, slot: Approval, key: str) -> None:
    notify(
        recipient=user,
        kind=Kind.SIGNATURE,
        dedupe_key=key,
        subject_line=f"{change.code}: your signature is asked for",
        text=f"{change.code} {change.title}\nAsked for: {slot.label}.\n{_told_by(entry)}",
        about=entry.subject,
        url=page_of(entry.subject),
    )


def _content_changed(entry: EvidenceEntry) -> None:
    _signatures_wanted(entry)
    _news_of_change(entry)


def _news_of_change(entry: EvidenceEntry) -> None:
    change = _change(entry)
    for user in (change.requester, change.owner):
        _tell_news(entry, user, Kind.CHANGE, change.code, change.title)


def _decision_taken_back(entry: EvidenceEntry) -> None:
    """Whoever asked is told, and the slot is open again."""
    _news_of_change(entry)
    _asked_again(entry)


def _call_denied(entry: EvidenceEntry) -> None:
    """The managers see that somebody entered a call that was none, and whoever asked that the work
    lacks a signature; the slot may be open again."""
    change = _change(entry)
    for user in {*holders_of(["change_manager"]), change.requester, change.owner}:
        _tell_news(entry, user, Kind.CHANGE, change.code, change.title)
    if change.state == ASSESSING:
        _asked_again(entry)


def _condition(entry: EvidenceEntry) -> None:
    """A condition became somebody's, is theirs no more, or theirs again: its proof did not do."""
    condition = _condition_of(entry)
    _tell_condition(entry, condition, condition.owner)


def _condition_met(entry: EvidenceEntry) -> None:
    """Who made the condition judges its proof."""
    condition = _condition_of(entry)
    _tell_condition(entry, condition, condition.set_by)


def _condition_of(entry: EvidenceEntry) -> Obligation:
    return Obligation.objects.select_related("owner", "set_by").get(pk=key_of(entry.subject))


def _tell_condition(entry: EvidenceEntry, condition: Obligation, user: User) -> None:
    sentence = vocabulary()[entry.action].sentence
    due = (
        f"until {wall_clock(condition.due_at, settings.INTERLOCK_ZONE)}"
        if condition.due_at
        else "before the work starts"
    )
    text = f"{condition.text}\nTo be met {due} by {condition.owner}.\n{_told_by(entry)}"
    _tell(entry, user, Kind.CHANGE, f"{sentence}: {condition}", text)


def _night_moved(entry: EvidenceEntry) -> None:
    """Whoever signed is told, and not asked again."""
    change = _change(entry)
    slots = live_slots(change.subject)
    signed = {said.by for slot in slots for said in slot.standing}
    for user in {change.requester, change.owner, *signed}:
        _tell_news(entry, user, Kind.CHANGE, change.code, change.title)


def _news_of_package(entry: EvidenceEntry) -> None:
    package = ReleasePackage.objects.select_related("owner", "coordinator").get(
        pk=key_of(entry.subject)
    )
    for user in (package.owner, package.coordinator):
        _tell_news(entry, user, Kind.PACKAGE, package.code, package.name)


def _package_moved(entry: EvidenceEntry) -> None:
    """Whoever answers for it, and whoever agreed to run a step that night."""
    package = ReleasePackage.objects.select_related("owner", "coordinator").get(
        pk=key_of(entry.subject)
    )
    runs = people_of_steps([package])
    for user in {package.owner, package.coordinator, *runs}:
        _tell_news(entry, user, Kind.PACKAGE, package.code, package.name)


def _window_moved(entry: EvidenceEntry) -> None:
    """The same of everything in the window; whose changes are in it is told by those."""
    window = ReleaseWindow.objects.get(pk=key_of(entry.subject))
    packages = list(
        ReleasePackage.objects.filter(window=window, state__in=AWAITING_READINESS)
        .select_related("owner", "coordinator")
    )  # fmt: skip
    people = {user for each in packages for user in (each.owner, each.coordinator)}
    for user in {*people, *people_of_steps(packages)}:
        _tell_news(entry, user, Kind.PACKAGE, window.code, window.name)


def _batch_reported(entry: EvidenceEntry) -> None:
    """Whoever runs the night and answers for its packages: by when all has to be done now, and
    what does not fit then. Nobody where another cut-off still holds first."""
    facts = body_of(entry)["facts"]
    if facts.get("was", facts["effective_cutoff"]) == facts["effective_cutoff"]:
        return
    window = windows_with_people().get(pk=key_of(entry.subject))
    packages = ReleasePackage.objects.filter(window=window, state__in=BOOKED)
    people = {window.coordinator, window.release_manager}
    people |= {each.owner for each in packages.select_related("owner")}
    now, was = (datetime.fromisoformat(facts[name]) for name in ("effective_cutoff", "was"))
    text = "\n".join(
        [
            f"{window.code} {window.name}",
            f"Effective cut-off: {wall_clock(now, window.zone)}, before "
            f"{wall_clock(was, window.zone)}.",
            f"It is {facts['cause']}.",
            *under_cutoff(window, now, was, lambda at: hour_there(at, window.zone)),
            _told_by(entry),
        ]
    )
    hours = [hour_there(at, window.zone) for at in (now, was)]
    line = f"{window.code}: the cut-off is {hours[0]} now, not {hours[1]}"
    for user in people:
        if user is not None:
            _tell(entry, user, Kind.PACKAGE, line, text, url=plan_of(window.pk))


def _reservation_expired(entry: EvidenceEntry) -> None:
    """Whose it was: the room is free for others now."""
    window = ReleaseWindow.objects.get(pk=key_of(entry.subject))
    owner = body_of(entry)["facts"]["booking"]["owner"]
    for user in User.objects.filter(pk=owner):
        _tell_news(entry, user, Kind.CAPACITY, window.code, window.name)


def _retrofit_wanted(entry: EvidenceEntry) -> None:
    """Whoever has to build again is told what an emergency has replaced below them."""
    finding = Finding.objects.select_related("rule", "owner").get(pk=key_of(entry.subject))
    if finding.rule.code != DownLevel.code or finding.owner is None:
        return
    if finding.packages.filter(kind=ReleasePackage.Kind.EMERGENCY).exists():
        _tell(entry, finding.owner, Kind.PACKAGE, "Retrofit after an emergency", finding.text)


def _waiver_asked(entry: EvidenceEntry) -> None:
    """Everybody who may sign it, each once for each slot."""
    waiver = _waiver(entry)
    for user, slot in waiver_signers(waiver):
        notify(
            recipient=user,
            kind=Kind.SIGNATURE,
            dedupe_key=f"asked:{slot.pk}:{user.pk}",
            subject_line=f"{waiver}: your signature is asked for",
            text=f"Waiver of {waiver}\nAsked for: {slot.label}.\n{waiver.reason}\n"
            f"{_told_by(entry)}",
            about=entry.subject,
            url=page_of(entry.subject),
        )


def _waiver_settled(entry: EvidenceEntry) -> None:
    """Whoever asked, and who answers for the package."""
    waiver = _waiver(entry)
    package = package_of(waiver)
    for user in {waiver.requested_by, package.owner, package.coordinator}:
        _tell_news(entry, user, Kind.READINESS, str(waiver), waiver.reason)


def _check_failed(entry: EvidenceEntry) -> None:
    """Who keeps the portal and who audits it, of a check that was not clean."""
    facts = body_of(entry)["facts"]
    if not facts["found"]:
        return
    check = EvidenceCheck.objects.get(pk=facts["run"])
    told = [f"{found['where']}: {found['text']}" for found in check.findings[:10]]
    line = f"{check.get_kind_display()}: {check.found} found"
    text = "\n".join([f"{line}.", *told, "Leave everything as it is until it was looked at."])
    for user in holders_of(["auditor", "site_admin"]):
        _tell(entry, user, Kind.ALERT, line, text, url=check_page(check.pk))


def _waiver(entry: EvidenceEntry) -> Waiver:
    return waivers_with_people().get(pk=key_of(entry.subject))


def _change(entry: EvidenceEntry) -> ChangeRequest:
    return changes_with_people().get(pk=key_of(entry.subject))


def _tell_news(entry: EvidenceEntry, user: User, kind: str, code: str, title: str) -> None:
    sentence = vocabulary()[entry.action].sentence
    _tell(entry, user, kind, f"{code}: {sentence}", f"{code} {title}\n{_told_by(entry)}")


def _tell(
    entry: EvidenceEntry, user: User, kind: str, subject_line: str, text: str, url: str = ""
) -> None:
    """Whoever did it knows."""
    if user.pk != entry.actor_id:
        notify(
            recipient=user,
            kind=kind,
            dedupe_key=f"entry:{entry.pk}:{user.pk}",
            subject_line=subject_line,
            text=f"{text}\n\n{entry.receipt.words}.",
            about=entry.subject,
            url=url or page_of(entry.subject),
        )


def _told_by(entry: EvidenceEntry) -> str:
    """What happened, who did it, when and why, in two lines at most."""
    body: Mapping[str, Any] = body_of(entry)
    sentence = vocabulary()[entry.action].sentence
    line = (
        f"{sentence}: {body['actor']['printed_name']}, "
        f"{wall_clock(entry.at, settings.INTERLOCK_ZONE)}."
    )
    why = body.get("voided_by") or body["comment"]
    return f"{line}\nWhy: {why}" if why else line


#: Action → what is told of it; the consumer's entry in the settings names the same actions.
NEWS: Mapping[str, Callable[[EvidenceEntry], None]] = {
    changes.SUBMITTED.code: _signatures_wanted,
    changes.SIGNED.code: _signatures_wanted,
    changes.PHONE_APPROVED.code: _signatures_wanted,
    changes.INVALIDATED.code: _content_changed,
    changes.NIGHT_MOVED.code: _night_moved,
    changes.APPROVED.code: _news_of_change,
    changes.REJECTED.code: _news_of_change,
    changes.RETURNED.code: _news_of_change,
    changes.DECISION_WITHDRAWN.code: _decision_taken_back,
    changes.PHONE_DENIED.code: _call_denied,
    approvals.OBLIGATION_SET.code: _condition,
    approvals.OBLIGATION_DOUBTED.code: _condition,
    approvals.OBLIGATION_WITHDRAWN.code: _condition,
    approvals.OBLIGATION_MET.code: _condition_met,
    changes.RATIFICATION_REFUSED.code: _news_of_change,
    releases.PACKAGE_REGRESSED.code: _news_of_package,
    releases.PACKAGE_DELAYED.code: _news_of_package,
    releases.PACKAGE_MOVED.code: _package_moved,
    windows.MOVED.code: _window_moved,
    windows.BATCH_REPORTED.code: _batch_reported,
    windows.RESERVATION_EXPIRED.code: _reservation_expired,
    CHECKED.code: _check_failed,
    gates.WAIVER_REQUESTED.code: _waiver_asked,
    gates.WAIVER_APPROVED.code: _waiver_settled,
    gates.WAIVER_REFUSED.code: _waiver_settled,
    gates.WAIVER_REVOKED.code: _waiver_settled,
    gates.WAIVER_EXPIRED.code: _waiver_settled,
    releases.FINDING_DETECTED.code: _retrofit_wanted,
    releases.FINDING_REOPENED.code: _retrofit_wanted,
}
