"""Small rules about one step's numbers."""

from __future__ import annotations

DURATION_MIN = 1
DURATION_MAX = 1440

#: Why a step failed.
FAIL_CODES: tuple[tuple[str, str], ...] = (
    ("abend", "Abend"),
    ("return_code", "Return code"),
    ("resource", "Resource unavailable"),
    ("human_error", "Human error"),
    ("environment", "Environment"),
)

#: Attempts after which another one needs a reason.
ATTEMPTS_FREE = 2


def deviates(return_code: int | None, max_return_code: int | None) -> bool:
    """True when a return code is above what the plan expects."""
    return return_code is not None and max_return_code is not None and return_code > max_return_code
