"""The page about the gates says what the code does."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from apps.gates.catalogue import GATES
from apps.gates.domain.verdict import Gate, roles_in_words


def row(gate: Gate) -> str:
    """One line of the table, as the page has to have it."""
    asked = {"start": "start", "close": "close"}.get(gate.only_at or "", "ready")
    asked = "ready, start" if gate.also_at_start else asked
    families = f" of {' or '.join(gate.owner_families)}" if gate.owner_families else ""
    days = f"{gate.due // timedelta(days=1)} d" if gate.due else "at once"
    cells = (
        f"{gate.code} {gate.title}",
        gate.help_text,
        asked,
        days,
        f"{gate.owner_role.replace('_', ' ')}{families}",
        gate.evidence_kind,
        roles_in_words(gate.waivable_by),
    )
    return f"| {' | '.join(cells)} |"


def test_every_gate_has_its_row() -> None:
    page = (settings.BASE_DIR / "docs" / "gates.md").read_text(encoding="utf-8")
    missing = [row(gate) for gate in GATES if row(gate) not in page]
    assert missing == []
    assert page.count("\n| G") == len(GATES)
