"""The picture of which package goes before which, as it is read from the rows."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from apps.releases import pictures
from apps.releases.models import ReleasePackage
from apps.releases.pictures import order_picture
from apps.windows.models import ReleaseWindow
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import once_a_module
from tests.windows.worlds import draft_window

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def window(night: Night, code: str, days: int) -> ReleaseWindow:
    """Another window, so many days after the first."""
    opens_at = OPENS + timedelta(days=days)
    return draft_window(
        night.planners,
        code=code,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(hours=8),
        cutoffs=[],
    )


def drawn(*focus: ReleasePackage) -> set[str]:
    picture = order_picture([package.pk for package in focus], whole=True)
    return {box.label for box in picture.layout.boxes}


def test_of_a_large_portfolio_the_focus_and_the_next_windows_are_drawn(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = night.draft(window=window(night, "W-FAR", 60))
    later, unplanned = night.draft(window=window(night, "W-LATER", 30)), night.draft(window=None)
    soon = night.draft()
    monkeypatch.setattr(pictures, "MOST_PACKAGES", 2)
    with night.before():
        assert drawn(far) == {far.code, soon.code}
        assert drawn(soon) == {soon.code, later.code}
        assert drawn(unplanned) == {unplanned.code, soon.code}


def test_a_window_that_is_over_comes_after_those_that_are_to_come(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, soon = night.draft(), night.draft(window=window(night, "W-LATER", 30))
    far = night.draft(window=window(night, "W-FAR", 60))
    monkeypatch.setattr(pictures, "MOST_PACKAGES", 2)
    with night.at(60 * 24):
        assert drawn(far) == {far.code, soon.code}
        assert drawn(over) == {over.code, soon.code}
