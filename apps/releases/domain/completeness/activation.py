"""What makes a new module run: C05 refresh in CICS, C07 refresh of library lookaside."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, Facts, StepFacts
from apps.releases.domain.completeness.rule import finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import NOBODY, Detected, Severity
from apps.releases.domain.sequence import ahead

REFRESHES = ("NEWCOPY", "PHASEIN")
COPIES = ("SCM_EXECUTE", "COPY_LOAD")
INSTALLED = ("new", "change")
#: More programs than these are counted in the title of a step.
FEW = 4


class RefreshedInCics:
    code = "C05"
    title = "Refresh in every CICS region"
    condition = "A CICS program or map set is in the scope."
    requirement = "One NEWCOPY or PHASEIN step in each region that runs it."
    severity: Severity = "hard"
    symptom = "The old program in one region of two"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        if facts.activities is None:
            return
        lines = facts.lines("program_cics", "cics_mapset", actions=INSTALLED)
        missing = {line.asset.id: self._missing(facts, line.asset) for line in lines}
        stale = [line.asset for line in lines if missing[line.asset.id]]
        if stale:
            where = [f"{asset.name} in {listed(sorted(missing[asset.id]))}" for asset in stale]
            yield self._finding(facts, stale, where, self._steps(stale, missing))
        elif lines and not facts.has_step(REFRESHES):
            # Where they run is not recorded; that they are loaded anew somewhere is certain.
            assets = [line.asset for line in lines]
            steps = [NewStep("NEWCOPY", f"NEWCOPY {_few(assets)}", assets)]
            yield self._finding(facts, assets, [named(assets)], steps)

    def _finding(
        self, facts: Facts, stale: list[AssetFacts], where: list[str], steps: list[NewStep]
    ) -> Detected:
        return finding(
            self,
            facts,
            f"No step refreshes {listed(where)}: the old program would go on running.",
            missing=stale,
            lacks=[f"NEWCOPY {each}" for each in where],
            fixes=[add_steps(f"Add {counted(len(steps), 'NEWCOPY step')}", facts, steps)],
        )

    def _missing(self, facts: Facts, asset: AssetFacts) -> set[str]:
        """Regions that run the asset and in which no step refreshes it."""
        refreshing = [
            step for step in facts.forward if step.type in REFRESHES and step.works_on(asset)
        ]
        return {
            region
            for region in self._regions(facts, asset)
            if not any(step.runs_in(region) for step in refreshing)
        }

    def _regions(self, facts: Facts, asset: AssetFacts) -> frozenset[str]:
        """Where it runs; a map set runs where the programs run that use it."""
        users = facts.register.sources(asset, "uses_map")
        return facts.regions_of(asset).union(*(facts.regions_of(user) for user in users))

    def _steps(self, stale: list[AssetFacts], missing: dict[UUID, set[str]]) -> list[NewStep]:
        """One per region."""
        regions = sorted(set().union(*missing.values()))
        there = {
            region: [asset for asset in stale if region in missing[asset.id]] for region in regions
        }
        return [
            NewStep("NEWCOPY", f"NEWCOPY {_few(assets)} in {region}", assets)
            for region, assets in there.items()
        ]


class RefreshedLookaside:
    code = "C07"
    title = "Refresh of library lookaside"
    condition = "A load module is copied to a library whose directory LLA keeps."
    requirement = "An LLA_REFRESH step follows the copy."
    severity: Severity = "hard"
    symptom = "The old module is loaded"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        modules = [
            line.asset for line in facts.lines(family="program", actions=INSTALLED)
            if line.asset.lla
        ]  # fmt: skip
        copies = [step for step in facts.own if step.type in COPIES and not step.is_backout]
        libraries = [
            asset
            for asset in facts.register.assets.values()
            if asset.lla and any(asset.id in step.targets for step in copies)
        ]
        if (modules or libraries) and copies and not self._follows(facts, copies):
            labels = listed(step.label for step in copies)
            what = named(modules) if modules else "modules"
            yield finding(
                self,
                facts,
                f"{labels} copies {what} to a library that LLA looks up, and no LLA_REFRESH "
                "follows: the old module would be loaded.",
                missing=modules,
                lacks=["LLA_REFRESH"],
                fixes=[
                    add_steps(
                        "Add LLA_REFRESH step",
                        facts,
                        [NewStep("LLA_REFRESH", "Refresh LLA on every image", libraries)],
                    )
                ],
            )

    def _follows(self, facts: Facts, copies: list[StepFacts]) -> bool:
        """Whether a refresh is planned that no copy waits for."""
        after = {step.label: step.predecessors for step in facts.own}
        earlier = ahead((step.label for step in copies), after)
        return any(
            step.type == "LLA_REFRESH" and step.label not in earlier for step in facts.forward
        )


def _few(assets: list[AssetFacts]) -> str:
    return named(assets) if len(assets) <= FEW else counted(len(assets), "program")
