"""What must and must not be installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pytest


def test_the_maintained_fsm_is_the_only_one() -> None:
    assert version("django-fsm-2")
    with pytest.raises(PackageNotFoundError):
        version("django-fsm")
