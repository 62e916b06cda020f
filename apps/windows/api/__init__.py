from apps.windows.api.calendar import CalendarRuleView
from apps.windows.api.deviation import WindowDeviationView
from apps.windows.api.feed import CalendarFeedView
from apps.windows.api.series import WindowSeriesView
from apps.windows.api.window import UseSerializer, WindowRef, WindowView

__all__ = [
    "CalendarFeedView",
    "CalendarRuleView",
    "UseSerializer",
    "WindowDeviationView",
    "WindowRef",
    "WindowSeriesView",
    "WindowView",
]
