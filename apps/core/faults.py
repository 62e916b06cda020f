"""Points at which a test kills the process, to see what the next one makes of it."""

from __future__ import annotations

import os
import signal

from django.conf import settings


def fault(point: str) -> None:
    """End this process as `kill -9` does, where the tests' settings name `point`; else nothing."""
    if point == settings.INTERLOCK_FAULT_AT:
        os.kill(os.getpid(), signal.SIGKILL)
