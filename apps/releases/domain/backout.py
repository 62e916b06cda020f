"""When a backout has to be rehearsed before it is relied on."""

from __future__ import annotations

from collections.abc import Collection

#: Types of steps that change data, Db2 objects or IMS: undoing them is not a copy back.
REHEARSED_TYPES = frozenset({
    "CONVERT_DATA", "LOAD_DATA", "RECOVER_DATA", "REORG", "DDL", "DBDGEN", "PSBGEN", "ACBGEN",
    "IMS_UNLOAD", "IMS_RELOAD", "IMS_OLC",
})  # fmt: skip
REHEARSED_RISKS = frozenset({"high", "critical"})


def reasons_to_rehearse(risk_bands: Collection[str], type_codes: Collection[str]) -> list[str]:
    """Why the plan has to be rehearsed, each in a few words; empty when it need not be."""
    reasons = []
    if REHEARSED_RISKS & set(risk_bands):
        reasons.append("the risk is high")
    touched = sorted(REHEARSED_TYPES & set(type_codes))
    if touched:
        reasons.append(f"it has steps of {', '.join(touched)}")
    return reasons
