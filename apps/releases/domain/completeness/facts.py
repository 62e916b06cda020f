"""What the rules of completeness look at, as plain values: built by whoever knows packages.

Steps and checks refer to steps by label; assets, changes and packages are keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

#: Names on a mainframe are spelled in capitals, so that they stand out of a sentence.
_WORD = re.compile(r"[A-Z0-9@#$]+(?:[.:-][A-Z0-9@#$]+)*")


def words_in(*texts: str) -> frozenset[str]:
    """The words in capitals of a title or command: `BIND MEMBER(COPAUS2C)` names COPAUS2C."""
    return frozenset(word for text in texts for word in _WORD.findall(text))


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """`critical`: a job without which a business service is late; `lla`: LLA keeps the directory
    of the library it is loaded from."""

    id: UUID
    name: str
    type: str
    family: str = ""
    status: str = "active"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    critical: bool = False
    lla: bool = False

    @property
    def is_live(self) -> bool:
        """It runs today and is ours to change."""
        return self.status == "active"

    @property
    def names(self) -> frozenset[str]:
        """How steps speak of it: a Db2 package or DBRM also by its member."""
        if self.type == "db2_package":
            return frozenset({self.name, self.name.rpartition(".")[2]})
        if self.type == "db2_dbrm":
            return frozenset({self.name, self.name.partition(".")[0]})
        return frozenset({self.name})

    def says(self, name: str) -> bool:
        """Whether a yes-or-no attribute is recorded as yes."""
        return self.attributes.get(name) in (True, 1, "y", "Y", "yes", "true")


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """What a change does to an asset."""

    asset: AssetFacts
    action: str
    change: UUID
    from_version: str = ""
    to_version: str = ""


@dataclass(frozen=True, slots=True)
class RelationFacts:
    source: UUID
    kind: str
    target: UUID
    key: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Register:
    """The part of the inventory around the scope: two hops of the relations that rules follow."""

    assets: Mapping[UUID, AssetFacts]
    inward: Mapping[tuple[UUID, str], tuple[RelationFacts, ...]]
    outward: Mapping[tuple[UUID, str], tuple[RelationFacts, ...]]

    @classmethod
    def of(cls, assets: Iterable[AssetFacts], relations: Iterable[RelationFacts]) -> Register:
        inward: dict[tuple[UUID, str], list[RelationFacts]] = {}
        outward: dict[tuple[UUID, str], list[RelationFacts]] = {}
        for relation in relations:
            inward.setdefault((relation.target, relation.kind), []).append(relation)
            outward.setdefault((relation.source, relation.kind), []).append(relation)
        return cls(
            {asset.id: asset for asset in assets},
            {key: tuple(found) for key, found in inward.items()},
            {key: tuple(found) for key, found in outward.items()},
        )

    def edges_out(self, asset: AssetFacts, *kinds: str) -> Iterator[RelationFacts]:
        for kind in kinds:
            yield from self.outward.get((asset.id, kind), ())

    def edges_in(self, asset: AssetFacts, *kinds: str) -> Iterator[RelationFacts]:
        for kind in kinds:
            yield from self.inward.get((asset.id, kind), ())

    def targets(self, asset: AssetFacts, *kinds: str) -> list[AssetFacts]:
        """What the asset depends on by these kinds, by name."""
        return self._named(edge.target for edge in self.edges_out(asset, *kinds))

    def sources(self, asset: AssetFacts, *kinds: str) -> list[AssetFacts]:
        """What depends on the asset by these kinds, by name."""
        return self._named(edge.source for edge in self.edges_in(asset, *kinds))

    def _named(self, keys: Iterable[UUID]) -> list[AssetFacts]:
        found = {key: self.assets[key] for key in keys if key in self.assets}
        return in_order(found.values())


def in_order(assets: Iterable[AssetFacts]) -> list[AssetFacts]:
    """Each asset once, by name."""
    return sorted({asset.id: asset for asset in assets}.values(), key=lambda a: (a.name, a.id))


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step. `words` are those of its title and instruction; `is_shared` that it belongs to
    the window and serves every package in it; `way_back` the type of step that undoes its type."""

    label: str
    type: str
    title: str = ""
    words: frozenset[str] = frozenset()
    targets: frozenset[UUID] = frozenset()
    predecessors: tuple[str, ...] = ()
    subsystem: str = ""
    owner: str = ""
    deputy: str = ""
    alters: bool = False
    irreversible: bool = False
    decides: bool = False
    is_backout: bool = False
    reverses: str = ""
    way_back: str = ""
    is_shared: bool = False

    def works_on(self, asset: AssetFacts) -> bool:
        """It targets the asset, or its title or instruction names it."""
        return asset.id in self.targets or not self.words.isdisjoint(asset.names)

    def runs_in(self, region: str) -> bool:
        return region == self.subsystem or region in self.words


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """`words` are those of its title and method, `step` the label of the step it waits for."""

    code: str
    kind: str
    phase: str
    words: frozenset[str] = frozenset()
    step: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitFacts:
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """`signed` are the codes of the approval slots that are satisfied."""

    id: UUID
    code: str
    irreversible: bool = False
    signed: frozenset[str] = frozenset()
    exhibits: tuple[ExhibitFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The scope and the plan of one package; of one change while no package carries it.

    `activities` is None while there is no plan at all: then only the scope is asked about.
    `critical_services` are the assets of the services that the scope reaches;
    `same_window_assets` are delivered by other packages of the same window.
    """

    package: UUID | None
    changes: tuple[ChangeFacts, ...]
    scope: tuple[ScopeLine, ...]
    register: Register
    activities: tuple[StepFacts, ...] | None = None
    checks: tuple[CheckFacts, ...] = ()
    risk_band: str = ""
    critical_services: tuple[UUID, ...] = ()
    same_window_assets: frozenset[UUID] = frozenset()

    @property
    def subject(self) -> str:
        return f"package:{self.package}" if self.package else f"change:{self.changes[0].id}"

    @property
    def forward(self) -> tuple[StepFacts, ...]:
        return tuple(step for step in self.activities or () if not step.is_backout)

    @property
    def own(self) -> tuple[StepFacts, ...]:
        """The package's own steps, those of its backout among them."""
        return tuple(step for step in self.activities or () if not step.is_shared)

    def lines(
        self, *types: str, family: str = "", actions: Collection[str] = ()
    ) -> list[ScopeLine]:
        """One line of each asset of these types, or of this family, by name of the asset."""
        found = {
            line.asset.id: line
            for line in reversed(self.scope)
            if (line.asset.type in types or (family and line.asset.family == family))
            and (not actions or line.action in actions)
        }
        return sorted(found.values(), key=lambda line: (line.asset.name, line.asset.id))

    def holds(self, asset: AssetFacts) -> bool:
        """Whether the asset is in the scope, whatever happens to it."""
        return any(line.asset.id == asset.id for line in self.scope)

    def absent(self, assets: Iterable[AssetFacts]) -> list[AssetFacts]:
        """Those of the assets that run today and are not in the scope, by name."""
        held = {line.asset.id for line in self.scope}
        return in_order(asset for asset in assets if asset.is_live and asset.id not in held)

    def has_step(self, types: Collection[str], asset: AssetFacts | None = None) -> bool:
        """Whether a step of these types goes forward, and works on the asset if one is given."""
        return any(
            step.type in types and (asset is None or step.works_on(asset)) for step in self.forward
        )

    def lacks_step(self, types: Collection[str], asset: AssetFacts | None = None) -> bool:
        """There is a plan, and no such step in it."""
        return self.activities is not None and not self.has_step(types, asset)

    def regions_of(self, asset: AssetFacts) -> frozenset[str]:
        """The CICS regions that are recorded to run it."""
        told = asset.attributes.get("regions") or ()
        listed = told.replace(",", " ").split() if isinstance(told, str) else told
        return frozenset(
            {*listed, *(region.name for region in self.register.targets(asset, "runs_in"))}
        )

    def exhibits(self, changes: Collection[UUID]) -> Iterator[ExhibitFacts]:
        for change in self.changes:
            if change.id in changes:
                yield from change.exhibits
