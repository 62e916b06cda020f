from apps.releases.admin import execution, finding, package

__all__ = ["execution", "finding", "package"]
