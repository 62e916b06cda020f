"""What Db2 asks for: C03 programs with SQL, C04 tables that DDL changes."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine
from apps.releases.domain.completeness.rule import add_assets, finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import NOBODY, Detected, Severity

BINDS = ("BIND_PACKAGE", "REBIND")
#: States of an object whose definition waits for a REORG.
PENDING = frozenset({"AREOR", "REORP"})


class BoundPrograms:
    code = "C03"
    title = "DBRM and bind of a program with SQL"
    condition = "A program with SQL is in the scope."
    requirement = "Its DBRM is in the scope, and a step binds its package."
    severity: Severity = "hard"
    symptom = "-805 or -818 at the first SQL call"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines(family="program", actions=("new", "change")):
            packages = facts.register.targets(line.asset, "binds")
            if packages or line.asset.says("sql"):
                yield from self._of_program(facts, line, packages)

    def _of_program(
        self, facts: Facts, line: ScopeLine, packages: list[AssetFacts]
    ) -> Iterator[Detected]:
        dbrms = facts.absent(
            dbrm
            for package in packages
            for dbrm in facts.register.targets(package, "built_from")
            if not facts.has_step(("COPY_DBRM",), dbrm)
        )
        # Without a recorded package the bind is known by the program's name alone.
        unbound = [
            each for each in packages or [line.asset] if facts.lacks_step(("BIND_PACKAGE",), each)
        ]
        lacks = [f"BIND_PACKAGE {each.name}" for each in unbound]
        if not dbrms and not lacks:
            return
        told = [
            *([f"the DBRM {named(dbrms)} is not in the scope"] if dbrms else []),
            *([f"no step binds {named(unbound)}"] if unbound else []),
        ]
        yield finding(
            self,
            facts,
            f"{line.asset.name} has SQL: {listed(told)}; its first call would end in -805 or -818.",
            trigger=line,
            missing=dbrms,
            lacks=lacks,
            fixes=[
                add_assets(f"Add {named(dbrms)}", dbrms, line.change),
                add_steps(
                    "Add BIND_PACKAGE step",
                    facts,
                    [NewStep("BIND_PACKAGE", f"Bind {named(unbound)}", unbound)] if unbound else [],
                ),
            ],
        )


class PackagesOfTable:
    code = "C04"
    title = "Packages of a table that DDL changes"
    condition = "The definition of a table changes."
    requirement = (
        "Every package that reads or writes it is bound anew; where the change is pending (AREOR, "
        "REORP), REORG and RUNSTATS are planned."
    )
    severity: Severity = "hard"
    symptom = "An automatic rebind at 03:00, -904, or another access path"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines("db2_table", actions=("new", "change", "delete", "convert")):
            table = line.asset
            stale = [
                package
                for package in facts.register.sources(table, "reads", "writes")
                if package.type == "db2_package" and package.is_live
                and facts.lacks_step(BINDS, package)
            ]  # fmt: skip
            utilities = [
                kind
                for kind in ("REORG", "RUNSTATS")
                if _is_pending(facts, table) and facts.lacks_step((kind,), table)
            ]
            if stale or utilities:
                yield self._of_table(facts, line, stale, utilities)

    def _of_table(
        self, facts: Facts, line: ScopeLine, stale: list[AssetFacts], utilities: list[str]
    ) -> Detected:
        table, packages = line.asset, counted(len(stale), "package")
        told = [
            *([f"no step binds {packages} that use it: {named(stale)}"] if stale else []),
            *([f"its pending change has no {listed(utilities)}"] if utilities else []),
        ]
        steps = [NewStep(kind, f"{kind} {table.name}", [table]) for kind in utilities]
        if stale:
            steps.append(NewStep("REBIND", f"Rebind {packages} of {table.name}", stale))
        return finding(
            self,
            facts,
            f"{table.name} gets another definition: {listed(told)}.",
            trigger=line,
            missing=stale,
            lacks=utilities,
            fixes=[add_steps(f"Add {listed(step.type for step in steps)}", facts, steps)],
        )


def _is_pending(facts: Facts, table: AssetFacts) -> bool:
    """As the table's record or the DDL step itself says."""
    return str(table.attributes.get("state", "")) in PENDING or any(
        step.type == "DDL" and step.works_on(table) and not PENDING.isdisjoint(step.words)
        for step in facts.forward
    )
