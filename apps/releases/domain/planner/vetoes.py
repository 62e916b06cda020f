"""What breaks when a package does not come, or comes in another window: vetoes on what-ifs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from uuid import UUID

from apps.releases.domain.completeness.data import ConvertedData
from apps.releases.domain.completeness.evaluation import find_all
from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine
from apps.releases.domain.completeness.rule import Rule, named
from apps.releases.domain.findings import Detected, names_more
from apps.releases.domain.package_order import Precedence, Reason
from apps.releases.domain.planner.what_if import Veto

#: Gives findings the weight that people gave their rules, and leaves out rules they switched off.
Weigh = Callable[[Iterable[Detected]], Iterable[Detected]]


class Remainder:
    """The packages of a window, and what is wrong with them once one of them is taken out.

    A veto is what the rules find hard then and did not find before. `order` are the precedences
    between the packages; `codes` name those that are planned: about others nobody is asked.
    """

    def __init__(
        self,
        facts: Sequence[Facts],
        order: Iterable[Precedence],
        codes: Mapping[UUID, str],
        rules: Sequence[Rule],
        weigh: Weigh = lambda found: found,
    ) -> None:
        self._facts = {each.package: each for each in facts if each.package is not None}
        self._order, self._codes = tuple(order), codes
        self._rules, self._weigh = rules, weigh

    def without(self, gone: UUID) -> tuple[Veto, ...]:
        """What stands against dropping a package."""
        needed_by = {
            edge.after: [why for why in edge.why if why.missed]
            for edge in self._order
            if edge.before == gone and edge.after in self._facts
        }
        vetoes = [
            *(Veto(why.rule, why.missed) for reasons in needed_by.values() for why in reasons),
            *self._unconverted(gone, needed_by),
            *self._incomplete(gone),
        ]
        return tuple(dict.fromkeys(vetoes))

    def moved(self, package: UUID, beside: frozenset[UUID]) -> tuple[Veto, ...]:
        """What stands against a later window that delivers the assets `beside`."""
        facts = self._facts[package]
        there = replace(facts, same_window_assets=beside)
        return tuple(dict.fromkeys([*self.without(package), *self._worse(facts, there)]))

    def _incomplete(self, gone: UUID) -> Iterator[Veto]:
        """What the rules find when the assets of a package are no longer delivered beside."""
        held = {key: {line.asset.id for line in facts.scope} for key, facts in self._facts.items()}
        for key, facts in self._facts.items():
            if key != gone and key in self._codes:
                others = (held[other] for other in held if other not in (gone, key))
                lost = held.get(gone, set()).difference(*others)
                left = replace(facts, same_window_assets=facts.same_window_assets - lost)
                yield from self._worse(facts, left)

    def _worse(self, facts: Facts, changed: Facts) -> Iterator[Veto]:
        if changed == facts or facts.package is None:
            return
        known = self._known[facts.package]
        for found in self._weigh(find_all(changed, self._rules)):
            before = known.get(found.key)
            if found.severity == "hard" and (
                before is None or names_more(found.facts, before.facts)
            ):
                yield Veto(found.rule, f"{self._codes[facts.package]}: {found.text}")

    @cached_property
    def _known(self) -> Mapping[UUID, Mapping[str, Detected]]:
        return {
            key: {each.key: each for each in find_all(facts, self._rules)}
            for key, facts in self._facts.items()
        }

    def _unconverted(
        self, gone: UUID, needed_by: Mapping[UUID, Sequence[Reason]]
    ) -> Iterator[Veto]:
        """What was built for a layout that the package would have brought: rule C10 seen from the
        other side, by assets that rest on it."""
        facts = self._facts.get(gone)
        if facts is None:
            return
        for line in facts.lines(family="data"):
            if not _RULE.changes_layout(facts, line):
                continue
            users = {part.id: part for part in _users(facts, line)}
            for key, reasons in needed_by.items():
                other = self._facts[key]
                resting = {reason.asset for reason in reasons}
                stale = [part for part in users.values() if part.id in resting]
                if stale and not other.holds(line.asset):
                    yield Veto(
                        _RULE.code,
                        f"{named(stale)} in {self._codes[key]} would read {line.asset.name}, "
                        f"which only {self._codes[gone]} converts.",
                    )


_RULE = ConvertedData()


def _users(facts: Facts, line: ScopeLine) -> Iterator[AssetFacts]:
    """What opens the data set: a program, or a job through the programs that it executes."""
    for user in facts.register.sources(line.asset, "reads", "writes"):
        yield user
        yield from facts.register.targets(user, "executes")
