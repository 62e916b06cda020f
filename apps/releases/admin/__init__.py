from apps.releases.admin import execution, finding, package, plan_template, simulation, waiver

__all__ = ["execution", "finding", "package", "plan_template", "simulation", "waiver"]
