"""The list of fifty changes in the programming interface and in the console, at several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.console.admin import BoundedPaginator
from bench.load import COMMON, RARE
from bench.timing import interleaved, ratio, told, told_times
from bench.world import PASSWORD

#: A database, entered while its pages are asked for, and how many changes it holds.
Stage = tuple[Callable[[], AbstractContextManager[Any]], int]

#: The console numbers pages up to this row.
NUMBERED = BoundedPaginator.limit
API = "/api/v1/changes/"
STATE = "rejected"


class Reader:
    """Somebody signed in through the login page."""

    def __init__(self, username: str) -> None:
        self.client = Client()
        login = reverse("admin:login")
        answer = self.client.post(login, {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, "The bench cannot sign in."

    def get(self, address: str, **query: str) -> Any:
        answer = self.client.get(address, query)
        assert answer.status_code == 200, f"{address} answers {answer.status_code}."
        return answer


def cases(reader: Reader, rows: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every page that is measured, by name, where there are `rows` changes."""
    yield "api.list", partial(reader.get, API)
    yield "api.state", partial(reader.get, API, state=STATE)
    yield "api.search", partial(reader.get, API, q=COMMON)
    yield "api.search_rare", partial(reader.get, API, q=RARE)
    following = reader.get(API).json()["next"]
    if following:
        yield "api.page_2", partial(reader.get, following)
    changelist = reverse("admin:changes_changerequest_changelist")
    yield "admin.list", partial(reader.get, changelist)
    yield "admin.state", partial(reader.get, changelist, state__exact=STATE)
    yield "admin.search", partial(reader.get, changelist, q=COMMON)
    yield "admin.search_rare", partial(reader.get, changelist, q=RARE)
    yield "admin.page_2", partial(reader.get, changelist, p="2")
    yield "admin.last_page", partial(reader.get, changelist, p=str(min(rows, NUMBERED) // 50))


def measure(stages: Sequence[Stage], username: str, rounds: int) -> None:
    """Print the times of each page at each size, and how much the largest costs of the smallest."""
    for name, by_rows in _calls(stages, username).items():
        taken = interleaved(by_rows, rounds)
        for rows in by_rows:
            told_times(name, taken[rows], rows=int(rows), page=50)
        first, *_, last = by_rows if len(by_rows) > 1 else (*by_rows, *by_rows)
        if first != last:
            told(f"{name} / small", ratio(taken[last], taken[first]), "x",
                 rows=[int(first), int(last)])  # fmt: skip


def _calls(stages: Sequence[Stage], username: str) -> dict[str, dict[str, Callable[[], Any]]]:
    found: dict[str, dict[str, Callable[[], Any]]] = {}
    for enter, rows in stages:
        with enter():
            for name, call in cases(Reader(username), rows):
                found.setdefault(name, {})[str(rows)] = partial(_inside, enter, call)
    return found


def _inside(enter: Callable[[], AbstractContextManager[Any]], call: Callable[[], Any]) -> None:
    with enter():
        call()
