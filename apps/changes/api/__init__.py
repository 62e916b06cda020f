from apps.changes.api.change import ChangeRef, ChangeView
from apps.changes.api.standard import ApprovalDebtsView, StandardChangeView

__all__ = ["ApprovalDebtsView", "ChangeRef", "ChangeView", "StandardChangeView"]
