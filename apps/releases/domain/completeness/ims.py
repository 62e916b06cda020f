"""What IMS asks for: C11 everything that refers to a changed DBD."""

from __future__ import annotations

from collections.abc import Iterator

from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine
from apps.releases.domain.completeness.rule import add_assets, finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import NOBODY, Detected, Severity


class GeneratedPsbs:
    code = "C11"
    title = "PSBs of a changed DBD"
    condition = "A DBD is in the scope."
    requirement = (
        "Every PSB that refers to it is in the scope or generated (PSBGEN), gets its ACB (ACBGEN), "
        "and an online change (IMS_OLC) activates them."
    )
    severity: Severity = "hard"
    symptom = "The PSB cannot be scheduled after the switch (U0456)"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines("ims_dbd", actions=("new", "change", "convert", "activate")):
            psbs = [p for p in facts.register.sources(line.asset, "refers_dbd") if p.is_live]
            if psbs:
                yield from self._of_dbd(facts, line, psbs)

    def _of_dbd(self, facts: Facts, line: ScopeLine, psbs: list[AssetFacts]) -> Iterator[Detected]:
        left_out = [p for p in facts.absent(psbs) if not facts.has_step(("PSBGEN",), p)]
        no_acb = [psb for psb in psbs if facts.lacks_step(("ACBGEN",), psb)]
        no_change = facts.lacks_step(("IMS_OLC",))
        told = [
            *([f"{named(left_out)} would keep the old definition"] if left_out else []),
            *([f"no ACBGEN step names {named(no_acb)}"] if no_acb else []),
            *(["no IMS_OLC step activates it"] if no_change else []),
        ]
        if not told:
            return
        steps = [
            *([NewStep("ACBGEN", f"ACBGEN {named(no_acb)}", no_acb)] if no_acb else []),
            *([NewStep("IMS_OLC", "IMS online change", [line.asset])] if no_change else []),
        ]
        yield finding(
            self,
            facts,
            f"{line.asset.name} changes: {listed(told)}.",
            trigger=line,
            missing=left_out,
            lacks=[*(f"ACBGEN {psb.name}" for psb in no_acb), *(["IMS_OLC"] if no_change else [])],
            fixes=[
                add_assets(f"Add {named(left_out)}", left_out, line.change),
                add_steps(f"Add {listed(step.type for step in steps)}", facts, steps),
            ],
        )
