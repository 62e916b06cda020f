from apps.windows.admin import calendar, deviation
from apps.windows.admin.window import WindowAdmin

__all__ = ["WindowAdmin", "calendar", "deviation"]
