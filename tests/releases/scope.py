"""Small scopes and plans as plain facts, for rules to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from apps.releases.domain.completeness import RULES
from apps.releases.domain.completeness.facts import (
    AssetFacts,
    ChangeFacts,
    Facts,
    Register,
    RelationFacts,
    ScopeLine,
    StepFacts,
    words_in,
)
from apps.releases.domain.completeness.rule import Rule
from apps.releases.domain.findings import Detected

PACKAGE, CHANGE = UUID(int=1), UUID(int=2)
FAMILIES = {
    "program": ("program_batch", "program_cics", "program_ims", "subprogram", "load_module"),
    "source": ("copybook", "include", "dclgen", "macro"),
    "jcl": ("job", "proc"),
    "data": ("dataset", "gdg", "vsam"),
    "exchange": ("interface", "report", "api"),
}

Edge = tuple[AssetFacts, str, AssetFacts] | tuple[AssetFacts, str, AssetFacts, dict[str, Any]]


def asset(name: str, kind: str = "program_batch", **more: Any) -> AssetFacts:
    """The same name is the same asset."""
    family = next((code for code, kinds in FAMILIES.items() if kind in kinds), "")
    return AssetFacts(uuid5(PACKAGE, f"{kind}:{name}"), name, kind, family, **more)


def line(what: AssetFacts, action: str = "change") -> ScopeLine:
    return ScopeLine(what, action, CHANGE)


def step(label: str, kind: str, *targets: AssetFacts, says: str = "", **more: Any) -> StepFacts:
    """A step with people; `says` is its title and its instruction."""
    return StepFacts(
        label, kind, title=says, words=words_in(says),
        targets=frozenset(target.id for target in targets),
        **{"owner": "Oscar", "deputy": "Stan", **more},
    )  # fmt: skip


def facts(
    *scope: AssetFacts | ScopeLine,
    edges: Sequence[Edge] = (),
    steps: Sequence[StepFacts] | None = (),
    change: ChangeFacts | None = None,
    know: Sequence[AssetFacts] = (),
    **more: Any,
) -> Facts:
    """A package with one change and this scope; without a package when `steps` is None."""
    lines = tuple(each if isinstance(each, ScopeLine) else line(each) for each in scope)
    relations = []
    for source, kind, target, *rest in edges:
        told: dict[str, Any] = rest[0] if rest else {}
        key = str(told.get("key", ""))
        relations.append(RelationFacts(source.id, kind, target.id, key, told))
    ends = [end for edge in edges for end in (edge[0], edge[2])]
    return Facts(
        package=None if steps is None else PACKAGE,
        changes=(change or ChangeFacts(CHANGE, "CHG1001"),),
        scope=lines,
        register=Register.of([*(each.asset for each in lines), *ends, *know], relations),
        activities=None if steps is None else tuple(steps),
        **more,
    )


def ask(code: str, about: Facts) -> list[Detected]:
    return list(the_rule(code).find(about))


def the_rule(code: str) -> Rule:
    return next(rule for rule in RULES if rule.code == code)


def only(code: str, about: Facts) -> Detected:
    """The one finding of the rule."""
    (found,) = ask(code, about)
    return found


def fix_labels(found: Detected) -> list[str]:
    return [fix.label for fix in found.fixes]


def missing(found: Detected) -> list[str]:
    """Everything that the finding says is missing."""
    told: list[str] = found.facts["missing"]
    return told
