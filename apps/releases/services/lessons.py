"""Lessons: entered after a night, their actions done, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.models import Lesson
from apps.releases.policies import lesson as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import comment_blockers, fill, key_of

ABOUT_FIELDS = ("plan_template", "standard_template", "asset")
EDITABLE_FIELDS = ("category", "what", "why", "action", "owner", "due_on", *ABOUT_FIELDS)
CREATABLE_FIELDS = ("package", "window", *EDITABLE_FIELDS)


@door("lesson")
def enter_lesson(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> Lesson:
    """A lesson of a package or a window, with its action, owner and due day."""
    refuse_if_any([*rules.write_blockers(actor), *comment_blockers(comment)])
    lesson = Lesson(code=_next_code())
    fill(lesson, values, CREATABLE_FIELDS)
    refuse_if_any([*model_blockers(lesson), *rules.about_blockers(lesson)])
    return record_created(lesson, actor=actor, event=events.LESSON_ENTERED, comment=comment)


@door("lesson")
def edit_lesson(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> Lesson:
    lesson = _lock(pk, expected_seq)
    refuse_if_any([*rules.edit_blockers(actor, lesson), *comment_blockers(comment)])
    before = lesson.governed_values()
    fill(lesson, values, EDITABLE_FIELDS)
    refuse_if_any([*model_blockers(lesson), *rules.about_blockers(lesson)])
    if lesson.governed_values() == before:
        return lesson
    return record(lesson, actor=actor, event=events.LESSON_EDITED, comment=comment)


@door("lesson")
def settle_lesson(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Lesson:
    """The action is done; the comment says how. What it blocked can be used again."""
    lesson = _lock(pk, expected_seq)
    refuse_if_any([*rules.settle_blockers(actor, lesson),
                   *reason_blockers(comment, "What was done")])  # fmt: skip
    lesson.settle()
    _settled(lesson, actor, comment)
    return record(lesson, actor=actor, event=events.LESSON_SETTLED, comment=comment)


@door("lesson")
def drop_lesson(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Lesson:
    """Nothing is done about it, for a reason."""
    lesson = _lock(pk, expected_seq)
    refuse_if_any([*rules.drop_blockers(actor, lesson), *reason_blockers(comment)])
    lesson.drop()
    _settled(lesson, actor, comment)
    return record(lesson, actor=actor, event=events.LESSON_DROPPED, comment=comment)


def _settled(lesson: Lesson, actor: Actor, comment: str) -> None:
    lesson.settled_text, lesson.settled_at = tidy(comment), clock.now()
    lesson.settled_by_id = actor.id


def _lock(pk: UUID, expected_seq: int | None) -> Lesson:
    rows = Lesson.objects.select_related("owner")
    return lock(rows, key_of(pk, "lesson"), expected_seq=expected_seq)


def _next_code() -> str:
    """LL-yynnn, counted through the year."""
    prefix = f"LL-{clock.now():%y}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [prefix])
    taken = Lesson.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    return f"{prefix}{max((int(code[len(prefix) :]) for code in taken), default=0) + 1:03d}"
