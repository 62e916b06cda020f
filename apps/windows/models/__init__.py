from apps.windows.models.calendar import CalendarRule
from apps.windows.models.deviation import WindowDeviation
from apps.windows.models.window import Booking, Cutoff, ReleaseWindow

__all__ = ["Booking", "CalendarRule", "Cutoff", "ReleaseWindow", "WindowDeviation"]
