"""What a log must not hold."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

_SECRET_ADDRESS = re.compile(r"(/calendars/)[^/\s?]+")


def hide_secret_addresses(
    logger: Any, name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The address of a subscribed calendar is its password: no line tells it."""
    for key, value in event.items():
        if isinstance(value, str) and "/calendars/" in value:
            event[key] = _SECRET_ADDRESS.sub(r"\1…", value)
    return event
