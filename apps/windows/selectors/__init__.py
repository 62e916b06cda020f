from apps.windows.selectors.calendar import (
    calendar_in_force,
    closing_spans,
    deviations_about,
    deviations_over,
    deviations_with_people,
    exemptions_of,
    spans_between,
    spans_closing_window,
    spans_of_rule,
)
from apps.windows.selectors.window import (
    active_bookings,
    capacity_use,
    upcoming_windows,
    window_after,
    window_before,
    windows_to_lock,
    windows_with_people,
)

__all__ = [
    "active_bookings",
    "calendar_in_force",
    "capacity_use",
    "closing_spans",
    "deviations_about",
    "deviations_over",
    "deviations_with_people",
    "exemptions_of",
    "spans_between",
    "spans_closing_window",
    "spans_of_rule",
    "upcoming_windows",
    "window_after",
    "window_before",
    "windows_to_lock",
    "windows_with_people",
]
