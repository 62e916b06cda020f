"""The approval seal: what differs from the content asked about decides whose signature is void.

Content falls into groups, each with a digest. `ROWS` is the table: what can differ in a group and
who answers for it. A slot stands while the groups it answers for are the ones it was asked about.

Execution hands in groups of its own, whose digests tell nothing. So that what got worse can be
seen all the same, everything that may only come or only go is a group of its own: one for each
type of step, each irreversible step, each mandatory check. `HANDED_IN` says which row of the
table applies when one comes, goes or becomes another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from apps.approvals.domain.slots import SlotSpec
from apps.changes.domain.content import execution_digests, fingerprint
from apps.changes.domain.impact import has_risen
from apps.changes.domain.policy import LEAD_OF_FAMILY, SEAT
from apps.changes.domain.risk import BANDS

Signer = Literal["owner", "lead", "board", "chair", "release_manager", "everyone"]
Way = Literal["added", "removed", "changed"]

#: Fields of each group. The scope is a group for each family of assets: "scope:db2".
GROUPS: dict[str, tuple[str, ...]] = {
    "identity": ("change_type", "application", "incident_ref"),
    "fallback": ("backout_summary", "irreversible", "downtime_minutes", "impact"),
    "validation": ("validation_summary",),
    "context": ("title", "reason", "declared_risk", "implementation_summary"),
}
#: Groups of fields that a change need not have. One without a value has no part in them, so that
#: nobody answers for it.
OPTIONAL_GROUPS: dict[str, tuple[str, ...]] = {
    "window": ("earliest_on",),
    "fallback": ("security_impact", "data_impact", "continuity"),
    "context": ("impact_words", "security_words", "data_words", "continuity_words"),
}
#: From this band on the board is asked again where its row names it.
BOARD_FROM = "high"

#: As what the holder of a role answers. A slot of any other role answers for everything.
SIGNER_OF_ROLE: dict[str, Signer] = {
    "application_owner": "owner",
    "service_owner": "owner",
    "technical_lead": "lead",
    "cab_member": "board",
    "cab_chair": "board",
    "release_manager": "release_manager",
}


#: The chair answers alone for a slot that nobody else may sign; elsewhere as one of the board.
CHAIR = "cab_chair"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what differs, in which group, and who is asked again; without
    anybody, people are told and no signature is void."""

    code: str
    what: str
    group: str
    asks: frozenset[Signer]


ROWS: tuple[Row, ...] = (
    Row("another_change", "another type, application or incident", "identity",
        frozenset({"everyone"})),
    Row("scope_extended", "an asset added, or another action or version family", "scope",
        frozenset({"lead", "owner", "board"})),
    Row("rebuilt", "rebuilt in the same version family", "scope", frozenset({"lead"})),
    Row("scope_reduced", "an asset removed", "scope", frozenset({"owner"})),
    Row("fallback_worse", "another backout, or more irreversible parts, downtime or impact",
        "fallback", frozenset({"owner", "release_manager", "board"})),
    Row("validation_weaker", "another or a weaker validation", "validation",
        frozenset({"owner"})),
    Row("steps_extended", "a step of another type that alters production", "steps",
        frozenset({"lead"})),
    Row("window_harder", "another class of window, a night near a month's end or a freeze, or an "
        "earlier day", "window", frozenset({"chair"})),
    Row("night_moved", "another night of the same class, or a later day", "window", frozenset()),
)  # fmt: skip
ROW = {row.code: row for row in ROWS}
#: The band rose. Nobody is asked twice for that; whoever only the higher band needs is asked.
RISK_RAISED = "risk_raised"
#: Rows after which somebody is asked again.
ROW_CODES = (*(row.code for row in ROWS if row.asks), RISK_RAISED)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The `row` that applies when a group whose name begins with `kind` differs in one of `ways`.

    The first hand-in adds freely what nobody was asked about; not so what contradicts something
    that was there when people signed.
    """

    kind: str
    ways: frozenset[Way]
    row: str
    free_at_first: bool = True


#: A kind begins with the group of the table that it belongs to. What is in no line is logged only.
HANDED_IN: tuple[HandedIn, ...] = (
    HandedIn("fallback:strategy", frozenset({"changed", "removed"}), "fallback_worse"),
    HandedIn("fallback:irreversible:", frozenset({"added"}), "fallback_worse"),
    HandedIn("validation:", frozenset({"changed", "removed"}), "validation_weaker"),
    HandedIn("steps:", frozenset({"added"}), "steps_extended"),
    HandedIn("window:class", frozenset({"changed"}), "window_harder"),
    HandedIn("window:month_end", frozenset({"added"}), "window_harder"),
    HandedIn("window:shoulder", frozenset({"added"}), "window_harder"),
    HandedIn("window:too_early", frozenset({"added", "changed"}), "window_harder",
             free_at_first=False),
    HandedIn("window:night", frozenset({"changed"}), "night_moved"),
)  # fmt: skip


def group_digests(content: Mapping[str, Any]) -> dict[str, str]:
    """The sha256 of each group of a change's content, by group."""
    groups: dict[str, Any] = {
        group: {name: content.get(name) for name in names} for group, names in GROUPS.items()
    }
    for line in content.get("scope", ()):
        groups.setdefault(f"scope:{line['family']}", {"lines": []})["lines"].append(line)
    for group, names in OPTIONAL_GROUPS.items():
        if told := {name: content[name] for name in names if content.get(name)}:
            groups[group] = groups.get(group, {}) | told
    own = {group: fingerprint(part) for group, part in groups.items()}
    return own | execution_digests(content.get("execution", {}))


