"""The moves of communications and handovers."""

from __future__ import annotations

from apps.core.moves import Move
from apps.releases.domain import lifecycle as life
from apps.releases.policies import telling as rules
from apps.releases.services import telling

COMMUNICATION_MOVES = (
    Move(
        "send",
        "Record as sent",
        service=telling.send_communication,
        blockers=rules.send_blockers,
        sources=life.COMMUNICATION_SOURCES["send"],
        tone="main",
    ),
    Move(
        "drop",
        "Not needed",
        service=telling.drop_communication,
        blockers=rules.drop_blockers,
        sources=life.COMMUNICATION_SOURCES["drop"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
HANDOVER_MOVES = (
    Move(
        "accept",
        "Accept",
        service=telling.accept_handover,
        blockers=rules.accept_blockers,
        sources=life.HANDOVER_SOURCES["accept"],
        tone="main",
    ),
    Move(
        "return",
        "Return",
        service=telling.return_handover,
        blockers=rules.return_blockers,
        sources=life.HANDOVER_SOURCES["give_back"],
        comment="required",
        comment_label="What is missing",
        tone="danger",
    ),
    Move(
        "offer_again",
        "Offer again",
        service=telling.offer_handover_again,
        blockers=rules.offer_again_blockers,
        sources=life.HANDOVER_SOURCES["offer_again"],
        tone="main",
    ),
)
