from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.audit.services.purge import purge


class Command(BaseCommand):
    help = "Erase the bytes of evidence whose term is over and that no hold keeps; hashes stay."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = purge()
        for code, count in sorted(gone.items()):
            self.stdout.write(f"{count:>10}  {code}")
        if not gone:
            self.stdout.write("Nothing is over its term.")
