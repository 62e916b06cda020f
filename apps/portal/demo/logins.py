"""Who may be tried at the sign-in page of the demo."""

from __future__ import annotations

from django.conf import settings

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.portal.demo.stage import read


def demo_logins() -> list[tuple[str, str, str]]:
    """(username, role, what to look at), one or more for every role."""
    return [
        (username, _roles(row["roles"]), row["look_at"])
        for username, row in read("people.yaml")["people"].items()
        if "look_at" in row
    ]


def demo_password() -> str:
    """The one password of all of them; empty where there is no demo."""
    return getattr(settings, "INTERLOCK_DEMO_PASSWORD", "")


def _roles(granted: list[str]) -> str:
    held = [each.partition("@") for each in granted]
    roles = {LABEL_OF_ROLE[role]: None for role, _, _ in held[:2]}
    scope = held[0][2].partition(":")[2] if len(held) == 1 else ""
    return " and ".join(roles) + (f" ({scope})" if scope else "")
