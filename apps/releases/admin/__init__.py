from apps.releases.admin import execution, finding, package, simulation

__all__ = ["execution", "finding", "package", "simulation"]
