from apps.windows.api.calendar import CalendarRuleView
from apps.windows.api.window import WindowRef, WindowView

__all__ = ["CalendarRuleView", "WindowRef", "WindowView"]
