"""Who looked at what: a decision on many records counts only those that were opened, and a reader
is told what differs from what they read."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.ids import uuid7


class ViewLog(models.Model):
    """That a person had a record with this content on their screen, in one session; real time.

    Append-only; a session leaves one row for each content of a record.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    about = models.CharField(max_length=80)
    content_digest = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session_hash = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "about", "content_digest", "session_hash"],
                name="approvals_view_once",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "at"], name="approvals_views"),
            models.Index(fields=["about", "-at"], name="approvals_views_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.about}"
