"""What is built from something that changes: C01 copybooks, C02 static callers, C06 maps."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, Facts, Register, in_order
from apps.releases.domain.completeness.rule import add_assets, finding, named
from apps.releases.domain.findings import NOBODY, Detected, Severity

#: What is copied into a program when it is compiled.
COPIED = ("copybook", "include", "dclgen", "macro")


class RecompiledPrograms:
    code = "C01"
    title = "Programs of a changed copybook"
    condition = "A copybook, include, DCLGEN or macro is in the scope."
    requirement = (
        "Every program that copies it, directly or through another copybook, is in the scope and "
        "recompiled, or its layout is proved to be compatible."
    )
    severity: Severity = "hard"
    symptom = "S0C7 or shifted fields: the program still reads the old layout"
    waivable_by = "technical lead and application owner, on proof that every offset is the same"

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines(*COPIED):
            users = facts.register.sources(line.asset, "copies")
            nested = [part for part in users if part.type in COPIED]
            users += [user for part in nested for user in facts.register.sources(part, "copies")]
            missing = facts.absent(user for user in users if user.type not in COPIED)
            if missing:
                programs = counted(len(missing), "program")
                yield finding(
                    self,
                    facts,
                    f"{programs} that {_copy(missing)} {line.asset.name} would keep its old "
                    f"layout: {named(missing)}.",
                    trigger=line,
                    missing=missing,
                    fixes=[add_assets(f"Add {programs} as recompile", missing, line.change)],
                )


class StaticCallers:
    code = "C02"
    title = "Static callers of a changed program"
    condition = "A program is in the scope and another one links it statically."
    requirement = "The caller is in the scope and linked anew."
    severity: Severity = "hard"
    symptom = "The old code still runs inside the caller"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines(family="program"):
            direct = _static_callers(facts.register, line.asset)
            further = [
                caller for each in direct for caller in _static_callers(facts.register, each)
            ]
            missing = facts.absent([*direct, *further])
            if missing:
                callers = counted(len(missing), "caller")
                yield finding(
                    self,
                    facts,
                    f"{callers} of {line.asset.name}, linked statically, would run its old code: "
                    f"{named(missing)}.",
                    trigger=line,
                    missing=missing,
                    fixes=[add_assets(f"Add {callers} as relink", missing, line.change)],
                )


class ProgramsOfMap:
    code = "C06"
    title = "Programs of a changed map"
    condition = "A map set is in the scope."
    requirement = "Every program that uses one of its maps is in the scope."
    severity: Severity = "hard"
    symptom = "A garbled screen, or ASRA"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines("cics_mapset", "cics_map"):
            missing = facts.absent(facts.register.sources(line.asset, "uses_map"))
            if missing:
                programs = counted(len(missing), "program")
                yield finding(
                    self,
                    facts,
                    f"{programs} would show {line.asset.name} with the old symbolic map: "
                    f"{named(missing)}.",
                    trigger=line,
                    missing=missing,
                    fixes=[add_assets(f"Add {programs} of the map", missing, line.change)],
                )


def _copy(programs: list[AssetFacts]) -> str:
    return "copies" if len(programs) == 1 else "copy"


def _static_callers(register: Register, program: AssetFacts) -> list[AssetFacts]:
    return in_order(
        register.assets[edge.source]
        for edge in register.edges_in(program, "calls")
        if edge.attributes.get("link") == "static" and edge.source in register.assets
    )
