"""Control tests: small pure classes over facts, run over every row of a population."""

from __future__ import annotations

from collections.abc import Mapping

from apps.audit.domain.controls.catalogue import (
    Approved,
    Authorised,
    Backdated,
    Duties,
    InWindow,
    Numbers,
    Ratified,
    Tested,
    Validated,
    Waivers,
)
from apps.audit.domain.controls.control import Control, Exceptional, Result, Verdict

#: In the order in which they are told.
CONTROLS: tuple[Control, ...] = (
    Authorised(), Approved(), Duties(), Tested(), InWindow(), Ratified(), Validated(), Numbers(),
    Backdated(), Waivers(),
)  # fmt: skip
CONTROL_BY_CODE: Mapping[str, Control] = {control.code: control for control in CONTROLS}

__all__ = ["CONTROLS", "CONTROL_BY_CODE", "Control", "Exceptional", "Result", "Verdict"]
