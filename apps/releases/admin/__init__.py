from apps.releases.admin import (
    execution,
    finding,
    package,
    plan_template,
    simulation,
    telling,
    waiver,
)

__all__ = ["execution", "finding", "package", "plan_template", "simulation", "telling", "waiver"]
