from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.services.invariants import check_invariants, invariants


class Command(BaseCommand):
    help = "Ask whether anything is in a state that it can never be in; tell what is."

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_invariants()
        for each in invariants():
            count = check.counts.get(each.code, 0)
            self.stdout.write(
                f"{each.code:5} {f'{count} FOUND' if count else 'holds':10} {each.rule}"
            )
        for finding in check.findings:
            self.stdout.write(finding["where"])
        if not check.is_clean:
            raise CommandError(f"{check.found} things are as they can never be.")
