from apps.windows.admin import calendar
from apps.windows.admin.window import WindowAdmin

__all__ = ["WindowAdmin", "calendar"]
