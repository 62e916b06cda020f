from apps.releases.admin import execution, finding, package, plan_template, simulation

__all__ = ["execution", "finding", "package", "plan_template", "simulation"]
