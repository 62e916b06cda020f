"""An address under which a calendar program reads windows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.evidence.models import GovernedModel


class CalendarFeed(GovernedModel):
    """A calendar that one person subscribed to: of one window, of one team, or of that person.

    Whoever knows the secret of its address reads it, as its owner may. The secret itself is not
    kept, only its SHA-256; it has 256 random bits, so that the hash needs no salt.
    """

    SUBJECT = "calendar_feed"

    class Kind(models.TextChoices):
        PERSON = "person", "My windows"
        TEAM = "team", "Windows of a team"
        WINDOW = "window", "One window"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
        editable=False,
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    window = models.ForeignKey(
        "windows.ReleaseWindow",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="feeds",
    )
    team = models.ForeignKey(
        "accounts.Team",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
    )
    name = models.CharField(max_length=60, help_text="Where it is read, such as “my phone”.")
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", window=None, team=None)
                | Q(kind="team", window=None, team__isnull=False)
                | Q(kind="window", window__isnull=False, team=None),
                name="windows_feed_of_one_thing",
                violation_error_message="A feed is of one window, of one team, or your own.",
            ),
        ]

    def __str__(self) -> str:
        what = self.window or self.team
        code = getattr(what, "code", "")
        return f"{self.name}: {code or self.get_kind_display().lower()}"
