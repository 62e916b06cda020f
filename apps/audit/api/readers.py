"""Who reads the workbench over HTTP: nobody else sees that a record is there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.audit.policies.population import READERS
from apps.evidence.api import GovernedView, actor_of


class WorkbenchView(GovernedView):
    """Rows for who reads the workbench, none for anybody else."""

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        return rows if actor_of(self.request).holds(*READERS) else rows.none()

    def subject(self, pk: str) -> str:
        subject: str = self.find(pk).subject
        return subject
