"""What a client asks for twice is done once: a phone on a bad line, a program that lost its answer.

The key belongs to whoever sends it. A refusal is kept like a success: whoever wants to try again
asks anew, under another key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input
from apps.evidence.domain.canonical import digest, plain
from apps.evidence.models import ActionKey

#: Longer than any line is down, and than any client tries again.
KEPT_FOR = timedelta(days=30)
PROOF_MISSING = "step_up_needed"


class RefusedBefore(Refused):
    """The answer to an action that was refused under the same key; that was recorded then."""


def asked_for(action: str, actor: Actor, asked: Mapping[str, Any]) -> ActionKey | None:
    """The row of the key under which the actor asks; None without a key."""
    if actor.action_key is None:
        return None
    return ActionKey(
        actor_id=actor.user_id,
        key=actor.action_key,
        action=action,
        request=digest({name: _told(value) for name, value in asked.items() if name != "actor"}),
        at=clock.now(),
    )


def claim(row: ActionKey) -> ActionKey | None:
    """What was kept if the action was done before; None when it is to be done now.

    Whoever asks at the same moment waits here for the other's commit. Raises RefusedBefore, or
    Refused where the key was used for something else.
    """
    # One statement that neither fails nor overwrites when the key is there.
    ActionKey.objects.bulk_create([row], ignore_conflicts=True)
    found = ActionKey.objects.get(actor_id=row.actor_id, key=row.key)
    if found.pk == row.pk:
        return None
    if (found.action, found.request) != (row.action, row.request):
        raise Refused(
            bad_input(
                "Idempotency-Key",
                "This key was used for something else.",
                "Make a new key for every action.",
                "key_reused",
            )
        )
    if found.refusal is not None:
        raise RefusedBefore([Blocker.from_dict(each) for each in found.refusal])
    return found


def keep_result(row: ActionKey, result: Any) -> None:
    """What the action came to: the record that its door answers with."""
    if isinstance(result, models.Model):
        ActionKey.objects.filter(pk=row.pk).update(model=result._meta.label, record_id=result.pk)


def keep_refusal(row: ActionKey, blockers: Iterable[Blocker]) -> None:
    """Keep the reasons, but for a missing proof of identity, after which one asks again."""
    blockers = list(blockers)
    if any(blocker.code == PROOF_MISSING for blocker in blockers):
        return
    row.refusal = [plain(blocker.as_dict()) for blocker in blockers]
    ActionKey.objects.bulk_create([row], ignore_conflicts=True)


def result_of(done: ActionKey) -> Any:
    """The record that an action came to, as it is now; None for one that came to none."""
    if not done.model:
        return None
    return apps.get_model(done.model)._base_manager.get(pk=done.record_id)


def first_answer(actor: Actor, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer that was sent first under the actor's key: this one, if none was."""
    mine = ActionKey.objects.filter(actor_id=actor.user_id, key=str(actor.action_key))
    with transaction.atomic():
        mine.filter(answer__isnull=True).update(answer=dict(answer))
    row = mine.first()
    return dict(answer) if row is None or row.answer is None else dict(row.answer)


def forget_action_keys() -> int:
    """Drop the keys that nobody asks under any more; how many."""
    count, _ = ActionKey.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
    return count


def _told(value: Any) -> Any:
    """`value` as it enters the digest: a record by its key, what has no plain form by its type."""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, Mapping):
        return {str(name): _told(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    try:
        return plain(value)
    except (TypeError, ValueError):
        return repr(value)[:200]
