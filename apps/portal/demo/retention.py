"""A legal hold, and bytes that somebody asks to be erased before their term."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.services.retention import place_hold, propose_redaction
from apps.changes.models import ChangeRequest
from apps.portal.demo.stage import Scene, acting, moment

ASKED_FOR_BY_THE_SUPERVISOR = "CHG0499"
NAMES_A_CUSTOMER = "CHG0420"


def scenes() -> Iterator[Scene]:
    yield Scene(moment("2026-11-20 09:10"), _hold)
    yield Scene(moment("2026-11-20 11:25"), _ask)


def _hold() -> None:
    change = ChangeRequest.objects.get(code=ASKED_FOR_BY_THE_SUPERVISOR)
    place_hold(
        actor=acting("cab.chair"),
        values={
            "scope": change.subject,
            "reason": "The supervisor looks into the outage of that night; everything stays.",
        },
    )


def _ask() -> None:
    change = ChangeRequest.objects.get(code=NAMES_A_CUSTOMER)
    propose_redaction(
        actor=acting("site.admin"),
        values={
            "about": change.subject,
            "versions": "1",
            "basis": "Art. 17 GDPR, request 2026-0118",
            "reason": "The first draft quoted a cardholder's complaint with name and address.",
        },
    )
