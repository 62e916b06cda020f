"""When the live page of a meeting counts as changed."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest

from apps.changes.models import ChangeRequest
from apps.changes.services.exhibits import attach_exhibit
from apps.portal.board import state_tag, way_back_line
from apps.releases.models import ReleasePackage
from apps.releases.services.package_content import edit_package
from apps.windows.services.planning import edit_window
from tests.changes import meeting_worlds
from tests.changes.meeting_worlds import Board, fresh, item_of
from tests.factories import actor
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def board(night: Night) -> Board:
    with night.before():
        return meeting_worlds.board(night.bank)


@pytest.fixture
def change(night: Night, board: Board) -> ChangeRequest:
    with night.before():
        return meeting_worlds.high(board)


class Page:
    """The page of a meeting with one change up, as the chair sees it."""

    def __init__(self, night: Night, board: Board, change: ChangeRequest) -> None:
        self.night, self.board, self.change = night, board, change
        with night.before():
            self.meeting = board.frozen()
            self.chair = actor(board.chair)
        self.before = self.tag()

    def tag(self) -> str:
        meeting = fresh(self.meeting)
        with self.night.before():
            return state_tag(meeting, item_of(meeting, self.change), self.chair)

    def has_changed(self) -> bool:
        return self.tag() != self.before


def carrying(night: Night, change: ChangeRequest) -> ReleasePackage:
    return night.draft(changes=[change])


def test_nothing_happened(night: Night, board: Board, change: ChangeRequest) -> None:
    carrying(night, change)
    assert not Page(night, board, change).has_changed()


def test_a_new_document_changes_it(night: Night, board: Board, change: ChangeRequest) -> None:
    page = Page(night, board, change)
    with night.before():
        attach_exhibit(
            change=change.pk, actor=actor(night.bank.requester),
            values={"kind": "uat", "title": "Accepted", "result": "passed", "text": "All green."},
        )  # fmt: skip
    assert page.has_changed()


def test_a_package_that_takes_it_up_changes_it(
    night: Night, board: Board, change: ChangeRequest
) -> None:
    page = Page(night, board, change)
    carrying(night, change)
    assert page.has_changed()


def test_an_edit_of_its_package_changes_it(
    night: Night, board: Board, change: ChangeRequest
) -> None:
    package = carrying(night, change)
    page = Page(night, board, change)
    with night.before():
        edit_package(pk=package.pk, actor=actor(night.coordinator), values={"name": "Another"})
    assert page.has_changed()


def test_a_step_of_the_way_back_changes_it(
    night: Night, board: Board, change: ChangeRequest
) -> None:
    package = carrying(night, change)
    page = Page(night, board, change)
    night.step(package, "Z1", "COPY_LOAD", is_backout=True)
    assert page.has_changed()


def test_the_way_back_is_told_of_a_planned_night_and_else_what_is_missing(night: Night) -> None:
    assert "In no package yet" in way_back_line(None)
    package = night.draft()
    package.window = None
    assert "no window: no time to decide by" in way_back_line(package)
    package = night.planned()
    assert re.fullmatch(
        rf"Restore \d+ min, decision by .*\d\d:\d\d, for all of {night.window.code}.*",
        way_back_line(package),
    )


def test_an_edit_of_its_window_changes_it(
    night: Night, board: Board, change: ChangeRequest
) -> None:
    carrying(night, change)
    page = Page(night, board, change)
    with night.before():
        edit_window(
            pk=night.window.pk, actor=actor(night.coordinator), values={"name": "Another night"}
        )
    assert page.has_changed()
