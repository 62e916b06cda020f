"""What the batch needs: C08 new jobs, C09 data sets of a job, C13 the schedule, C17 its time."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.words import counted
from apps.releases.domain.completeness.facts import AssetFacts, Facts, ScopeLine, in_order
from apps.releases.domain.completeness.rule import capital, finding, listed, named
from apps.releases.domain.completeness.steps import NewStep, add_steps
from apps.releases.domain.findings import NOBODY, RELEASE_MANAGER, Detected, Severity, by_people
from apps.releases.domain.sequence import ahead

DEFINES = ("IDCAMS_DEFINE", "GDG_DEFINE")
#: Keys of a `writes` relation by which the job makes the data set itself.
MAKES = frozenset({"create", "define"})
SCHEDULING_LEAD = "technical_lead:scheduling"


class NewJobParts:
    code = "C08"
    title = "Everything a new job needs"
    condition = "A new job is in the scope."
    requirement = (
        "Its JCL, scheduler entry, security permit, defines of its data sets, run book and restart "
        "instruction are there."
    )
    severity: Severity = "hard"
    symptom = "A JCL error at 03:00, and nobody knows the restart step"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines("job", actions=("new",)):
            undefined = _undefined(facts, line.asset)
            steps = [*_defines(undefined), *self._steps(facts, line.asset)]
            papers = [
                what
                for what, keys in (
                    ("run book", ("run_book",)),
                    ("restart instruction", ("restart_step", "rerun_instruction")),
                )
                if not any(line.asset.attributes.get(key) for key in keys)
            ]
            parts = [
                *(_PART_OF[step.type] for step in steps if step.type in _PART_OF),
                *(f"definition of {each.name}" for each in undefined),
            ]
            if steps or papers:
                yield finding(
                    self,
                    facts,
                    f"The new job {line.asset.name} has no {listed([*parts, *papers], 'or')}.",
                    trigger=line,
                    missing=undefined,
                    lacks=[*(step.type for step in steps), *papers],
                    fixes=[
                        add_steps(f"Add {counted(len(steps), 'step')}", facts, steps),
                        by_people(f"Enter {listed(papers)} with the job") if papers else None,
                    ],
                )

    def _steps(self, facts: Facts, job: AssetFacts) -> Iterator[NewStep]:
        if facts.lacks_step(("COPY_JCL", "SCM_EXECUTE")):
            yield NewStep("COPY_JCL", f"Copy the JCL of {job.name}", [job])
        protected = facts.register.sources(job, "protects") or facts.lines("racf_profile")
        if not protected and facts.lacks_step(("SECURITY",)):
            yield NewStep("SECURITY", f"Permit {job.name}", [job])
        scheduled = facts.register.sources(job, "schedules") or facts.lines("scheduler_entry")
        if not scheduled and facts.lacks_step(("SCHED_LOAD",), job):
            yield NewStep("SCHED_LOAD", f"Load the schedule of {job.name}", [job])


_PART_OF = {
    "COPY_JCL": "JCL in the plan",
    "SECURITY": "security permit",
    "SCHED_LOAD": "scheduler entry",
}


class DefinedDataSets:
    code = "C09"
    title = "Data sets of a job"
    condition = "A changed job refers to a data set that does not exist yet."
    requirement = "The job creates it itself, or a step defines it."
    severity: Severity = "hard"
    symptom = "IEF212I data set not found"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        for line in facts.lines("job", actions=("change", "convert", "activate")):
            missing = _undefined(facts, line.asset)
            if missing:
                sets = counted(len(missing), "data set")
                yield finding(
                    self,
                    facts,
                    f"{line.asset.name} refers to {sets} that no step defines: {named(missing)}.",
                    trigger=line,
                    missing=missing,
                    fixes=[add_steps(f"Define {sets}", facts, _defines(missing))],
                )


def _undefined(facts: Facts, job: AssetFacts) -> list[AssetFacts]:
    """Data sets of the job that are not there yet, and that neither it nor a step makes."""
    edges = list(facts.register.edges_out(job, "reads", "writes"))
    made = {
        edge.target
        for edge in edges
        if edge.key in MAKES or "NEW" in str(edge.attributes.get("disp", "")).upper()
    }
    new = {line.asset.id for line in facts.scope if line.action == "new"}
    used = in_order(
        facts.register.assets[edge.target] for edge in edges if edge.target in facts.register.assets
    )
    return [
        each
        for each in used
        if each.family == "data"
        and (each.status == "planned" or each.id in new)
        and each.id not in made
        and facts.lacks_step(DEFINES, each)
    ]


def _defines(assets: list[AssetFacts]) -> list[NewStep]:
    return [
        NewStep("GDG_DEFINE" if each.type == "gdg" else "IDCAMS_DEFINE", f"Define {each.name}",
                [each])
        for each in assets
    ]  # fmt: skip


class LoadedSchedule:
    code = "C13"
    title = "Load of a changed schedule"
    condition = "A scheduler entry changes."
    requirement = (
        "Scheduling has reviewed what runs before and after it, and a SCHED_LOAD step comes before "
        "the plan is extended."
    )
    severity: Severity = "hard"
    symptom = "The job is not in tonight's plan"
    waivable_by = NOBODY

    def find(self, facts: Facts) -> Iterator[Detected]:
        if facts.activities is None:
            return
        for line in facts.lines("scheduler_entry"):
            unloaded = facts.lacks_step(("SCHED_LOAD",), line.asset)
            late = not unloaded and self._is_late(facts, line.asset)
            unreviewed = not self._is_reviewed(facts, line)
            told = [
                *(["no step loads it"] if unloaded else []),
                *(["it is loaded after the plan was extended"] if late else []),
                *(["scheduling has not reviewed its order"] if unreviewed else []),
            ]
            if told:
                steps = [NewStep("SCHED_LOAD", f"Load {line.asset.name}", [line.asset])]
                people = [
                    *(["load it before PLAN_EXTEND"] if late else []),
                    *(["have the lead of scheduling sign or attach the review"]
                      if unreviewed else []),
                ]  # fmt: skip
                yield finding(
                    self,
                    facts,
                    f"{line.asset.name} changes: {listed(told)}.",
                    trigger=line,
                    lacks=told,
                    fixes=[
                        add_steps("Add SCHED_LOAD step", facts, steps if unloaded else []),
                        by_people(capital(listed(people))) if people else None,
                    ],
                )

    def _is_reviewed(self, facts: Facts, line: ScopeLine) -> bool:
        signed = any(SCHEDULING_LEAD in change.signed for change in facts.changes
                     if change.id == line.change)  # fmt: skip
        return signed or any(
            "schedul" in exhibit.title.lower() for exhibit in facts.exhibits([line.change])
        )

    def _is_late(self, facts: Facts, entry: AssetFacts) -> bool:
        after = {step.label: step.predecessors for step in facts.activities or ()}
        extends = {step.label for step in facts.forward if step.type == "PLAN_EXTEND"}
        loads = [s for s in facts.forward if s.type == "SCHED_LOAD" and s.works_on(entry)]
        earlier = [ahead([step.label], after) for step in loads]
        return all(extends & each for each in earlier)


class ForecastElapsed:
    code = "C17"
    title = "Forecast of a critical job"
    condition = "A job that a business service waits for is in the scope."
    requirement = "A performance test of the new version with its elapsed time is attached."
    severity: Severity = "soft"
    symptom = "The batch runs into the online day"
    waivable_by = RELEASE_MANAGER

    def find(self, facts: Facts) -> Iterator[Detected]:
        measured = any(check.kind == "performance" for check in facts.checks)
        missing = [
            line.asset
            for line in facts.lines("job", actions=("new", "change"))
            if line.asset.critical
            and not measured
            and not any(e.kind == "performance" for e in facts.exhibits([line.change]))
        ]
        if missing:
            yield finding(
                self,
                facts,
                f"Nobody has forecast how long {named(missing)} will run; a business service "
                "waits for it.",
                missing=missing,
                fixes=[by_people("Attach the performance test with the elapsed time")],
            )
