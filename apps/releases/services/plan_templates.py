"""Write plan templates: versions, each reviewed by a second person before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import line_blockers, model_blockers
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import PlanTemplate, TemplateParameter, TemplateStep
from apps.releases.policies import plan_template as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import as_key, fill, key_of

EDITABLE_FIELDS = ("name", "purpose")
CREATABLE_FIELDS = ("code", *EDITABLE_FIELDS)
PARAMETER_FIELDS = ("position", "name", "label", "kind", "choices", "is_required", "default")
STEP_FIELDS = ("position", "label", "type", "title", "instruction", "team", "duration_minutes",
               "after", "reverses", "max_rc", "four_eyes")  # fmt: skip
_PARTS: Mapping[str, tuple[Any, tuple[str, ...], str]] = {
    "parameters": (TemplateParameter, PARAMETER_FIELDS, "name"),
    "steps": (TemplateStep, STEP_FIELDS, "label"),
}

Parts = Mapping[str, Sequence[Mapping[str, Any]]]
Rows = dict[str, list[Any]]


@door("plan_template")
def write_template(
    *, actor: Actor, values: Mapping[str, Any], parts: Parts | None = None, comment: str = ""
) -> PlanTemplate:
    """The first version of a new template. Raises Refused naming every field and line."""
    refuse_if_any(rules.write_blockers(actor))
    template = PlanTemplate(written_by_id=actor.user_id)
    fill(template, values, CREATABLE_FIELDS)
    rows, problems = _rows(template, parts or {})
    if PlanTemplate.objects.filter(code=template.code).exists():
        problems.append(
            bad_input("code", f"There is a template {template.code} already.",
                      "Write a new version of it, or choose another code.", "duplicate")
        )  # fmt: skip
    refuse_if_any([*model_blockers(template), *problems])
    return _enter(template, rows, actor, comment)


@door("plan_template")
def edit_template(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Parts | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> PlanTemplate:
    """Change a draft; who edits it has written it, and does not review it."""
    template = _lock(pk, expected_seq)
    refuse_if_any(rules.edit_blockers(actor, template))
    before = {**template.governed_values(), **template.part_values()}
    fill(template, values, EDITABLE_FIELDS)
    rows, problems = _rows(template, parts or {})
    refuse_if_any([*model_blockers(template), *problems])
    for name, found in rows.items():
        _replace(template, name, found)
    told = PlanTemplate.objects.get(pk=template.pk).part_values()
    if {**template.governed_values(), **told} == before:
        return template
    template.written_by_id = actor.user_id
    return record(template, actor=actor, event=events.PLAN_TEMPLATE_EDITED, comment=comment,
                  parts=told)  # fmt: skip


@door("plan_template")
def review_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """draft → reviewed, by a second person."""
    template = _lock(pk, expected_seq)
    refuse_if_any(rules.review_blockers(actor, template))
    template.review()
    template.reviewed_by_id = actor.user_id
    return record(template, actor=actor, event=events.PLAN_TEMPLATE_REVIEWED, comment=comment)


@door("plan_template")
def rewrite_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """reviewed → draft, with what has to be mended."""
    template = _lock(pk, expected_seq)
    refuse_if_any([*rules.rewrite_blockers(actor, template), *reason_blockers(comment)])
    template.rewrite()
    template.reviewed_by = None
    return record(template, actor=actor, event=events.PLAN_TEMPLATE_SENT_BACK, comment=comment)


@door("plan_template")
def activate_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """reviewed → active; the version that was active until now is retired."""
    template = _lock(pk, expected_seq)
    refuse_if_any(rules.activate_blockers(actor, template))
    earlier = PlanTemplate.objects.filter(code=template.code, state=life.ACTIVE)
    for key in earlier.values_list("pk", flat=True):
        other = lock(PlanTemplate, key)
        other.retire()
        record(
            other, actor=actor, event=events.PLAN_TEMPLATE_RETIRED, about=template.subject,
            comment=f"{template} is active.",
        )  # fmt: skip
    template.activate()
    return record(template, actor=actor, event=events.PLAN_TEMPLATE_ACTIVATED, comment=comment)


@door("plan_template")
def retire_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """Nothing more is planned by this version; for good."""
    template = _lock(pk, expected_seq)
    refuse_if_any([*rules.retire_blockers(actor, template), *reason_blockers(comment)])
    template.retire()
    return record(template, actor=actor, event=events.PLAN_TEMPLATE_RETIRED, comment=comment)


@door("plan_template")
def revise_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """A draft of the next version, with what this one holds. The answer is that draft."""
    template = _lock(pk, expected_seq)
    refuse_if_any(rules.revise_blockers(actor, template))
    versions = PlanTemplate.objects.filter(code=template.code)
    draft = PlanTemplate(
        code=template.code,
        number=max(versions.values_list("number", flat=True)) + 1,
        name=template.name,
        purpose=template.purpose,
        written_by_id=actor.user_id,
    )
    rows = {
        name: [
            model(template=draft, **{field: getattr(row, field) for field in fields})
            for row in getattr(template, name).select_related(
                *(("type", "team") if name == "steps" else ())
            )
        ]
        for name, (model, fields, _) in _PARTS.items()
    }
    return _enter(draft, rows, actor, comment)


def find_template(pk: Any) -> PlanTemplate:
    """The version with this key. Raises Refused at the field `template`."""
    key = as_key(pk)
    found = PlanTemplate.objects.filter(pk=key).first() if key else None
    if found is None:
        raise Refused(
            bad_input("template", "There is no such plan template.", "Choose one of the list.")
        )
    return found


def _lock(pk: Any, expected_seq: int | None) -> PlanTemplate:
    key = key_of(pk, "plan template")
    rows = PlanTemplate.objects.select_related("written_by", "reviewed_by")
    return lock(rows, key, expected_seq=expected_seq, parts=True)


def _enter(template: PlanTemplate, rows: Rows, actor: Actor, comment: str) -> PlanTemplate:
    told = {name: [row.governed_values() for row in found] for name, found in rows.items()}
    record_created(
        template, actor=actor, event=events.PLAN_TEMPLATE_WRITTEN, comment=comment, parts=told
    )
    for name, found in rows.items():
        _PARTS[name][0].objects.bulk_create(found)
    return template


def _rows(template: PlanTemplate, parts: Parts) -> tuple[Rows, list[Blocker]]:
    """Unsaved rows by reverse name, and what is wrong with them: each by itself, and then all of
    the template together."""
    rows: Rows = {}
    problems: list[Blocker] = [
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(parts) - set(_PARTS))
    ]
    for name, (model, fields, key) in _PARTS.items():
        if name not in parts:
            continue
        kept = [row for row in parts[name] if not row.get("DELETE")]
        rows[name] = []
        seen: set[str] = set()
        for number, given in enumerate(kept, start=1):
            told = {field: given[field] for field in fields if given.get(field) is not None}
            row = model(template=template, **{"position": number, **told})
            problems += line_blockers(row, name, number, exclude={"template"})
            value = getattr(row, key)
            if value in seen:
                problems.append(
                    bad_input(name, f"Line {number}: {value} is there already.",
                              "Remove one of the two lines.", "duplicate")
                )  # fmt: skip
            seen.add(value)
            rows[name].append(row)
    if not problems and rows:
        parameters, steps = (
            rows[name] if name in rows else list(getattr(template, name).all()) for name in _PARTS
        )
        problems += rules.content_blockers(parameters, steps)
    return rows, problems


def _replace(template: PlanTemplate, name: str, given: Sequence[Any]) -> None:
    """Make the part list equal to `given`, touching only the rows that differ."""
    model, _, key = _PARTS[name]
    old = {getattr(row, key): row for row in getattr(template, name).all()}
    new = {getattr(row, key): row for row in given}
    for gone in old.keys() - new.keys():
        old[gone].delete()
    for both in old.keys() & new.keys():
        new[both].pk = old[both].pk
        if new[both].governed_values() != old[both].governed_values():
            new[both].save(force_update=True)
    model.objects.bulk_create([new[k] for k in new.keys() - old.keys()])
