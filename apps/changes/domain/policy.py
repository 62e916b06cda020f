"""Approval policy: rules as values, and the slots that they ask of one change.

A rule is a set of conditions and one slot. Of the rules that ask for the same slot the highest
requirement wins; the slot names every rule that asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any

from apps.approvals.domain.slots import SIGNERS_OF, SlotSpec
from apps.changes.domain.risk import BANDS
from apps.core.actor import RoleHeld

#: The discipline whose technical lead answers for a family of assets; others need none.
LEAD_OF_FAMILY = {
    "db2": "db2",
    "ims": "db2",
    "cics": "cics",
    "mq": "cics",
    "data": "storage",
    "jcl": "scheduling",
    "scheduler": "scheduling",
    "exchange": "scheduling",
    "platform": "security",
}
#: Families whose assets no technical lead answers for.
WITHOUT_LEAD = ("program", "source", "service")

CHANGE_TYPES = ("standard", "normal", "emergency")
TIERS = ("tier0", "tier1", "tier2", "tier3")
#: Rules of regulators that an application may fall under.
REGULATIONS = ("pci", "sox", "dora")
#: Parts in a change that a rule may keep from signing. Requester and author never sign.
EXCLUDABLE = ("owner",)
#: Roles that approve nothing, whatever a policy says.
NEVER_SIGN = frozenset({"auditor", "viewer", "integration", "site_admin", "release_coordinator"})
#: What stands between a slot and the seat that it must hear.
SEAT = "+"
SLOT_CODE_MAX, LABEL_MAX, BECAUSE_MAX = 40, 80, 200


@dataclass(frozen=True, slots=True)
class Rule:
    """When all conditions hold, ask for one slot. An empty condition always holds.

    `eligible` and `seats` hold "role" or "role@scope". `{application}` stands for the code of the
    application, `{discipline}` for a discipline that the scope touches: a rule whose slot names it
    asks once for each. `after` holds rows of the seal's table: the rule then asks only when one
    of them re-opened the question. A seat is a slot of its own beside the quorum, so that no
    number of other signatures replaces it. `excludes` holds parts in the change, and as
    "slot:board" another slot: nobody then signs both.
    """

    code: str
    reason: str
    slot: str
    label: str
    eligible: tuple[str, ...]
    quorum: int = 1
    order: int = 1
    sla_hours: int = 72
    seats: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    change_types: tuple[str, ...] = ()
    risk_from: str = ""
    families: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    in_freeze: bool = False
    after: tuple[str, ...] = ()
    regulations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """What the policy is asked about. `environments`: where the assets of the scope run now;
    `regulations`: those that the application, or one whose assets it touches, falls under;
    `changed`: rows of the seal's table that re-opened the question, none when it is new."""

    change_type: str
    risk_band: str
    application: str
    families: frozenset[str]
    tier: str = "tier3"
    environments: frozenset[str] = frozenset()
    in_freeze: bool = False
    changed: frozenset[str] = frozenset()
    regulations: frozenset[str] = frozenset()


