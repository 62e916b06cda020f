from apps.releases.admin import execution, package

__all__ = ["execution", "package"]
