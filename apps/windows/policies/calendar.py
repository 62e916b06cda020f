"""Who keeps the calendar."""

from __future__ import annotations

from apps.evidence.services.register import register_roles

keep_calendar_blockers = register_roles("release_manager", "change_manager")
