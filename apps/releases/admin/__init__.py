from apps.releases.admin import (
    command,
    execution,
    finding,
    lesson,
    outcome,
    package,
    plan_template,
    rehearsal,
    simulation,
    telling,
    waiver,
)

__all__ = [
    "command",
    "execution",
    "finding",
    "lesson",
    "outcome",
    "package",
    "plan_template",
    "rehearsal",
    "simulation",
    "telling",
    "waiver",
]
