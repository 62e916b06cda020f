"""Ask that the calendar lets a package pass."""

from __future__ import annotations

from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.inventory.models import Criticality
from apps.releases.models import ReleasePackage
from apps.releases.policies.package import ask_deviation_blockers
from apps.releases.policies.package_facts import spans_stopping, work_of
from apps.releases.services.package_content import lock_package
from apps.windows.models import CalendarRule
from apps.windows.models.deviation import REASON_SHORTEST
from apps.windows.services.deviations import enter_deviation


@door("package")
def ask_deviation(
    *,
    pk: UUID,
    actor: Actor,
    rule: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Ask for a deviation from the rule with the code `rule`; `comment` is the reason.

    The owners of its applications of tier 0 sign it too. The package itself stays as it is.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    blockers: list[Blocker] = [*ask_deviation_blockers(actor, package)]
    found = CalendarRule.objects.filter(code=rule).first()
    if found is None:
        blockers.append(bad_input("rule", "There is no such rule.", "Choose one of the list."))
    reason = tidy(comment)
    if len(reason) < REASON_SHORTEST:
        blockers.append(bad_input(
            "comment",
            "The reason is too short to decide on.",
            f"Tell in at least {REASON_SHORTEST} characters why it cannot wait, what may happen "
            "and what is done against that.",
        ))  # fmt: skip
    refuse_if_any(blockers)
    window = package.window
    enter_deviation(
        rule=found,
        window=window,
        about=package.subject,
        about_name=package.code,
        reason=reason,
        spans=spans_stopping(package, window) if window else (),
        actor=actor,
        tier0_applications={
            member.change.application.code
            for member in work_of(package).members
            if member.is_open and member.change.application.criticality == Criticality.TIER0
        },
    )
    return package
