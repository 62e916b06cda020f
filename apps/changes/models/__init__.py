from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate

__all__ = ["ChangeAsset", "ChangeRequest", "ContextLink", "StandardTemplate"]
