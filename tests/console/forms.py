"""What a browser would post from a team's page."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import Team


def team_form(team: Team, **changed: Any) -> dict[str, Any]:
    """Every input of the page as it is now, then what was changed."""
    members = list(team.members.order_by("user__username"))
    data: dict[str, Any] = {
        "evidence_seq": team.evidence_seq,
        "code": team.code,
        "name": team.name,
        "kind": team.kind,
        "capacity": team.capacity,
        "contact": team.contact,
        "members-TOTAL_FORMS": len(members),
        "members-INITIAL_FORMS": len(members),
        "members-MIN_NUM_FORMS": 0,
        "members-MAX_NUM_FORMS": 1000,
    }
    for position, member in enumerate(members):
        data[f"members-{position}-id"] = member.pk
        data[f"members-{position}-team"] = team.pk
        data[f"members-{position}-user"] = member.user_id
    return {**data, **changed}
