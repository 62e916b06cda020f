from apps.changes.api.change import ChangeRef, ChangeView, StandardChangeView

__all__ = ["ChangeRef", "ChangeView", "StandardChangeView"]
