from apps.releases.admin import (
    attestation,
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
    "attestation",
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
