"""What data and receivers ask for: C10 a new record layout, C12 an interface."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine, in_order
from apps.releases.domain.completeness.rule import add_assets, finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import NOBODY, RELEASE_MANAGER, Detected, Severity, by_people

#: Families of what opens a data set.
READERS = ("program", "jcl")
INTERFACES = ("interface", "api")


class ConvertedData:
    code = "C10"
    title = "Conversion and users of a data set"
    condition = "The record layout of a data set in the scope changes."
    requirement = (
        "A CONVERT_DATA step works on it, and everything that reads or writes it is delivered in "
        "the same window: a job itself or a program that it executes."
    )
    severity: Severity = "hard"
    symptom = "File status 39 on OPEN, or S0C7"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines(family="data"):
            if self.changes_layout(facts, line):
                yield from self._of_data_set(facts, line)

    def changes_layout(self, facts: Facts, line: ScopeLine) -> bool:
        """It is converted, or its new layout is recorded with another length than its own."""
        length = line.asset.attributes.get("record_length")
        layouts = facts.register.sources(line.asset, "layout_of")
        return line.action == "convert" or any(
            facts.holds(layout) and length and layout.attributes.get("record_length", length)
            != length
            for layout in layouts
        )  # fmt: skip

    def _of_data_set(self, facts: Facts, line: ScopeLine) -> Iterator[Detected]:
        users = [
            user
            for user in facts.register.sources(line.asset, "reads", "writes")
            if user.family in READERS and user.is_live
        ]
        programs = {user.id: facts.register.targets(user, "executes") for user in users}
        stale = [
            user
            for user in users
            if not any(self._comes(facts, part) for part in (user, *programs[user.id]))
        ]
        unconverted = facts.lacks_step(("CONVERT_DATA",), line.asset)
        if not stale and not unconverted:
            return
        # A job is brought up to date by its programs, where they are recorded.
        parts = in_order(
            part
            for user in stale
            for part in ([p for p in programs[user.id] if p.is_live] or [user])
        )
        told = [
            *(["no step converts it"] if unconverted else []),
            *([f"{named(stale)} would open it with the old one"] if stale else []),
        ]
        convert = NewStep("CONVERT_DATA", f"Convert {line.asset.name}", [line.asset])
        yield finding(
            self,
            facts,
            f"{line.asset.name} gets another layout: {listed(told)}.",
            trigger=line,
            missing=stale,
            lacks=["CONVERT_DATA"] if unconverted else [],
            fixes=[
                add_steps("Add CONVERT_DATA step", facts, [convert] if unconverted else []),
                add_assets(f"Add {counted(len(parts), 'reader or writer', 'readers and writers')}",
                           parts, line.change),
            ],
        )  # fmt: skip

    def _comes(self, facts: Facts, asset: AssetFacts) -> bool:
        return facts.holds(asset) or asset.id in facts.same_window_assets


class ToldPartner:
    code = "C12"
    title = "Partner of a changed interface"
    condition = "An interface, or the layout of one, is in the scope."
    requirement = (
        "The partner's acknowledgement is attached to the change, and a DOWNSTREAM_CHECK step "
        "looks at what arrived."
    )
    severity: Severity = "soft"
    symptom = "The file is rejected at the partner"
    waivable_by = RELEASE_MANAGER

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines(*INTERFACES, "copybook", "mq_queue"):
            interfaces = self._interfaces(facts, line.asset)
            silent = [] if self._is_acknowledged(facts, line) else interfaces
            unchecked = [
                each for each in interfaces if facts.lacks_step(("DOWNSTREAM_CHECK",), each)
            ]
            if silent or unchecked:
                yield self._finding(facts, line, silent, unchecked)

    def _finding(
        self, facts: Facts, line: ScopeLine, silent: list[AssetFacts], unchecked: list[AssetFacts]
    ) -> Detected:
        whose = "its partner" if silent == [line.asset] else f"the partner of {named(silent)}"
        told = [
            *([f"{whose} has not acknowledged it"] if silent else []),
            *([f"no DOWNSTREAM_CHECK step looks at {named(unchecked)}"] if unchecked else []),
        ]
        check = NewStep("DOWNSTREAM_CHECK", f"Check {named(unchecked)} with the partner", unchecked)
        return finding(
            self,
            facts,
            f"{line.asset.name} changes: {listed(told)}.",
            trigger=line,
            missing=in_order([*silent, *unchecked]),
            lacks=[
                *(["acknowledgement"] if silent else []),
                *(["DOWNSTREAM_CHECK"] if unchecked else []),
            ],
            fixes=[
                add_steps("Add DOWNSTREAM_CHECK step", facts, [check] if unchecked else []),
                by_people("Attach the partner's acknowledgement to the change") if silent else None,
            ],
        )

    def _interfaces(self, facts: Facts, asset: AssetFacts) -> list[AssetFacts]:
        """The asset itself, or the interfaces it lays out or feeds."""
        if asset.type in INTERFACES:
            return [asset]
        described = [asset, *facts.register.targets(asset, "layout_of")]
        fed = (to for each in described for to in facts.register.targets(each, "transfers_to"))
        return [each for each in in_order([*described, *fed]) if each.type in INTERFACES]

    def _is_acknowledged(self, facts: Facts, line: ScopeLine) -> bool:
        """An exhibit of the change says so in its title."""
        return any("acknowledg" in e.title.lower() for e in facts.exhibits([line.change]))
