"""What a rule of completeness or of conflict says: values that services keep as findings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

#: hard: resolved only when its rule is silent. soft: somebody has to look. info: worth knowing.
Severity = Literal["hard", "soft", "info"]
SEVERITIES: tuple[Severity, ...] = ("hard", "soft", "info")

#: Who may let a finding pass.
NOBODY, RELEASE_MANAGER = "nobody", "release manager"

FixKind = Literal["add_assets", "add_steps", "add_checks", "none"]


@dataclass(frozen=True, slots=True)
class Fix:
    """What one click adds.

    `rows` are plain JSON: for `add_assets` {"change", "asset", "action"} by id; for `add_steps`
    {"package", "label", "type", "title", "targets", "after", "before"} with asset ids and step
    labels, "label" the one by which later rows know it, and for a backout step "reverses"; for
    `add_checks` {"package", "title", "kind", "phase"}. "none": people have to do it themselves.
    """

    kind: FixKind
    label: str
    rows: tuple[Mapping[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """Under what it is asked for: 12 hex digits of its content, so that after another
        detection no other fix answers to the name."""
        told = json.dumps(self.as_dict(), sort_keys=True)
        return hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()[:12]

    @property
    def is_by_click(self) -> bool:
        return self.kind != "none"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "label": self.label, "rows": [dict(row) for row in self.rows]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Fix:
        return cls(told["kind"], told["label"], tuple(told["rows"]))


def by_people(label: str) -> Fix:
    return Fix("none", label)


@dataclass(frozen=True, slots=True)
class Detected:
    """One thing that a rule found.

    `about` are the keys of what it is between: "package:<id>", "change:<id>", and whatever else
    tells two findings of one rule apart. `assets` are all assets concerned, never only the first.
    The severity is the rule's own unless the finding knows better. `facts` is plain JSON.
    `is_crash`: the rule could not be asked about it, so that nobody knows what it would have found.
    """

    rule: str
    about: tuple[str, ...]
    text: str
    severity: Severity = "hard"
    assets: tuple[UUID, ...] = ()
    packages: tuple[UUID, ...] = ()
    changes: tuple[UUID, ...] = ()
    fixes: tuple[Fix, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_crash: bool = False

    @property
    def key(self) -> str:
        """Stable over detections: sha1 of the rule and what it is about, 40 hex digits."""
        told = "|".join((self.rule, *sorted(self.about)))
        return hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()


def crash(
    rule: str,
    about: tuple[str, ...],
    text: str,
    packages: tuple[UUID, ...] = (),
    changes: tuple[UUID, ...] = (),
) -> Detected:
    """A rule that cannot be asked is a hard finding: it must not let a package pass."""
    return Detected(
        rule=rule,
        about=about,
        text=text,
        packages=packages,
        changes=changes,
        fixes=(by_people("Have the fault found in the log and mended"),),
        is_crash=True,
    )


def is_worse(severity: Severity, than: Severity) -> bool:
    return SEVERITIES.index(severity) < SEVERITIES.index(than)


def names_more(facts: Mapping[str, Any], than: Mapping[str, Any]) -> bool:
    """Whether a finding lists steps, or what is missing, that it did not list before."""
    return any(not {*facts.get(name, ())} <= {*than.get(name, ())} for name in ("missing", "steps"))
