"""One world for all tests of a module: people of every role and a row of every kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.console.page import Panels
from apps.core import clock
from tests.hostile.worlds import AT, World, build
from tests.support import once_a_module

built = once_a_module(build, AT)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    with clock.at(AT):
        yield built


@pytest.fixture
def without_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages show a form and moves alone: panels are most of a page, and the crawl reads them."""
    monkeypatch.setattr("apps.console.admin.shown_panels", lambda *_: Panels())
