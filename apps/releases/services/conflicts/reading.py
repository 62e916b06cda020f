"""Read a portfolio for the conflict rules, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.changes.domain import lifecycle as change_life
from apps.changes.selectors import works_of
from apps.core import clock
from apps.releases.domain import lifecycle as life
from apps.releases.domain.baseline import Base
from apps.releases.domain.completeness.facts import words_in
from apps.releases.domain.conflicts.portfolio import (
    Asset,
    Change,
    Interface,
    Package,
    Portfolio,
    Stage,
    Step,
    Team,
    Touch,
)
from apps.releases.domain.conflicts.register import STALE_AFTER
from apps.releases.models import ReleasePackage
from apps.releases.services.conflicts import statements as sql
from apps.releases.services.conflicts.impact import Near, hits_of
from apps.windows.domain import lifecycle as night
from apps.windows.domain.calendar import Span
from apps.windows.selectors import exemptions_of, spans_between

#: Packages that may still install something.
OPEN = (life.DRAFT, life.PLANNED, life.READY, life.IN_PROGRESS, life.VALIDATING, life.FAILED)
#: Packages that did, while their warranty lasts.
DONE = (life.COMPLETED, life.PARTIALLY, life.CLOSED)
#: Changes that may still come into a package.
UNPLANNED = (change_life.DRAFT, change_life.ASSESSING, change_life.APPROVED, change_life.SCHEDULED)
#: Steps that nobody works on any more.
NO_WORK = (life.SKIPPED, life.BACKED_OUT)
#: Windows whose night is not over.
OPEN_WINDOWS = (night.DRAFT, night.OPEN, night.LOCKED, night.IN_PROGRESS)
#: Packages that begin within this time are asked what they hit.
SOON = timedelta(days=14)
#: What runs so long before or after a night has nothing to do with it.
AROUND = timedelta(days=1)

#: Kinds of relations whose source is built from their target.
BUILT_FROM = ("copies", "refers_dbd", "built_from")
WRITES, READS = ("writes", "transfers_to", "produces_report", "layout_of"), ("reads",)
#: Families of assets over which applications talk.
BETWEEN = ("exchange", "mq")


class Reader:
    """Reads one portfolio: all of it, or what has to do with the packages `asked`; with `impact`
    also what the packages of the coming nights hit."""

    def __init__(self, asked: set[UUID] | None, *, impact: bool) -> None:
        self.asked, self.impact = asked, impact
        self.now = clock.now()
        self.given: dict[str, Any] = {
            "now": self.now,
            "stale": self.now - STALE_AFTER,
            "soon": self.now + SOON,
            "live": [*OPEN, life.BACKING_OUT],
            "open": list(OPEN),
            "done": list(DONE),
            "unplanned": list(UNPLANNED),
            "working": [state for state, _ in life.ACTIVITY_STATES if state not in NO_WORK],
            "open_windows": list(OPEN_WINDOWS),
            "built_from": list(BUILT_FROM),
            "exchange": [*WRITES, *READS],
            "between": list(BETWEEN),
            "left_out": life.NOT_RUN,
            "asked": None if asked is None else sorted(asked),
        }

    def portfolio(self) -> Portfolio:
        self.given["before"] = [environment for (environment,) in self._read(sql.BEFORE)]
        near = [Near(*row) for row in self._read(sql.NEAR)] if self.impact else []
        related, built, lines = self._meeting_lines(line.asset for line in near)
        packages: Mapping[UUID, Package] = self._packages(
            {unit for _, unit, *_ in lines if unit}, near
        )
        units = packages.keys()
        touches = tuple(
            Touch(asset, unit or change, change, action, built_on, level)
            for asset, unit, change, _code, action, built_on, level in lines
            if unit is None or unit in units
        )
        loose = {change: code for _, unit, change, code, *_ in lines if unit is None}
        built_with: dict[tuple[UUID, str], list[tuple[UUID, str]]] = defaultdict(list)
        for program, level, part, part_level in built:
            built_with[program, level].append((part, part_level))
        named = {line[0] for line in lines} | {part for *_, part, _ in built}
        known = self._read(sql.ASSETS, assets=sorted(named))
        rows = self._steps(packages)
        steps = tuple(map(_step, rows))
        spans, packages = self._in_calendar(packages)
        hits = hits_of(near, packages, steps)
        checks = self._read(sql.CHECKS, packages=list(hits.reach)) if hits.reach else []
        return Portfolio(
            now=self.now,
            packages=packages,
            spans=spans,
            touches=touches,
            changes={change: Change(change, code) for change, code in loose.items()},
            assets={**hits.jobs, **{row[0]: Asset(*row[:6]) for row in known}},
            production={row[0]: Base(row[6], row[7]) for row in known if row[6] is not None},
            codes={row[7]: row[8] for row in known if row[7]},
            levels_before={row[0]: frozenset(row[9]) for row in known if row[9]},
            parents=frozenset((part, whole) for kind, whole, part in related if kind in BUILT_FROM),
            built_with={key: tuple(sorted(parts)) for key, parts in built_with.items()},
            interfaces=_interfaces(related),
            reach=hits.reach,
            job_starts=hits.job_starts,
            checks=tuple(words_in(title, method) for title, method in checks),
            steps=steps,
            subsystems={row[10]: row[11] for row in rows if row[10]},
            teams={row[12]: Team(row[12], row[13], row[14]) for row in rows},
            people={row[15]: row[16] for row in rows if row[15]},
        )

    def _meeting_lines(self, near: Iterable[UUID]) -> tuple[list[Any], list[Any], list[Any]]:
        """The relations by which packages meet, what was built with which parts, and the lines of
        scope about all that meets."""
        if self.asked is None:
            related, built = self._read(sql.RELATED), self._read(sql.BUILT)
            meeting = {asset for (asset,) in self._read(sql.MEETING)}
        else:
            meeting = {asset for (asset,) in self._read(sql.TOUCHED)}
            related = self._read(sql.RELATED_TO, assets=sorted(meeting))
            built = self._read(sql.BUILT_OF, assets=sorted(meeting))
        meeting.update(near)
        meeting.update(asset for _kind, source, target in related for asset in (source, target))
        meeting.update(asset for program, _, part, _ in built for asset in (program, part))
        return related, built, self._read(sql.LINES, assets=sorted(meeting))

    def _packages(self, units: set[UUID], near: Iterable[Near]) -> dict[UUID, Package]:
        teams: dict[UUID, set[UUID]] = defaultdict(set)
        for line in near:
            teams[line.package].update([line.team] if line.team else [])
        if self.asked is None:
            rows = self._read(sql.PACKAGES)
        else:
            rows = self._read(sql.PACKAGES_OF, units=sorted(units | self.asked))
        return {row[0]: replace(self._package(row), teams=frozenset(teams[row[0]])) for row in rows}

    def _package(self, row: Any) -> Package:
        (pk, code, state, kind, owner, window, window_code, zone, first, last, opens, closes, began,
         ended, after, site) = row  # fmt: skip
        starts_at, ends_at = first or opens, last or closes
        if kind == ReleasePackage.Kind.EMERGENCY:
            # It waits for no window: what has no time yet runs now.
            starts_at = began or first or self.now
            ends_at = ended or last or starts_at
        return Package(
            id=pk,
            code=code,
            stage=_stage(state),
            kind=kind,
            window=window,
            window_code=window_code or "",
            zone=zone,
            starts_at=starts_at,
            ends_at=ends_at,
            began_at=began,
            owner=owner,
            after=frozenset(after),
            site=site,
        )

    def _in_calendar(
        self, packages: Mapping[UUID, Package]
    ) -> tuple[tuple[Span, ...], Mapping[UUID, Package]]:
        """The spans of the calendar around open packages, and these with what spans ask about."""
        coming = [
            (one.starts_at, one.ends_at) for one in packages.values()
            if one.stage == "open" and one.starts_at and one.ends_at
        ]  # fmt: skip
        if not coming:
            return (), packages
        until = max(end for _, end in coming) + life.WARRANTY
        spans = spans_between(min(start for start, _ in coming), until)
        if not spans:
            return (), packages
        members: dict[UUID, list[UUID]] = defaultdict(list)
        converting: set[UUID] = set()
        for package, change, converts in self._read(sql.MEMBERS, units=sorted(packages)):
            members[package].append(change)
            converting.update([package] if converts else [])
        exempt = exemptions_of(f"{ReleasePackage.SUBJECT}:{key}" for key in packages)
        works = works_of({change for some in members.values() for change in some})
        return spans, {
            key: replace(
                one,
                works=tuple(replace(works[change], site=one.site) for change in members[key]),
                exemptions=exempt.get(f"{ReleasePackage.SUBJECT}:{key}", ()),
                data_until=one.ends_at + life.WARRANTY
                if one.ends_at and key in converting
                else None,
            )
            for key, one in packages.items()
        }

    def _steps(self, packages: Mapping[UUID, Package]) -> list[Any]:
        """Of the nights of the packages asked; what began long ago or is far off meets none."""
        nights = [
            (package.starts_at, package.ends_at)
            for pk, package in packages.items()
            if (self.asked is None or pk in self.asked)
            and package.stage == "open" and package.starts_at and package.ends_at
        ]  # fmt: skip
        if not nights:
            return []
        since = min(start for start, _ in nights) - AROUND
        until = max(end for _, end in nights) + AROUND
        return self._read(sql.STEPS, since=since, until=until)

    def _read(self, statement: str, **more: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.given | more)
            found: list[Any] = cursor.fetchall()
        return found


def _stage(state: str) -> Stage:
    if state in OPEN:
        return "open"
    return "done" if state in DONE else "backing_out"


def _step(row: Any) -> Step:
    (pk, label, kind, starts_at, ends_at, package, window, zone, alters, exclusive, subsystem, *_,
     targets) = row  # fmt: skip
    return Step(
        id=pk,
        label=label,
        type=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        team=row[12],
        package=package,
        window=window,
        zone=zone,
        alters=alters,
        exclusive=exclusive,
        subsystem=subsystem,
        owner=row[15],
        targets=frozenset(targets or ()),
    )


def _interfaces(related: Iterable[Any]) -> tuple[Interface, ...]:
    producers: dict[UUID, set[UUID]] = defaultdict(set)
    consumers: dict[UUID, set[UUID]] = defaultdict(set)
    for kind, source, target in related:
        if kind in WRITES:
            producers[target].add(source)
        elif kind in READS:
            consumers[target].add(source)
    return tuple(
        Interface(asset, frozenset(producers[asset]), frozenset(consumers[asset]))
        for asset in sorted(producers.keys() & consumers.keys())
    )
