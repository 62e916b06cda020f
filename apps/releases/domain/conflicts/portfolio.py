"""What is open at one moment, as the conflict rules see it. Whoever asks gathers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal
from uuid import UUID

from apps.releases.domain.baseline import Base, Installation, base_of, in_order
from apps.windows.domain.calendar import Span, Work
from apps.windows.domain.deviation import Exemption

#: open: to be released, or being released. done: in production, and still in warranty.
Stage = Literal["open", "backing_out", "done"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package between its draft and the end of its warranty.

    Its times are those of its steps, else of its window, else unknown. `began_at` is when it was
    started. `after` are the packages it declares to wait for. `works` are its changes as the
    calendar sees them, `exemptions` the deviations that were approved for it. `data_until` is the
    end of the warranty of the data that it converts; None when it converts none.
    """

    id: UUID
    code: str
    stage: Stage = "open"
    kind: str = "planned"
    window: UUID | None = None
    window_code: str = ""
    zone: str = "UTC"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    began_at: datetime | None = None
    data_until: datetime | None = None
    owner: UUID | None = None
    teams: frozenset[UUID] = frozenset()
    after: frozenset[UUID] = frozenset()
    site: str = ""
    works: tuple[Work, ...] = ()
    exemptions: tuple[Exemption, ...] = ()

    @property
    def place(self) -> str:
        """Where people look for it: its window, or itself when it has none."""
        return self.window_code or self.code

    @property
    def told(self) -> str:
        return f"{self.code} ({self.window_code})" if self.window_code else self.code

    def is_beside(self, other: Package) -> bool:
        """Whether both are in one window."""
        return self.window is not None and self.window == other.window

    def overlaps(self, other: Package) -> bool:
        if None in (self.starts_at, self.ends_at, other.starts_at, other.ends_at):
            return False
        return bool(self.starts_at < other.ends_at and other.starts_at < self.ends_at)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is in no package yet."""

    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Asset:
    id: UUID
    name: str
    type: str = ""
    qualifier: str = "-"
    application: UUID | None = None
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """That a package, or a change that is in none, has the asset in its scope."""

    asset: UUID
    unit: UUID
    change: UUID
    action: str = "change"
    from_version: str = ""
    to_version: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plan that goes forward, with its planned times. `package` is None for a step
    that the whole window shares, `window` in an emergency that has none."""

    id: UUID
    label: str
    type: str
    starts_at: datetime
    ends_at: datetime
    team: UUID
    package: UUID | None = None
    window: UUID | None = None
    zone: str = "UTC"
    alters: bool = False
    exclusive: bool = False
    subsystem: UUID | None = None
    owner: UUID | None = None
    targets: frozenset[UUID] = frozenset()

    @property
    def night(self) -> str:
        """In which night it runs: a key of its window, or of its package where that has none."""
        return f"window:{self.window}" if self.window else f"package:{self.package}"

    def overlaps(self, other: Step) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Team:
    id: UUID
    code: str
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Reached:
    """How a package hits an asset that it does not touch: `weight` 0 to 1, the kind of `impact`,
    and whether a changed layout is on the way."""

    weight: float
    impact: str
    by_layout: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """Something that is exchanged: who writes its layout, and who reads it."""

    asset: UUID
    producers: frozenset[UUID]
    consumers: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class JobStart:
    """A planned start of a batch job that runs or uses `assets`. Holding one of `held_by`, the
    job itself among them, keeps it from starting."""

    job: UUID
    name: str
    starts_at: datetime
    assets: frozenset[UUID]
    held_by: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Portfolio:
    """Everything that may meet. What a fact does not say is not known, and no rule guesses it.

    `assets` names every asset that a rule may have to tell. `parents` are (part, what is built
    from it). `built_with` says with which level of each part a level of a program was built.
    `levels_before` are the levels that the environment before production has, or had, of an
    asset; an asset that never was there is missing. `checks` are the words of each check that is
    planned for a coming night.
    """

    now: datetime
    packages: Mapping[UUID, Package]
    touches: tuple[Touch, ...] = ()
    changes: Mapping[UUID, Change] = field(default_factory=dict)
    assets: Mapping[UUID, Asset] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    teams: Mapping[UUID, Team] = field(default_factory=dict)
    people: Mapping[UUID, str] = field(default_factory=dict)
    subsystems: Mapping[UUID, str] = field(default_factory=dict)
    codes: Mapping[UUID, str] = field(default_factory=dict)
    production: Mapping[UUID, Base] = field(default_factory=dict)
    levels_before: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    parents: frozenset[tuple[UUID, UUID]] = frozenset()
    built_with: Mapping[tuple[UUID, str], tuple[tuple[UUID, str], ...]] = field(
        default_factory=dict
    )
    reach: Mapping[UUID, Mapping[UUID, Reached]] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    job_starts: tuple[JobStart, ...] = ()
    checks: tuple[frozenset[str], ...] = ()

    @cached_property
    def open_packages(self) -> tuple[Package, ...]:
        return tuple(
            sorted((p for p in self.packages.values() if p.stage == "open"), key=lambda p: p.code)
        )

    @cached_property
    def scope(self) -> Mapping[UUID, Mapping[UUID, tuple[Touch, ...]]]:
        """Unit → asset → the lines about it, of which a unit with several changes has several."""
        found: dict[UUID, dict[UUID, list[Touch]]] = defaultdict(lambda: defaultdict(list))
        for touch in self.touches:
            found[touch.unit][touch.asset].append(touch)
        return {
            unit: {asset: tuple(lines) for asset, lines in scope.items()}
            for unit, scope in found.items()
        }

    def touched_by(self, unit: UUID) -> Mapping[UUID, tuple[Touch, ...]]:
        return self.scope.get(unit, {})

    @cached_property
    def coming(self) -> Mapping[UUID, tuple[Installation, ...]]:
        """What open packages bring of each asset, in the order in which it comes."""
        found: dict[UUID, list[Installation]] = defaultdict(list)
        for package in self.open_packages:
            for asset, lines in self.touched_by(package.id).items():
                found[asset].append(_installation(package, asset, lines))
        return {asset: in_order(some) for asset, some in found.items()}

    def base(self, installation: Installation) -> Base | None:
        """What the installation of an open package meets in production."""
        asset = installation.asset
        return base_of(installation, self.coming[asset], self.production.get(asset))

    def level_for(self, package: Package, asset: UUID) -> Base | None:
        """What will be in production of an asset when the package is in."""
        ordered = self.coming.get(asset, ())
        own = next((one for one in ordered if one.unit == package.id), None)
        if own is not None and own.level:
            return Base(own.level, package.id, is_predicted=True)
        asked = own or _installation(package, asset, ())
        return base_of(
            asked, ordered if own else in_order((*ordered, asked)), self.production.get(asset)
        )

    def code_of(self, package: UUID) -> str:
        known = self.packages.get(package)
        return known.code if known else self.codes.get(package, "another package")

    def name_of(self, asset: UUID) -> str:
        known = self.assets.get(asset)
        return known.name if known else str(asset)

    def by_name(self, assets: Iterable[UUID]) -> list[UUID]:
        """By name, then library."""

        def rank(asset: UUID) -> tuple[str, str, UUID]:
            known = self.assets.get(asset)
            return self.name_of(asset), known.qualifier if known else "", asset

        return sorted(set(assets), key=rank)


def built_and_brought(lines: Iterable[Touch]) -> tuple[str, str]:
    """The level that lines of one unit about one asset start from and the one they end with:
    two changes of a package may follow each other, 1 to 2 and 2 to 3."""
    told = list(lines)
    starts = {line.from_version for line in told}
    ends = {line.to_version for line in told}
    first, last = (starts - ends or starts) - {""}, (ends - starts or ends) - {""}
    return min(first, default=""), max(last, default="")


def _installation(package: Package, asset: UUID, lines: Iterable[Touch]) -> Installation:
    built_on, level = built_and_brought(lines)
    return Installation(
        asset=asset,
        unit=package.id,
        code=package.code,
        built_on=built_on,
        level=level,
        starts_at=package.starts_at,
        ends_at=package.ends_at,
        after=package.after,
    )