def plain_rules(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rules as plain JSON, in the order of their codes."""
    return [
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(rule).items()
        }
        for rule in sorted(rules, key=lambda rule: rule.code)
    ]


def rules_of(plain: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The other way round; conditions that a version does not know yet are empty in it."""
    names = [field.name for field in fields(Rule)]

    def values(row: Mapping[str, Any]) -> dict[str, Any]:
        return {n: tuple(row[n]) if isinstance(row[n], list) else row[n] for n in names if n in row}

    return tuple(Rule(**values(row)) for row in plain)


def applies(rule: Rule, facts: PolicyInput) -> bool:
    """Whether every condition of the rule holds."""
    return (
        (not rule.change_types or facts.change_type in rule.change_types)
        and (not rule.risk_from or BANDS.index(facts.risk_band) >= BANDS.index(rule.risk_from))
        and (not rule.families or bool(facts.families & set(rule.families)))
        and (not rule.tiers or facts.tier in rule.tiers)
        and (not rule.environments or bool(facts.environments & set(rule.environments)))
        and (not rule.in_freeze or facts.in_freeze)
        and (not rule.regulations or bool(facts.regulations & set(rule.regulations)))
        and (not rule.after or bool(facts.changed & set(rule.after)))
    )


def slots_for(rules: Iterable[Rule], facts: PolicyInput) -> tuple[SlotSpec, ...]:
    """The slots that the rules ask of a change, in the order in which they are signed.

    For each slot the largest quorum, the shortest time to answer, the earliest turn, and the
    union of seats and exclusions.
    """
    merged: dict[str, SlotSpec] = {}
    for rule in sorted(rules, key=lambda rule: rule.code):
        if applies(rule, facts):
            for spec in _asked_by(rule, facts):
                known = merged.get(spec.code)
                merged[spec.code] = spec if known is None else _higher(known, spec)
    return tuple(sorted(merged.values(), key=lambda spec: spec.order))


def _asked_by(rule: Rule, facts: PolicyInput) -> Iterator[SlotSpec]:
    for words in _words(rule, facts):
        spec = SlotSpec(
            code=_filled(rule.slot, words),
            label=_filled(rule.label, words)[:LABEL_MAX],
            eligible=tuple(_role(text, words) for text in rule.eligible),
            quorum=rule.quorum,
            because=f"{rule.code}: {_filled(rule.reason, words)}"[:BECAUSE_MAX],
            order=rule.order,
            sla_hours=rule.sla_hours,
            excludes=tuple(sorted(rule.excludes)),
            rules=(rule.code,),
        )
        yield spec
        for text in rule.seats:
            seat = _role(text, words)
            name = _seat_name(seat)
            yield SlotSpec(
                code=f"{spec.code}{SEAT}{name}",
                label=f"{spec.label}: seat of {name.replace('_', ' ')}"[:LABEL_MAX],
                eligible=(seat,),
                quorum=1,
                because=f"{rule.code}: no other signature takes this seat.",
                order=rule.order,
                sla_hours=rule.sla_hours,
                excludes=spec.excludes,
                rules=(rule.code,),
            )


def _seat_name(seat: RoleHeld) -> str:
    return seat.scope.partition(":")[2] or seat.role


def _words(rule: Rule, facts: PolicyInput) -> Iterator[dict[str, str]]:
    """What the placeholders of one rule stand for, once for each slot that it asks for."""
    touched = facts.families & set(rule.families) if rule.families else facts.families
    if "{discipline}" not in rule.slot:
        yield {"application": facts.application, "families": ", ".join(sorted(touched))}
        return
    for discipline in sorted({LEAD_OF_FAMILY[f] for f in touched & LEAD_OF_FAMILY.keys()}):
        families = sorted(f for f in touched if LEAD_OF_FAMILY.get(f) == discipline)
        yield {
            "application": facts.application,
            "discipline": discipline,
            "families": ", ".join(families),
        }


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Placeholders by plain replacement: a policy holds words, never expressions."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _role(text: str, words: Mapping[str, str]) -> RoleHeld:
    role, _, scope = _filled(text, words).partition("@")
    return RoleHeld(role, scope)


def _higher(one: SlotSpec, other: SlotSpec) -> SlotSpec:
    because = one.because if other.because in one.because else f"{one.because} {other.because}"
    return SlotSpec(
        code=one.code,
        label=one.label,
        eligible=one.eligible,
        quorum=max(one.quorum, other.quorum),
        because=because[:BECAUSE_MAX],
        order=min(one.order, other.order),
        sla_hours=min(one.sla_hours, other.sla_hours),
        excludes=tuple(sorted({*one.excludes, *other.excludes})),
        rules=tuple(dict.fromkeys((*one.rules, *other.rules))),
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a policy: in which rule ("" for the whole), and how it is mended."""

    rule: str
    text: str
    fix: str


def problems(rules: Sequence[Rule], roles: frozenset[str]) -> Iterator[Problem]:
    """Everything that is wrong with the rules themselves. `roles`: the codes that there are."""
    seen: dict[str, Rule] = {}
    apart = [*EXCLUDABLE, *(f"{SIGNERS_OF}{stem}" for stem in sorted({stem_of(r) for r in rules}))]
    for rule in rules:
        for text in rule.excludes:
            if text not in apart:
                yield Problem(
                    rule.code,
                    f"It excludes “{text[:60]}”, which is neither a part in the change nor a slot.",
                    f"Choose of {', '.join(apart)}.",
                )
        if sum(other.code == rule.code for other in rules) > 1:
            yield Problem(rule.code, "Two rules have this code.", "Give each rule its own.")
        yield from _own_problems(rule, roles)
        first = seen.setdefault(rule.slot, rule)
        if (first.eligible, first.label) != (rule.eligible, rule.label):
            yield Problem(
                rule.code,
                f"It asks for “{rule.slot}” under another label or of other people than "
                f"{first.code} does.",
                "Use the same label and roles, or another slot.",
            )
    yield from _gaps(rules)


def stem_of(rule: Rule) -> str:
    """The slot of the rule, for each discipline the same."""
    return rule.slot.removesuffix(":{discipline}")


def _own_problems(rule: Rule, roles: frozenset[str]) -> Iterator[Problem]:
    if not rule.eligible:
        yield Problem(rule.code, "Nobody may sign its slot.", "Name the roles that sign.")
    for text in (*rule.eligible, *rule.seats):
        role = text.partition("@")[0]
        if role not in roles:
            yield Problem(
                rule.code, f"There is no role “{role}”.", f"Choose of {', '.join(sorted(roles))}."
            )
        elif role in NEVER_SIGN:
            yield Problem(rule.code, f"The {role.replace('_', ' ')} never approves.",
                          "Name another role.")  # fmt: skip
    longest = {"application": "", "discipline": max(LEAD_OF_FAMILY.values(), key=len)}
    seats = (f"{SEAT}{_seat_name(_role(text, longest))}" for text in rule.seats)
    code = _filled(rule.slot, longest) + max(seats, key=len, default="")
    if len(code) > SLOT_CODE_MAX:
        yield Problem(
            rule.code,
            f"The slot “{code}” has {len(code)} characters; {SLOT_CODE_MAX} fit.",
            "Shorten the slot.",
        )
    for text in (rule.slot, rule.label, rule.reason, *rule.eligible, *rule.seats):
        bare = _filled(text, {"application": "", "discipline": "", "families": ""})
        if "{" in bare or "}" in bare:
            yield Problem(
                rule.code,
                f"“{text[:60]}” holds a placeholder that stands for nothing.",
                "Use {application}, {discipline} or {families}.",
            )
        if "{discipline}" in text and "{discipline}" not in rule.slot:
            yield Problem(
                rule.code,
                f"“{text[:60]}” names a discipline and its slot does not.",
                "Put {discipline} into the slot, so that each is asked.",
            )


def _gaps(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Changes of whom nobody's signature would be asked.

    Conditions only ever add slots, so the barest change of each kind tells: one family or none,
    no environment, outside a freeze.
    """
    bare = [frozenset[str](), *(frozenset({f}) for f in (*LEAD_OF_FAMILY, *WITHOUT_LEAD))]
    for change_type, band in product(CHANGE_TYPES, BANDS):
        if not all(
            slots_for(rules, PolicyInput(change_type, band, "-", families, tier))
            for families, tier in product(bare, TIERS)
        ):
            yield Problem(
                "",
                f"Some {change_type} changes of {band} risk would need nobody's signature.",
                "Add a rule that asks for a signature whatever they touch.",
            )


def understaffed(
    rules: Iterable[Rule], held: Sequence[tuple[Hashable, RoleHeld]]
) -> Iterator[Problem]:
    """Quorums that the people there are cannot meet, even where most of them are.

    `held`: every (active person, role).
    """
    rules = tuple(rules)
    for rule in rules:
        crew = _largest_crew(rule.eligible, held)
        if crew < rule.quorum:
            yield Problem(
                rule.code,
                f"Its quorum is {rule.quorum}; nowhere do more than {crew} hold its roles.",
                "Lower the quorum, name further roles, or grant the role first.",
            )
        for seat in rule.seats:
            if not _largest_crew((seat,), held):
                yield Problem(rule.code, f"Nobody could take the seat {seat}.",
                              "Grant the role first.")  # fmt: skip
        for other in _kept_apart(rule, rules):
            crew = _largest_crew((*rule.eligible, *other.eligible), held)
            if crew < rule.quorum + other.quorum:
                yield Problem(
                    rule.code,
                    f"Nobody signs both its slot and that of {other.code}, and nowhere do more "
                    f"than {crew} hold the roles of the two.",
                    "Drop the exclusion, name further roles, or grant the role first.",
                )


def _kept_apart(rule: Rule, rules: Iterable[Rule]) -> Iterator[Rule]:
    """The first rule of each slot whose signers the rule excludes from its own."""
    seen = {stem_of(rule)}
    for other in rules:
        if stem_of(other) not in seen and f"{SIGNERS_OF}{stem_of(other)}" in rule.excludes:
            seen.add(stem_of(other))
            yield other


def _largest_crew(eligible: Sequence[str], held: Sequence[tuple[Hashable, RoleHeld]]) -> int:
    """How many people could sign at best, over every application and discipline that is held."""
    choices = {}
    for name, kind in (("application", "application:"), ("discipline", "family:")):
        named = any(f"{{{name}}}" in text for text in eligible)
        scopes = {role.scope.removeprefix(kind) for _, role in held if role.scope.startswith(kind)}
        choices[name] = sorted(scopes) if named and scopes else ["-"]
    best = 0
    for values in product(*choices.values()):
        wanted = [_role(text, dict(zip(choices, values, strict=True))) for text in eligible]
        crew = {
            person
            for person, role in held
            for one in wanted
            if one.role == role.role and role.covers(one.scope)
        }
        best = max(best, len(crew))
    return best


#: The policy that a new installation begins with.
DELIVERED: tuple[Rule, ...] = (
    Rule(
        code="E1",
        reason="Two of: release manager, owner of the application, owner of its service.",
        slot="ecab",
        label="Emergency board",
        eligible=(
            "release_manager",
            "application_owner@application:{application}",
            "service_owner@application:{application}",
        ),
        quorum=2,
        sla_hours=1,
        change_types=("emergency",),
    ),
    Rule(
        code="N1",
        reason="Every change needs the owner of its application.",
        slot="application_owner",
        label="Owner of {application}",
        eligible=("application_owner@application:{application}",),
        change_types=("normal", "standard"),
    ),
    Rule(
        code="N2",
        reason="From medium risk on, for the touched family {families}.",
        slot="technical_lead:{discipline}",
        label="Technical lead {discipline}",
        eligible=("technical_lead@family:{discipline}",),
        change_types=("normal", "standard"),
        risk_from="medium",
    ),
    Rule(
        code="N3",
        reason="From high risk on, two different members of the board.",
        slot="board",
        label="Change advisory board",
        eligible=("cab_member", "cab_chair"),
        quorum=2,
        sla_hours=120,
        change_types=("normal", "standard"),
        risk_from="high",
    ),
    Rule(
        code="R1",
        reason="The way back, the downtime or the impact got worse after it was asked for.",
        slot="release_manager",
        label="Release manager",
        eligible=("release_manager",),
        sla_hours=24,
        change_types=("normal", "standard"),
        after=("fallback_worse",),
    ),
    Rule(
        code="R2",
        reason="Another class of window, a night near a month's end or freeze, or an earlier day.",
        slot="board_chair",
        label="Chair of the board",
        eligible=("cab_chair",),
        sla_hours=24,
        change_types=("normal", "standard"),
        after=("window_harder",),
    ),
    Rule(
        code="S1",
        reason="Access rules and other parts of the platform are security's business.",
        slot="technical_lead:{discipline}",
        label="Technical lead {discipline}",
        eligible=("technical_lead@family:{discipline}",),
        change_types=("normal", "standard"),
        families=("platform",),
    ),
    Rule(
        code="S2",
        reason="Security has a seat on the board that no other signature takes.",
        slot="board",
        label="Change advisory board",
        eligible=("cab_member", "cab_chair"),
        quorum=2,
        sla_hours=120,
        seats=("technical_lead@family:security",),
        change_types=("normal", "standard"),
        risk_from="high",
        families=("platform",),
    ),
    Rule(
        code="S3",
        reason="What falls under PCI DSS is security's too.",
        slot="technical_lead:security",
        label="Technical lead security",
        eligible=("technical_lead@family:security",),
        change_types=("normal", "standard"),
        regulations=("pci",),
    ),
    Rule(
        code="S4",
        reason="Security has a seat on the board for what falls under PCI DSS.",
        slot="board",
        label="Change advisory board",
        eligible=("cab_member", "cab_chair"),
        quorum=2,
        sla_hours=120,
        seats=("technical_lead@family:security",),
        change_types=("normal", "standard"),
        risk_from="high",
        regulations=("pci",),
    ),
    Rule(
        code="T1",
        reason="The highest criticality (tier 0): the owner of the service answers too.",
        slot="service_owner",
        label="Owner of the service of {application}",
        eligible=("service_owner@application:{application}",),
        change_types=("normal", "standard"),
        tiers=("tier0",),
    ),
    Rule(
        code="T2",
        reason="The highest criticality (tier 0): the release manager answers for the night.",
        slot="release_manager",
        label="Release manager",
        eligible=("release_manager",),
        sla_hours=24,
        change_types=("normal", "standard"),
        tiers=("tier0",),
    ),
)
