"""The named worlds of the demo, for tests. Each is built through the services alone."""

from __future__ import annotations

from apps.portal.demo.worlds import (
    EVENING_AT,
    NIGHT_AT,
    a_change_ready_to_approve,
    a_change_with_conditions,
    carddemo_inventory,
    northgate,
    the_calendar,
    the_evening_before,
    the_live_night,
)

__all__ = [
    "EVENING_AT",
    "NIGHT_AT",
    "a_change_ready_to_approve",
    "a_change_with_conditions",
    "carddemo_inventory",
    "northgate",
    "the_calendar",
    "the_evening_before",
    "the_live_night",
]
