"""The closed vocabulary of what can happen. A service names an Event; nothing else is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

_by_code: dict[str, Event] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """`code` is "<subject>.<past tense>"; `sentence` is what a person reads in a timeline."""

    code: str
    sentence: str

    def __post_init__(self) -> None:
        if _by_code.setdefault(self.code, self) is not self:
            raise ValueError(f"Two events are called {self.code}.")


def vocabulary() -> dict[str, Event]:
    """Every event of the product, by code."""
    for module in settings.EVIDENCE_VOCABULARY:
        import_module(module)
    return dict(_by_code)


REFUSED = Event("access.refused", "Was refused")
COMMENTED = Event("comment.added", "Commented")
EXHIBIT_ADDED = Event("exhibit.added", "Attached evidence")
EXHIBIT_DAMAGED = Event("evidence.damaged", "Found a file of evidence gone or altered")
RECORD_CREATED = Event("register.created", "Entered in the register")
RECORD_EDITED = Event("register.edited", "Edited in the register")
READ = Event("evidence.read", "Read the evidence")
EXPORTED = Event("evidence.exported", "Exported a list")
SEAL_KEY_ADDED = Event("seal.key_added", "Began to sign the log with a key")
SEAL_KEY_RETIRED = Event("seal.key_retired", "Ceased to sign the log with a key")
SEAL_EPOCH_OPENED = Event("seal.epoch_opened", "Closed an epoch of the log and opened the next")
CHECKED = Event("evidence.checked", "Checked everything that is kept")
