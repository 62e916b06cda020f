"""The door: the outermost transaction of every business action."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.models import ActionKey
from apps.evidence.services import replays
from apps.evidence.services.ledger import record_refusal

P = ParamSpec("P")
R = TypeVar("R")


def door(label: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service the one way to do something to a `label` ("change", "package"…).

    The service takes keywords only, `actor` among them, and `pk` unless it creates. Everything
    it does commits together or not at all; when it raises Refused, the refusal is recorded in a
    transaction of its own after the rollback, and raised on. Doors do not nest: a service that
    needs part of another calls its inner function. The service gets its `comment` tidied; one
    that cannot be stored is refused before it. What the actor asks for a second time under the same
    `action_key` is not done again: the door answers with the record, or the refusal, of the first
    time.
    """

    def wrap(service: Callable[P, R]) -> Callable[P, R]:
        attempted = f"{label}.{service.__name__}"

        @functools.wraps(service)
        def through(*args: P.args, **kwargs: P.kwargs) -> R:
            if args:
                raise TypeError(f"{service.__name__}() takes keywords only.")
            if clock.is_looking_back():
                raise RuntimeError("Nothing is done in the past.")
            actor: Actor = kwargs["actor"]  # type: ignore[assignment]
            asked = replays.asked_for(attempted, actor, kwargs)
            try:
                return _once(service, kwargs, asked)
            except replays.RefusedBefore:
                raise
            except Refused as refusal:
                pk: Any = kwargs.get("pk")
                with transaction.atomic(durable=True):
                    record_refusal(
                        attempted=attempted,
                        about=f"{label}:{str(pk)[:36]}" if pk else "",
                        actor=actor,
                        blockers=refusal.blockers,
                    )
                    if asked is not None:
                        replays.keep_refusal(asked, refusal.blockers)
                raise

        through.is_door = True  # type: ignore[attr-defined]
        return through

    return wrap


def _once(service: Callable[..., R], kwargs: dict[str, Any], asked: ActionKey | None) -> R:
    """What is behind the door, in its transaction; what was done before is told again."""
    with transaction.atomic(durable=True):
        if asked is not None and (done := replays.claim(asked)) is not None:
            return replays.result_of(done)  # type: ignore[no-any-return]
        if "comment" in kwargs:
            kwargs["comment"] = tidy(str(kwargs["comment"]))
            refuse_if_any(text_blockers("comment", kwargs["comment"]))
        result = service(**kwargs)
        if asked is not None:
            replays.keep_result(asked, result)
        return result


def within(service: Callable[P, R]) -> Callable[P, R]:
    """What is behind the door `service`, for another door that does it as part of its own action.

    It runs in the caller's transaction: all commits together, and a refusal is the caller's.
    """
    inner: Callable[P, R] = service.__wrapped__  # type: ignore[attr-defined]
    return inner
