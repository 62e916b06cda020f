from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.evidence.services.reconciliation import reconcile


class Command(BaseCommand):
    help = "Hold every record and every version of it against its entry; tell what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        check = reconcile()
        for name, count in sorted(check.counts.items()):
            self.stdout.write(f"{count:>10}  {name.replace('_', ' ')}")
        for finding in check.findings:
            self.stdout.write(f"{finding['where']}: {finding['text']}")
        if not check.is_clean:
            raise CommandError(f"{check.found} things do not agree.")
        self.stdout.write("History and ledger agree.")