def version_family(version: str) -> str:
    """What stands before the level: "01" of "01.16". A version without levels is its own family."""
    family, dot, _level = version.rpartition(".")
    return family if dot else version


@dataclass(frozen=True, slots=True)
class Point:
    """A row of the table that applies, and the families of assets that it concerns."""

    row: Row
    families: frozenset[str] = frozenset()


def points(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Point, ...]:
    """The rows that apply between two contents, in the order of the table."""
    families: dict[str, set[str]] = {}
    for code, family in _scope_points(old, new):
        families.setdefault(code, set()).add(family)
    applying = {
        *families,
        *_field_points(old, new),
        *handed_in_rows(old.get("execution", {}), new.get("execution", {})),
    }
    # A new type of step concerns every lead: a digest tells no family.
    families["steps_extended"] = set(LEAD_OF_FAMILY)
    return tuple(
        Point(row, frozenset(families.get(row.code, ()))) for row in ROWS if row.code in applying
    )


def _field_points(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if any(old.get(name) != new.get(name) for name in GROUPS["identity"]):
        yield "another_change"
    if (
        old.get("backout_summary") != new.get("backout_summary")
        or _worse(old, new, "irreversible", int)
        or _worse(old, new, "downtime_minutes", int)
        or has_risen(old, new)
    ):
        yield "fallback_worse"
    yield from _day_points(str(old.get("earliest_on") or ""), str(new.get("earliest_on") or ""))
    if not _is_extended(str(old.get("validation_summary")), str(new.get("validation_summary"))):
        yield "validation_weaker"


def _day_points(old: str, new: str) -> Iterator[str]:
    """Days as ISO 8601 writes them, empty for any day: the earliest of all."""
    if new < old:
        yield "window_harder"
    elif new > old:
        yield "night_moved"


def _is_extended(old: str, new: str) -> bool:
    """What was promised is not weaker for what follows it; behind other words it may be."""
    return new.startswith(old.rstrip())


def handed_in_rows(was: Mapping[str, Any], now: Mapping[str, Any]) -> frozenset[str]:
    """Codes of the rows that apply between two hand-ins; `was` is empty before the first."""
    ways = {name: _way(was.get(name), now.get(name)) for name in was.keys() | now.keys()}
    return frozenset(
        line.row
        for name, way in ways.items()
        for line in HANDED_IN
        if name.startswith(line.kind) and way in line.ways and (was or not line.free_at_first)
    )


def _way(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Way | None:
    """None when it is the same, or differs in nothing but being stricter."""
    if was is None or now is None:
        return "added" if was is None else "removed"
    alike = was["digest"] == now["digest"] and len(was["slack"]) == len(now["slack"])
    if alike and all(
        Decimal(after) <= Decimal(before)
        for before, after in zip(was["slack"], now["slack"], strict=True)
    ):
        return None
    return "changed"


def _worse(old: Mapping[str, Any], new: Mapping[str, Any], name: str, weight: Any) -> bool:
    return bool(weight(new[name]) > weight(old[name]))


def _scope_points(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(row, family) for every line that differs. Another action is another line."""
    before = {(line["asset"], line["action"]): line for line in old["scope"]}
    after = {(line["asset"], line["action"]): line for line in new["scope"]}
    for key in before.keys() - after.keys():
        yield "scope_reduced", before[key]["family"]
    for key, line in after.items():
        was = before.get(key)
        if was is None or version_family(was["to_version"]) != version_family(line["to_version"]):
            yield "scope_extended", line["family"]
        elif was != line:
            yield "rebuilt", line["family"]


def concerned(
    slots: Iterable[SlotSpec], signers: frozenset[Signer], families: frozenset[str], band: str
) -> frozenset[str]:
    """Codes of the slots that answer for something that `signers` answer for.

    A lead answers for the families of the discipline, the board from high risk on, its chair
    alone where nobody else may sign, a seat for what its board does. For what nobody answers for,
    no slot is concerned.
    """
    if not signers:
        return frozenset()
    board = BANDS.index(band) >= BANDS.index(BOARD_FROM)
    disciplines = {LEAD_OF_FAMILY[family] for family in families & LEAD_OF_FAMILY.keys()}

    def answers(spec: SlotSpec) -> bool:
        if "chair" in signers and all(held.role == CHAIR for held in spec.eligible):
            return True
        for held in spec.eligible:
            kind = SIGNER_OF_ROLE.get(held.role, "everyone")
            if "everyone" in (*signers, kind):
                return True
            touched = not held.scope or held.scope.partition(":")[2] in disciplines
            if kind in signers and (kind != "board" or board) and (kind != "lead" or touched):
                return True
        return False

    slots = tuple(slots)
    plain = frozenset(spec.code for spec in slots if SEAT not in spec.code and answers(spec))
    return plain | {spec.code for spec in slots if spec.code.partition(SEAT)[0] in plain}


def _asked_again(slots: Sequence[SlotSpec], point: Point, band: str) -> frozenset[str]:
    """The slots that a point re-opens: a difference that matters always has somebody to ask."""
    if not point.row.asks:
        return frozenset()
    asks: tuple[frozenset[Signer], ...] = (
        point.row.asks,
        frozenset({"owner"}),
        frozenset({"everyone"}),
    )
    found = (concerned(slots, signers, point.families, band) for signers in asks)
    return next((codes for codes in found if codes), frozenset())


@dataclass(frozen=True, slots=True)
class Reopening:
    """What an edit means for the signatures. `rows` that apply; `void` are codes of live slots
    that no longer count, `ask` what is asked now, `kept` the codes of those that stay."""

    rows: tuple[str, ...] = ()
    void: frozenset[str] = frozenset()
    ask: tuple[SlotSpec, ...] = ()
    kept: frozenset[str] = field(default=frozenset())


def rows_between(
    old: Mapping[str, Any], new: Mapping[str, Any], old_band: str, band: str
) -> tuple[str, ...]:
    """Codes of the rows that apply, the rise of the band among them."""
    rose = BANDS.index(band) > BANDS.index(old_band)
    return (*(p.row.code for p in points(old, new)), *((RISK_RAISED,) if rose else ()))


def reopening(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    rows: tuple[str, ...],
    band: str,
    live: Sequence[SlotSpec],
    wanted: Sequence[SlotSpec],
    possible: Sequence[SlotSpec],
) -> Reopening:
    """Which live slots an edit voids and what it asks.

    `rows`: of `rows_between`. `wanted`: what the policy asks of the new content; `possible`: the
    same if every row applied, so that a question asked by an earlier edit is not forgotten.
    A slot that is not concerned stays as it was asked, whatever the policy says today, unless
    that wants more people in it: the highest requirement wins. Where the policy asks for nothing
    more, what is void is asked again as it was: no edit takes the last question away.
    """
    codes = frozenset(spec.code for spec in live)
    if not set(rows) & set(ROW_CODES):
        return Reopening(rows=rows, kept=codes)
    both = (*live, *(spec for spec in wanted if spec.code not in codes))
    void = frozenset[str]().union(*(_asked_again(both, p, band) for p in points(old, new))) & codes
    asked = {spec.code: spec.quorum for spec in wanted}
    void |= {spec.code for spec in live if asked.get(spec.code, 0) > spec.quorum}
    asks = {spec.code: spec for spec in possible if spec.code in void}
    asks |= {s.code: s for s in wanted if s.code in void or s.code not in codes}
    asks = asks or {spec.code: spec for spec in live if spec.code in void}
    return Reopening(
        rows=rows,
        void=void,
        ask=tuple(sorted(asks.values(), key=lambda spec: spec.order)),
        kept=codes - void,
    )


def differing(sealed: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Groups whose digests differ, or that only one of the two has."""
    return tuple(sorted(g for g in sealed.keys() | now.keys() if sealed.get(g) != now.get(g)))


def answering(slots: Sequence[SlotSpec], groups: Iterable[str], band: str) -> frozenset[str]:
    """Codes of the slots that answer for one of these groups."""
    found: frozenset[str] = frozenset()
    for group in groups:
        kind, _, family = group.partition(":")
        signers = frozenset[Signer]().union(*(row.asks for row in ROWS if row.group == kind))
        families = frozenset({family}) if kind == "scope" else frozenset(LEAD_OF_FAMILY)
        found |= concerned(slots, signers, families, band)
    return found
