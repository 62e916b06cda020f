"""What every plan needs: C14 ways back, C15 checks of critical services, C16 people."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, CheckFacts, Facts, StepFacts
from apps.releases.domain.completeness.rule import capital, finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import (
    NOBODY,
    RELEASE_MANAGER,
    Detected,
    Fix,
    Severity,
    by_people,
)

RISKY = ("high", "critical")


class WayBack:
    code = "C14"
    title = "Way back of every altering step"
    condition = "A step alters production."
    requirement = "A backout step reverses it, or a change says that a part cannot be undone."
    severity: Severity = "hard"
    symptom = "There is no way back"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        reversed_labels = {step.reverses for step in facts.own if step.is_backout}
        approved = any(change.irreversible for change in facts.changes)
        altering = [
            step for step in facts.own
            if step.alters and not step.is_backout and step.label not in reversed_labels
        ]  # fmt: skip
        one_way = [step for step in altering if not step.irreversible]
        unapproved = [step for step in altering if step.irreversible and not approved]
        told = [
            *([f"no backout step reverses {_labels(one_way)}"] if one_way else []),
            *([f"no change says that {_labels(unapproved)} cannot be undone"]
              if unapproved else []),
        ]  # fmt: skip
        if told:
            undo = [
                NewStep(step.way_back or "MANUAL", f"Take {step.label} back: {step.title}",
                        reverses=step.label)
                for step in one_way
            ]  # fmt: skip
            label = f"Add {counted(len(undo), 'backout step')}"
            yield finding(
                self,
                facts,
                f"{capital(listed(told))}.",
                lacks=[f"backout of {step.label}" for step in altering],
                fixes=[
                    add_steps(label, facts, undo),
                    by_people(f"Mark the change of {_labels(unapproved)} as irreversible")
                    if unapproved
                    else None,
                ],
            )


class CheckedServices:
    code = "C15"
    title = "Check of every critical service"
    condition = "The risk is high, and the scope reaches critical business services."
    requirement = (
        "At least one validation check per service: it names the service, or waits for a step on "
        "something that supports it."
    )
    severity: Severity = "hard"
    symptom = "A green release and a red morning"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        if facts.activities is None or facts.risk_band not in RISKY:
            return
        reached = [facts.register.assets[key] for key in facts.critical_services]
        checks = [check for check in facts.checks if check.phase != "post_backout"]
        missing = [
            service
            for service in reached
            if not any(self._covers(facts, check, service) for check in checks)
        ]
        if missing:
            number = counted(len(missing), "check")
            yield finding(
                self,
                facts,
                f"No check looks at {named(missing)}, which the scope reaches.",
                missing=missing,
                fixes=[Fix("add_checks", f"Add {number}", tuple(_row(facts, s) for s in missing))],
            )

    def _covers(self, facts: Facts, check: CheckFacts, service: AssetFacts) -> bool:
        if service.name in check.words:
            return True
        support = [service, *facts.register.sources(service, "supports")]
        return any(
            step.works_on(asset)
            for step in facts.forward
            if step.label == check.step
            for asset in support
        )


def _row(facts: Facts, service: AssetFacts) -> dict[str, str]:
    return {
        "package": str(facts.package),
        "title": f"{service.name} works",
        "kind": "manual",
        "phase": "go_decision",
    }


class NamedPeople:
    code = "C16"
    title = "Owner and deputy of every step"
    condition = "A step has to be done by somebody."
    requirement = "A person and a deputy are named."
    severity: Severity = "soft"
    symptom = "Nobody answers at 02:00"
    waivable_by = RELEASE_MANAGER

    def find(self, facts: Facts) -> Iterator[Detected]:
        steps = [step for step in facts.own if not step.decides]
        ownerless = [step for step in steps if not step.owner]
        alone = [step for step in steps if step.owner and not step.deputy]
        told = [
            *([f"no owner: {_labels(ownerless)}"] if ownerless else []),
            *([f"no deputy: {_labels(alone)}"] if alone else []),
        ]
        if told:
            yield finding(
                self,
                facts,
                f"{counted(len(ownerless) + len(alone), 'step')} without people; "
                f"{'; '.join(told)}.",
                lacks=told,
                fixes=[by_people(f"Name people for {_labels([*ownerless, *alone])}")],
            )


def _labels(steps: list[StepFacts]) -> str:
    return listed(step.label for step in steps)
