"""The timeline of one change around which thousands of things happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.urls import reverse

from apps.changes.models import ChangeRequest
from apps.evidence.services.remarks import add_comment
from bench.lists import Reader
from bench.timing import interleaved, told_times
from bench.world import Bank

RARE = "needle"


def busy_change(bank: Bank, change: ChangeRequest, events: int) -> None:
    """Comments on it, one of them of a word that no other has."""
    actor = bank.actor(bank.requester)
    for number in range(events):
        word = RARE if number == events // 2 else "words"
        add_comment(about=change.subject, actor=actor, text=f"Remark {number}: {word}.")


def cases(reader: Reader, change: ChangeRequest) -> Iterator[tuple[str, Callable[[], Any]]]:
    page = reverse("admin:changes_changerequest_history", args=[change.pk])
    interface = f"/api/v1/changes/{change.pk}/timeline/"
    yield "timeline.page", partial(reader.get, page)
    yield "timeline.kind", partial(reader.get, page, kind="moves")
    yield "timeline.text", partial(reader.get, page, q=RARE)
    yield "timeline.api", partial(reader.get, interface)
    following = reader.get(interface).json()["next"]
    if following:
        yield "timeline.api_page_2", partial(reader.get, following)


def measure(
    enter: Callable[[], AbstractContextManager[Any]],
    username: str,
    change: ChangeRequest,
    events: int,
    rounds: int,
) -> None:
    """Print the times of each way to read it."""
    with enter():
        for name, call in cases(Reader(username), change):
            taken = interleaved({name: call}, rounds)
            told_times(name, taken[name], events=events)
