"""Who is told of a night, and who takes over what is open in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life
from apps.releases.models.package import ReleasePackage

TOLD, GIVEN = life.COMMUNICATION_SOURCES, life.HANDOVER_SOURCES
OF_ONE = Q(package__isnull=False, window__isnull=True) | Q(
    package__isnull=True, window__isnull=False
)


class Communication(GovernedModel):
    """Something that somebody is told about a package, or about a whole window (then `package` is
    empty): planned with its owner and due time, sent outside the portal, recorded here."""

    SUBJECT = "communication"

    class Channel(models.TextChoices):
        MAIL = "mail", "Mail"
        CHAT = "chat", "Chat"
        PHONE = "phone", "Phone"
        BRIDGE = "bridge", "Bridge"
        STATUS_PAGE = "status_page", "Status page"
        OTHER = "other", "Other"

    package = models.ForeignKey(
        ReleasePackage, null=True, blank=True, on_delete=models.PROTECT,
        related_name="communications",
    )  # fmt: skip
    window = models.ForeignKey(
        "windows.ReleaseWindow", null=True, blank=True, on_delete=models.PROTECT,
        related_name="communications",
    )  # fmt: skip
    audience = models.CharField(max_length=120, help_text="Who is told.")
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.MAIL)
    title = models.CharField(max_length=160)
    text = models.TextField(help_text="What they are told.")
    due_at = models.DateTimeField("due")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="communications"
    )
    sent_at = models.DateTimeField(null=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    dropped_reason = models.TextField(blank=True, editable=False)
    state = FSMField(
        default=life.PLANNED, choices=life.COMMUNICATION_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=OF_ONE, name="releases_communication_of_package_or_window"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="releases_sent_communication_tells_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="releases_communication_due")]

    def __str__(self) -> str:
        return f"{self.title} to {self.audience}"

    @transition(field=state, source=TOLD["send"], target=life.SENT)
    def send(self) -> None: ...

    @transition(field=state, source=TOLD["drop"], target=life.DROPPED)
    def drop(self) -> None: ...


class Handover(GovernedModel):
    """What one person hands to another, or to a team, with what is still open. It is theirs from
    when they accept it; one that is returned stays with who gave it."""

    SUBJECT = "handover"

    package = models.ForeignKey(
        ReleasePackage, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers"
    )
    window = models.ForeignKey(
        "windows.ReleaseWindow", null=True, blank=True, on_delete=models.PROTECT,
        related_name="handovers",
    )  # fmt: skip
    title = models.CharField(max_length=160)
    open_items = models.TextField(help_text="What is still open, and what to watch.")
    due_at = models.DateTimeField("due", help_text="By when it has to be taken over.")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="given_handovers",
        editable=False,
    )  # fmt: skip
    giving_team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="For which team it is given.",
    )  # fmt: skip
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="received_handovers",
    )  # fmt: skip
    receiving_team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="handovers",
        help_text="Anybody of it may accept.",
    )  # fmt: skip
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    returned_reason = models.TextField(blank=True, editable=False)
    state = FSMField(
        default=life.OFFERED, choices=life.HANDOVER_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=OF_ONE, name="releases_handover_of_package_or_window"),
            models.CheckConstraint(
                condition=Q(receiver__isnull=False) | Q(receiving_team__isnull=False),
                name="releases_handover_has_a_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | (Q(answered_by__isnull=False) & ~Q(answered_by=F("giver"))),
                name="releases_handover_is_accepted_by_another",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="releases_handover_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def to_whom(self) -> str:
        return " or ".join(str(each) for each in (self.receiver, self.receiving_team) if each)

    @transition(field=state, source=GIVEN["accept"], target=life.ACCEPTED_HANDOVER)
    def accept(self) -> None: ...

    @transition(field=state, source=GIVEN["give_back"], target=life.RETURNED)
    def give_back(self) -> None: ...

    @transition(field=state, source=GIVEN["offer_again"], target=life.OFFERED)
    def offer_again(self) -> None: ...
