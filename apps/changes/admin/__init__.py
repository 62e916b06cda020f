from apps.changes.admin import change, meeting

__all__ = ["change", "meeting"]
