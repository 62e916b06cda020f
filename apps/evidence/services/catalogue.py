"""The event catalogue: all that the ledger can tell, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from django.conf import settings

from apps.evidence.events import Event, vocabulary

_HEAD = """\
# What the ledger can tell

Every entry has one of these events; nothing else can be recorded. An entry is handed to the
consumers of its event once, after it is committed. `manage.py event_catalogue` writes this page.
"""


def event_catalogue() -> str:
    """The page in Markdown, by context in the order of the product."""
    return "\n".join([_HEAD, *_lines(_consumers())])


def _lines(consumers: Mapping[str, list[str]]) -> Iterator[str]:
    for module in settings.EVIDENCE_VOCABULARY:
        told = vars(import_module(module)).values()
        events = {found.code: found for found in told if isinstance(found, Event)}
        yield f"## {module.split('.')[1]}\n"
        yield "| event | what people read | consumers |\n|---|---|---|"
        for code, event in sorted(events.items()):
            yield f"| `{code}` | {event.sentence} | {', '.join(consumers[code])} |"
        yield ""


def _consumers() -> Mapping[str, list[str]]:
    """Who is handed each event. A consumer that names no actions is handed all."""
    return {
        code: [
            consumer["name"]
            for consumer in settings.EVIDENCE_CONSUMERS
            if not consumer["actions"] or code in consumer["actions"]
        ]
        for code in vocabulary()
    }
