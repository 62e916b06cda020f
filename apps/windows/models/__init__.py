from apps.windows.models.calendar import CalendarRule
from apps.windows.models.deviation import WindowDeviation
from apps.windows.models.feed import CalendarFeed
from apps.windows.models.series import SeriesCutoff, WindowSeries
from apps.windows.models.window import Booking, Cutoff, ReleaseWindow

__all__ = [
    "Booking",
    "CalendarFeed",
    "CalendarRule",
    "Cutoff",
    "ReleaseWindow",
    "SeriesCutoff",
    "WindowDeviation",
    "WindowSeries",
]
