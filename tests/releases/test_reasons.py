"""What a refusal says of a state, in words that fit every state and every move."""

from __future__ import annotations

import pytest

from apps.releases.policies.reasons import state_blockers

LABELS = {"open": "Open", "ready": "Ready", "accepted": "Risk accepted", "closed": "Closed"}


@pytest.mark.parametrize(("sources", "when"), [
    (("open",), "open"), (("open", "ready"), "open or ready"),
    (("open", "ready", "accepted"), "open, ready or risk accepted"),
])  # fmt: skip
def test_a_state_that_does_not_fit_names_those_that_do(sources: tuple[str, ...], when: str) -> None:
    (blocker,) = state_blockers("AF-1", "closed", sources, LABELS, "explained")
    assert blocker.text == f"AF-1 is closed; it can be explained only when it is {when}."


def test_a_state_that_fits_is_no_reason() -> None:
    assert not list(state_blockers("AF-1", "open", ("open",), LABELS, "explained"))
