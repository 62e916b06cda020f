"""Close a package with the outcome that its state tells."""

from __future__ import annotations

from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.services.package.blockers import close_blockers
from apps.releases.services.package.recording import Outcome, record_package
from apps.releases.services.package_content import lock_package

OUTCOME_OF_STATE = {
    life.COMPLETED: Outcome.COMPLETED,
    life.PARTIALLY: Outcome.PARTIALLY,
    life.FAILED: Outcome.FAILED,
    life.BACKED_OUT: Outcome.BACKED_OUT,
}


@door("package")
def close(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """End it with the outcome that its state tells; `comment` holds the lessons."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*close_blockers(actor, package), *rules.lessons_blockers(package, comment)])
    package.outcome = OUTCOME_OF_STATE[package.state]
    package.lessons = tidy(comment)
    package.ended_at = package.ended_at or clock.now()
    if package.state == life.FAILED:
        package.members.filter(is_open=True).update(outcome="failed")
    package.members.filter(is_open=True).update(is_open=False)
    package.close()
    return record_package(package, actor, events.PACKAGE_CLOSED, comment)
