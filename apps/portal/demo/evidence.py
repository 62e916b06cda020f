"""What the auditor asked for; the worker makes it once the portal runs and the log is sealed."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.services.packs import ask_for_pack
from apps.portal.demo.stage import Scene, acting, moment

ASKED_AT = "2026-11-20 15:10"
CHALLENGE = "violet cormorant, 7 aside, Utrecht"


def scenes() -> Iterator[Scene]:
    yield Scene(moment(ASKED_AT), _ask)


def _ask() -> None:
    ask_for_pack(actor=acting("auditor"), release="RP-2610-02", challenge=CHALLENGE)
