"""Who writes, reviews and uses plan templates, and what keeps one from being used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.inventory.models import Subsystem
from apps.releases.domain import lifecycle as life
from apps.releases.domain import plan_template as engine
from apps.releases.models import PlanTemplate, TemplateParameter, TemplateStep
from apps.releases.policies.lesson import lesson_blockers, open_lessons
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers

LABELS = dict(life.TEMPLATE_STATES)
WRITERS = ("release_coordinator", "technical_lead")
RESPONSIBLE = ("release_coordinator", "release_manager", "technical_lead")


def _state_blockers(template: PlanTemplate, move: str, done: str) -> Iterator[Blocker]:
    sources = life.TEMPLATE_SOURCES[move]
    yield from any_state_blockers(str(template), template.state, sources, LABELS, done)


def write_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *WRITERS)


def edit_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    yield from write_blockers(actor)
    if template.state != life.DRAFT:
        yield Blocker(
            "wrong_state",
            f"{template} is {LABELS[template.state].lower()}; a version changes only as a draft.",
            "Write a new version.",
            "release coordinator",
            kind="state",
        )


def review_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    """Somebody else than who wrote this version, and a version that can be applied."""
    yield from _state_blockers(template, "review", "reviewed")
    yield from role_blockers(actor, *RESPONSIBLE)
    if actor.id is not None and actor.id == template.written_by_id:
        yield Blocker(
            "same_person",
            "You wrote this version; a second person reviews it.",
            "Ask another coordinator or technical lead.",
            "another release coordinator",
            kind="permission",
        )
    yield from content_blockers(list(template.parameters.all()), list(template.steps.all()))


def rewrite_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "rewrite", "sent back")
    yield from role_blockers(actor, *RESPONSIBLE)


def activate_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "activate", "made active")
    yield from role_blockers(actor, "release_coordinator", "release_manager")


def retire_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    yield from _state_blockers(template, "retire", "retired")
    yield from role_blockers(actor, "release_coordinator", "release_manager")


def revise_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    """One version of a template is written at a time."""
    yield from write_blockers(actor)
    if template.state == life.DRAFT:
        yield Blocker("wrong_state", f"{template} is still being written.", "Edit it.",
                      "release coordinator", kind="state")  # fmt: skip
        return
    written = PlanTemplate.objects.filter(code=template.code, state=life.DRAFT).first()
    if written is not None:
        yield Blocker("being_written", f"{written} is being written already.", "Edit that version.",
                      str(written.written_by or "release coordinator"))  # fmt: skip


def apply_blockers(template: PlanTemplate) -> Iterator[Blocker]:
    if template.state != life.ACTIVE:
        yield bad_input(
            "template",
            f"{template} is {LABELS[template.state].lower()}; only an active version is applied.",
            "Choose the active version.",
            "not_active",
        )
    yield from lesson_blockers(open_lessons().filter(plan_template=template.code))


def content_blockers(
    parameters: Sequence[TemplateParameter], steps: Sequence[TemplateStep]
) -> Iterator[Blocker]:
    """What keeps the template from being applied at all, at the list that it is in."""
    names = {each.name for each in parameters}
    for problem in engine.mistakes(as_parameters(parameters), as_lines(steps), regions()):
        field = "parameters" if problem.name in names else "steps"
        yield bad_input(field, problem.text, problem.fix, "template")


def as_parameters(rows: Iterable[TemplateParameter]) -> list[engine.Parameter]:
    return [
        engine.Parameter(
            row.name,
            row.label,
            engine.Kind(row.kind),
            tuple(word.strip() for word in row.choices.split(",") if word.strip()),
            row.is_required,
            row.default,
        )
        for row in rows
    ]


def as_lines(rows: Iterable[TemplateStep]) -> list[engine.Line]:
    return [
        engine.Line(row.label, row.title, row.instruction, tuple(row.after.split()), row.reverses)
        for row in rows
    ]


def regions() -> frozenset[str]:
    """The names of the CICS regions of the landscape."""
    return frozenset(Subsystem.objects.filter(kind="cics_region").values_list("name", flat=True))
