"""The approval-relevant content of a change: its fingerprint, and what differs between two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

#: Fields whose change asks the approvers again, with the words a person reads.
MATERIAL_FIELDS: dict[str, str] = {
    "title": "title",
    "change_type": "type",
    "application": "application",
    "reason": "reason",
    "declared_risk": "declared risk",
    "impact": "impact",
    "downtime_minutes": "downtime",
    "irreversible": "irreversible parts",
    "implementation_summary": "implementation",
    "backout_summary": "backout",
    "validation_summary": "validation",
    "incident_ref": "incident",
}
#: The same of fields that a change need not have: without a value they are no content.
OPTIONAL_FIELDS: dict[str, str] = {
    "earliest_on": "earliest day",
    "impact_words": "impact on the service in words",
    "security_impact": "impact on security",
    "security_words": "impact on security in words",
    "data_impact": "impact on data",
    "data_words": "impact on data in words",
    "continuity": "operating documents",
    "continuity_words": "operating documents in words",
}
FIELDS_IN_WORDS = MATERIAL_FIELDS | OPTIONAL_FIELDS


@dataclass(frozen=True, slots=True, order=True)
class ScopeLine:
    """One asset of the scope: what happens to it, from which version to which."""

    asset: str
    action: str
    from_version: str = ""
    to_version: str = ""
    scm_ref: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionGroup:
    """One thing that execution is about to do for a change, and that signatures rest on.

    Nobody here understands `digest`, the sha256 of all that matters of it; `what` and `words` are
    for people and may change freely. `slack` says how much it lets pass, such as the highest
    return code: of two that are alike otherwise, one without a higher number is no weaker.
    """

    what: str
    words: str
    digest: str
    slack: tuple[Decimal, ...] = ()

    def as_content(self) -> dict[str, Any]:
        """As plain JSON, as it is kept with the change."""
        return {"what": self.what, "words": self.words, "digest": self.digest,
                "slack": [str(each) for each in self.slack]}  # fmt: skip


def execution_digest(group: Mapping[str, Any]) -> str:
    """The sha256 of what counts of an execution group; its words do not."""
    return fingerprint({"digest": group["digest"], "slack": group["slack"]})


def execution_digests(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: execution_digest(group) for name, group in groups.items()}


def material(fields: Mapping[str, Any], scope: Iterable[ScopeLine]) -> dict[str, Any]:
    """The content that a signature covers: plain JSON, order-free."""
    return {
        **{name: fields[name] for name in MATERIAL_FIELDS},
        **{name: fields[name] for name in OPTIONAL_FIELDS if fields.get(name)},
        "scope": [asdict(line) for line in sorted(scope)],
    }


def fingerprint(content: Mapping[str, Any]) -> str:
    """sha256 of the canonical JSON of `material`, 64 hex digits."""
    encoded = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(encoded.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """One point in which two contents differ, in words; as a text it is short."""

    what: str
    old: str
    new: str

    def __str__(self) -> str:
        old, new = _short(self.old), _short(self.new)
        if not old:
            return f"{self.what}: added {new}"
        if not new:
            return f"{self.what}: removed {old}"
        return f"{self.what}: {old} → {new}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What changed between two contents, in the order of the page."""
    found = [
        Difference(words, _word(old.get(name)), _word(new.get(name)))
        for name, words in FIELDS_IN_WORDS.items()
        if old.get(name) != new.get(name)
    ]
    before = {(line["asset"], line["action"]): line for line in old.get("scope", ())}
    after = {(line["asset"], line["action"]): line for line in new.get("scope", ())}
    found += [
        Difference(f"scope {key[0]}", _line(before.get(key)), _line(after.get(key)))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    return [*found, *_execution_differences(old.get("execution", {}), new.get("execution", {}))]


def _execution_differences(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    """In the words that execution handed in."""
    was, now = execution_digests(old), execution_digests(new)
    for name in sorted(old.keys() | new.keys()):
        if was.get(name) != now.get(name):
            before, after = old.get(name), new.get(name)
            what = (after or before or {})["what"]
            yield Difference(
                what, before["words"] if before else "", after["words"] if after else ""
            )


def in_one_sentence(found: Iterable[Difference], longest: int = 280) -> str:
    text = "; ".join(str(difference) for difference in found)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def _line(line: Mapping[str, str] | None) -> str:
    if line is None:
        return ""
    versions = "→".join(v for v in (line["from_version"], line["to_version"]) if v)
    return " ".join(part for part in (line["action"], versions, line["scm_ref"]) if part)
