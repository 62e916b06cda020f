"""What the order of a night rests on and what deriving it would change; and who may do so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.domain.canonical import digest
from apps.inventory.selectors import live_relations
from apps.releases.domain import lifecycle as life
from apps.releases.domain.ordering.delivered import BETWEEN_PACKAGES, DELIVERED
from apps.releases.domain.ordering.derivation import (
    MANUAL,
    Cycle,
    Edge,
    PackageOrder,
    cycle_of,
    derive,
    reduced,
)
from apps.releases.domain.ordering.difference import Difference, Held, difference
from apps.releases.domain.ordering.rule import OrderingRule, Scope
from apps.releases.domain.ordering.rule import Step as OrderStep
from apps.releases.domain.package_order import orders
from apps.releases.domain.sequence import ahead
from apps.releases.models import (
    Activity,
    ActivityDependency,
    ActivityTarget,
    ReleasePackage,
    Rule,
)
from apps.releases.policies.activity_plan import plan_open_blockers, plan_step_blockers
from apps.releases.policies.package_order import build_parents, data_flows, holders_of
from apps.windows.models import ReleaseWindow

#: States in which a package is in no night, although it may still name a window.
OUTSIDE = (life.DELAYED, life.CANCELLED)
#: Types of step that bring in all members of their package, whatever they name.
BRINGS_IN = ("SCM_EXECUTE", "COPY_LOAD")


@dataclass(frozen=True, slots=True)
class Place:
    """The night of a window, or a package that is in none; `focus` is the package whose edges
    alone are meant, None for all of them."""

    window: UUID | None = None
    package: UUID | None = None
    focus: UUID | None = None

    @property
    def steps(self) -> Q:
        """Its steps that go forward."""
        if self.window is None:
            return Q(package=self.package, is_backout=False)
        inside = Q(package__window=self.window) & ~Q(package__state__in=OUTSIDE)
        return (Q(window=self.window) | inside) & Q(is_backout=False)

    @property
    def packages(self) -> Q:
        if self.window is None:
            return Q(pk=self.package)
        return Q(window=self.window) & ~Q(state__in=OUTSIDE)


def place_of(about: ReleasePackage | ReleaseWindow | Activity) -> Place:
    if isinstance(about, ReleaseWindow):
        return Place(window=about.pk)
    if isinstance(about, Activity):
        if about.package is None:
            return Place(window=about.window_id)
        return replace(place_of(about.package), focus=None)
    if about.window_id is None or about.state in OUTSIDE:
        return Place(package=about.pk, focus=about.pk)
    return Place(window=about.window_id, focus=about.pk)


@dataclass
class Order:
    """The order of one place as it is and as its rules have it."""

    place: Place
    steps: dict[UUID, Activity]
    rules: dict[str, Rule]
    rows: list[ActivityDependency]
    ruled: tuple[Edge, ...]

    @cached_property
    def held(self) -> list[Held]:
        """The derived edges that there are."""
        return [
            Held(
                row,
                row.predecessor_id,
                row.activity_id,
                row.strength == ActivityDependency.Strength.HARD,
                tuple((code, why) for code, why in row.reasons),
                not row.holds,
            )
            for row in self.rows
            if row.is_derived and self._is_meant(row.predecessor_id, row.activity_id)
        ]

    @cached_property
    def difference(self) -> Difference:
        meant = [edge for edge in self.ruled if self._is_meant(edge.before, edge.after)]
        return difference(meant, self.held)

    def _is_meant(self, before: object, after: object) -> bool:
        focus = self.place.focus
        if focus is None:
            return True
        ends = (self.steps.get(key) for key in (before, after))  # type: ignore[call-overload]
        return any(step is not None and step.package_id == focus for step in ends)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """What would hold after deriving: rules and people, without what was dropped."""
        manual = [
            (row.predecessor_id, row.activity_id, row.strength == "hard", "entered by hand")
            for row in self.rows
            if not row.is_derived and row.predecessor_id in self.steps
        ]
        aside = {(row.predecessor_id, row.activity_id) for row in self.rows if not row.holds}
        found = {edge.pair: edge for edge in self.ruled if edge.is_hard or edge.pair not in aside}
        for before, after, is_hard, why in manual:
            known = found.get((before, after), Edge(before, after, False, (), ()))
            found[before, after] = replace(
                known,
                is_hard=known.is_hard or is_hard,
                origins=(*known.origins, MANUAL),
                why=(*known.why, why),
            )
        label = {key: step.label for key, step in self.steps.items()}
        return tuple(
            sorted(found.values(), key=lambda e: (_natural(label[e.after]),
                                                  _natural(label[e.before])))
        )  # fmt: skip

    @cached_property
    def present(self) -> tuple[Edge, ...]:
        """What holds now, for people to read: rows, whoever entered them, without the dropped."""
        told: dict[tuple[UUID, UUID], Edge] = {}
        for row in self.rows:
            if not row.holds or row.predecessor_id not in self.steps:
                continue
            pair = (row.predecessor_id, row.activity_id)
            known = told.get(pair, Edge(*pair, False, (), ()))
            reasons = row.reasons if row.is_derived else [[row.origin, "entered by hand"]]
            told[pair] = replace(
                known,
                is_hard=known.is_hard or row.strength == "hard",
                origins=(*known.origins, *(code for code, _ in reasons)),
                why=(*known.why, *(why for _, why in reasons)),
            )
        label = {key: _natural(step.label) for key, step in self.steps.items()}
        return tuple(sorted(told.values(), key=lambda e: (label[e.after], label[e.before])))

    @cached_property
    def needed(self) -> tuple[Edge, ...]:
        return reduced(self.present)

    @cached_property
    def missing(self) -> tuple[Edge, ...]:
        """What hard rules order and no way of hard dependencies in the plan does; a step that is
        skipped neither waits nor lets wait."""
        skipped = {key for key, step in self.steps.items() if step.state == life.SKIPPED}
        after: dict[UUID, set[UUID]] = {}
        for row in self.rows:
            if row.holds and row.strength == "hard" and row.predecessor_id not in skipped:
                after.setdefault(row.activity_id, set()).add(row.predecessor_id)
        waits: dict[UUID, frozenset[UUID]] = {}
        found = []
        for edge in self.ruled:
            if edge.is_hard and self._is_meant(*edge.pair) and not skipped & {*edge.pair}:
                if edge.after not in waits:
                    waits[edge.after] = ahead([edge.after], after)
                if edge.before not in waits[edge.after]:
                    found.append(edge)
        return tuple(found)

    @property
    def dropped(self) -> list[ActivityDependency]:
        return [row for row in self.rows if not row.holds and row.predecessor_id in self.steps]

    @cached_property
    def cycle(self) -> Cycle | None:
        """Steps that would wait for each other after deriving."""
        return cycle_of([_as_step(step) for step in self.steps.values()], self.edges)

    @cached_property
    def digest(self) -> str:
        """Of what deriving would do now."""
        told = self.difference
        return digest(
            [
                sorted([str(e.before), str(e.after), e.is_hard, [*e.origins]] for e in told.added),
                sorted([str(h.row.pk), e.is_hard, [*e.origins]] for h, e in told.changed),
                sorted(str(h.row.pk) for h in told.removed),
            ]
        )

    @property
    def touched(self) -> set[UUID]:
        """The steps whose predecessors deriving would change."""
        told = self.difference
        keys = {e.after for e in told.added} | {h.after for h, _ in told.changed}
        return keys | {h.after for h in told.removed}


def read_order(place: Place) -> Order:
    """The order of `place`, in a constant number of queries; two more where a rule looks along
    relations."""
    rows = Activity.objects.filter(place.steps).select_related(
        "type", "team", "owner", "package__window", "window"
    )
    steps = {step.pk: step for step in rows}
    rules = {rule.code: rule for rule in Rule.objects.filter(kind=Rule.Kind.ORDERING)}
    targets: dict[UUID, set[UUID]] = {pk: set() for pk in steps}
    for step, asset in ActivityTarget.objects.filter(activity__in=steps).values_list(
        "activity_id", "asset_id"
    ):
        targets[step].add(asset)
    packages = list(ReleasePackage.objects.filter(place.packages).select_related("window"))
    active = active_rules(rules)
    between = list(_between(packages, rules))
    carried: dict[UUID, set[UUID]] = {}
    for order in between:
        for package in (order.before, order.after):
            carried.setdefault(package, set()).update(order.assets)
    told = [
        _as_step(step, targets[step.pk], carried.get(step.package_id))  # type: ignore[arg-type]
        for step in steps.values()
    ]
    ruled = derive(told, active, relations=_relations(told, active), packages=between)
    dependencies = ActivityDependency.objects.filter(activity__in=steps).select_related(
        "dropped_by", "predecessor", "activity"
    )
    return Order(place, steps, rules, list(dependencies), ruled)


def order_of(about: ReleasePackage | ReleaseWindow | Activity) -> Order:
    """Remembered on the row object, as `work_of` is."""
    known: Order | None = about.__dict__.get("_order")
    if known is None:
        known = about.__dict__["_order"] = read_order(place_of(about))
    return known


def active_rules(rows: Mapping[str, Rule]) -> list[OrderingRule]:
    """The rules of steps that are active, with the words and the weight of their rows."""
    return [
        replace(
            rule,
            title=row.title,
            why=row.symptom,
            is_hard=row.severity == Rule.Severity.HARD,
            narrowed_to=Scope(row.narrowed_to) if row.narrowed_to else None,
        )
        for rule in DELIVERED
        if (row := rows.get(rule.code)) is not None and row.is_active
    ]


def _between(
    packages: Sequence[ReleasePackage], rows: Mapping[str, Rule]
) -> Iterator[PackageOrder]:
    holders = holders_of(packages)
    assets = {held.asset for each in holders for held in each.holdings}
    codes = {rule.code for rule in BETWEEN_PACKAGES}
    for order in orders(holders, build_parents(assets), data_flows(assets)):
        row = rows.get(order.rule)
        if order.rule in codes and row is not None and row.is_active:
            yield replace(order, is_hard=row.severity == Rule.Severity.HARD)


def _as_step(
    step: Activity, targets: Collection[UUID] = (), carried: Collection[UUID] | None = None
) -> OrderStep:
    return OrderStep(
        key=step.pk,
        label=step.label,
        type=step.type_id,
        package=step.package_id,
        targets=frozenset(targets),
        subsystem=step.subsystem_id,
        alters=step.type.alters,
        carries=frozenset(carried or ()) if step.type_id in BRINGS_IN else frozenset(),
    )


def _relations(
    steps: Sequence[OrderStep], rules: Sequence[OrderingRule]
) -> list[tuple[UUID, str, UUID]]:
    """The relations between the assets of steps over which the rules look, read from both ends:
    a way of three relations lies in the two rings around its ends."""
    looking = [rule for rule in rules if Scope.RELATED in rule.scopes]
    frontier: set[UUID] = set()
    kinds: set[str] = set()
    hops = 0
    for rule in looking:
        firsts = [step for step in steps if step.type in rule.before]
        thens = [step for step in steps if step.type in rule.after]
        if firsts and thens:
            via, far = rule.reach
            kinds |= via
            hops = max(hops, far)
            frontier |= {key for step in (*firsts, *thens) for key in step.targets}  # type: ignore[misc]
    found: dict[tuple[UUID, str, UUID], None] = {}
    seen: set[UUID] = set()
    for _ in range((hops + 1) // 2):
        edges = (
            live_relations()
            .filter(Q(source__in=frontier) | Q(target__in=frontier), kind__in=kinds)
            .values_list("source_id", "kind", "target_id")
        )
        seen |= frontier
        ring = list(edges) if frontier else []
        found |= dict.fromkeys(ring)
        frontier = {end for source, _, target in ring for end in (source, target)} - seen
    return list(found)


def _natural(label: str) -> tuple[str, int, str]:
    """A10 after A2."""
    letters = label.rstrip("0123456789")
    number = label[len(letters) :]
    return letters, int(number or 0), label


# Who may do what.


def can_be_edited(about: ReleasePackage | ReleaseWindow) -> bool:
    """Whether the plan that the order is part of may still change."""
    return not any(_fixed_blockers(about))


def _fixed_blockers(about: ReleasePackage | ReleaseWindow) -> Iterator[Blocker]:
    package, window = (None, about) if isinstance(about, ReleaseWindow) else (about, None)
    yield from plan_open_blockers(Activity(package=package, window=window))


def derive_blockers(actor: Actor, about: ReleasePackage | ReleaseWindow) -> Iterator[Blocker]:
    """Why the order of a package or of a whole night cannot be derived now."""
    yield from plan_step_blockers(actor)
    yield from order_blockers(about)


def order_blockers(about: ReleasePackage | ReleaseWindow) -> Iterator[Blocker]:
    """The same, whoever asks."""
    found = list(_fixed_blockers(about))
    yield from found
    if found:
        return
    order = order_of(about)
    yield from cycle_blockers(order)
    yield from _frozen_blockers(order, about)


def cycle_blockers(order: Order) -> Iterator[Blocker]:
    cycle = order.cycle
    if cycle is None:
        return
    codes = dict.fromkeys(code for origins in cycle.origins for code in origins)
    rules = [code for code in codes if code in order.rules]
    soft = [code for code in rules if order.rules[code].severity == Rule.Severity.SOFT]
    ways = []
    if MANUAL in codes or len(rules) < len(codes):
        ways.append("take the dependency that was entered by hand away")
    if soft:
        ways.append(f"drop the advised one of {' or '.join(soft)} with a reason")
    if rules:
        ways.append(f"narrow {' or '.join(rules)}")
    ways.append("mend the type or the assets of a step")
    told = ", ".join(ways[:-1]) + " or " + ways[-1] if len(ways) > 1 else ways[0]
    yield Blocker(
        "step_cycle",
        f"These steps would wait for each other: {cycle.text}.",
        f"{told[:1].upper()}{told[1:]}.",
        "release coordinator",
        details={"steps": [*cycle.labels], "rules": [list(each) for each in cycle.origins]},
    )


def _frozen_blockers(order: Order, about: ReleasePackage | ReleaseWindow) -> Iterator[Blocker]:
    """Steps of other plans that can no longer be edited, and would have to be."""
    seen: set[UUID | None] = {about.pk}
    for key in sorted(order.touched, key=str):
        step = order.steps[key]
        owner = step.package_id or step.window_id
        if owner not in seen:
            seen.add(owner)
            yield from plan_open_blockers(step)


def drop_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """Why no predecessor that a rule tells can be dropped, or taken up again."""
    yield from plan_step_blockers(actor)
    yield from plan_open_blockers(step)


def hard_blocker(codes: Sequence[str], label: str, text: str) -> Blocker:
    """A hard edge holds: only its rule can be changed, for everybody."""
    named = " and ".join(codes)
    return Blocker(
        "hard_edge",
        f"That {text} waits for {label} is hard by {named}: it cannot be dropped.",
        f"Narrow {named}, or mend the type or the assets of a step.",
        "change manager",
        field="predecessor",
    )


def order_digest(about: ReleasePackage | ReleaseWindow) -> str:
    return order_of(about).digest
