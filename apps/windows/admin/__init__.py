from apps.windows.admin import calendar, deviation, feed, series
from apps.windows.admin.window import WindowAdmin, deviations_panel

__all__ = ["WindowAdmin", "calendar", "deviation", "deviations_panel", "feed", "series"]
