from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.evidence.services.catalogue import event_catalogue


class Command(BaseCommand):
    help = "Write docs/events.md: every event that the ledger can tell, and who is told of it."

    def handle(self, *_: Any, **__: Any) -> None:
        path = settings.BASE_DIR / "docs" / "events.md"
        path.write_text(event_catalogue(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
