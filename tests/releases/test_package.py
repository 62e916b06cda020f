"""What a package does on its way through the night."""

from __future__ import annotations

import pytest

from tests.releases.worlds import Night, small_night
from tests.support import commit_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(db: None) -> Night:
    return small_night()


def test_a_whole_life(night: Night) -> None:
    package = night.closed()
    commit_now()
    assert package.state == "closed"
    assert package.outcome == "completed"


def test_a_backout(night: Night) -> None:
    package = night.backed_out()
    commit_now()
    assert package.state == "backed_out"
