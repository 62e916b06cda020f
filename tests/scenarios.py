"""The named worlds of the demo, for tests. Each is built through the services alone."""

from __future__ import annotations

from apps.portal.demo.worlds import (
    NIGHT_AT,
    carddemo_inventory,
    northgate,
)

__all__ = [
    "NIGHT_AT",
    "carddemo_inventory",
    "northgate",
]
