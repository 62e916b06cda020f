"""The event catalogue says what the ledger can tell, and nothing in it is dead."""

from __future__ import annotations

import ast
from importlib import import_module

from django.conf import settings

from apps.evidence.events import Event
from apps.evidence.services.catalogue import event_catalogue
from tests.architecture.test_rules import ROOT, SOURCES, parsed


def test_the_catalogue_is_as_the_code_is() -> None:
    kept = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert kept == event_catalogue(), "Run manage.py event_catalogue."


def test_every_event_is_recorded_by_somebody() -> None:
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for path in SOURCES
        if path.name != "events.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    dead = [
        f"{module}.{name}"
        for module in settings.EVIDENCE_VOCABULARY
        for name, found in vars(import_module(module)).items()
        if isinstance(found, Event) and name not in used
    ]
    assert dead == []


def test_every_consumer_waits_for_events_that_can_happen() -> None:
    known = event_catalogue()
    waited = {code for consumer in settings.EVIDENCE_CONSUMERS for code in consumer["actions"]}
    assert [code for code in sorted(waited) if f"`{code}`" not in known] == []
