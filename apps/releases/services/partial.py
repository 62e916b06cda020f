"""Complete a package in part: one person proposes which changes stay, a second one confirms."""

from __future__ import annotations

from uuid import UUID

from apps.approvals.services.countersigns import confirm, propose
from apps.changes.services import execution
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.releases import events
from apps.releases.models import ReleasePackage
from apps.releases.policies import partial as rules
from apps.releases.policies.go_no_go import digest_of
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.delivered_part import part_blockers
from apps.releases.services.go_no_go import Line, keep_decision
from apps.releases.services.package import Outcome, deliver, record_package, tell_changes
from apps.releases.services.package_content import lock_package


@door("package")
def propose_partial(
    *,
    pk: UUID,
    actor: Actor,
    delivered: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Propose to complete with the changes whose codes `delivered` names; a second person with
    the other role confirms it within 30 minutes."""
    package = lock_package(pk, expected_seq=expected_seq)
    known = {m.change.code: m.change_id for m in work_of(package).members if m.is_open}
    named = [code for code in delivered.replace(",", " ").split() if code]
    chosen = [known[code] for code in named if code in known]
    refuse_if_any([*step_up_blockers(actor),
        *rules.propose_partial_blockers(actor, package),
        *reason_blockers(comment),
        *(
            bad_input("delivered", f"{code} is not in {package.code}.", "Name its own changes.")
            for code in named
            if code not in known
        ),
        *rules.delivered_blockers(package, chosen),
        *(part_blockers(package, chosen) if chosen else ()),
    ])  # fmt: skip
    values = {"delivered": sorted(str(key) for key in chosen), "role": rules.role_in(actor)}
    propose(
        about=package.subject, purpose=rules.IN_PART, values=values, actor=actor,
        because=f"{package.code} is delivered in part.", reason=tidy(comment),
        content_digest=digest_of([package], values),
    )  # fmt: skip
    return package


@door("package")
def complete_partially(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Confirm what was proposed, or complete as it was decided: delivered changes are implemented,
    the others approved again."""
    package = lock_package(pk, expected_seq=expected_seq)
    delivered = rules.delivered_of(package)
    refuse_if_any([*step_up_blockers(actor),
        *rules.complete_partially_blockers(actor, package), *text_blockers("comment", comment),
        *(part_blockers(package, delivered) if delivered else ()),
    ])  # fmt: skip
    work = work_of(package)
    left = [key for key in work.open_changes if key not in delivered]
    codes = tuple(m.change.code for m in work.members if m.change_id in delivered)
    _sign(package, actor, codes, comment)
    deliver(package, actor, delivered, comment)
    tell_changes(execution.return_to_approved, package, actor, left, "implementing", comment)
    package.members.filter(change__in=left).update(outcome="not_delivered", is_open=False)
    package.outcome = Outcome.PARTIALLY
    package.complete_partially()
    return record_package(package, actor, events.PACKAGE_PARTIALLY_COMPLETED, comment)


def _sign(package: ReleasePackage, actor: Actor, codes: tuple[str, ...], comment: str) -> None:
    """What one person proposed and the other confirms now is the decision."""
    found = rules.part_proposed(package)
    if found is None:
        return
    signed = confirm(found, actor=actor, comment=tidy(comment))
    package.go_decision, package.go_reason = ReleasePackage.Decision.PARTIAL, signed.reason
    package.go_by_id, package.go_at = signed.proposed_by_id, clock.now()
    keep_decision(
        window=package.window,
        lines=[Line(package, package.go_decision, package.go_reason, codes)],
        actor=actor,
        decided_by=signed.proposed_by_id,
        confirmed_by=actor.user_id,
        two_persons=signed.because,
        comment=comment,
    )


def told(done: ReleasePackage) -> tuple[str, ...]:
    """In which words a page says that it waits for somebody."""
    return ("The other of release manager and application owner confirms it within 30 minutes.",)
