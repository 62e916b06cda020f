"""Meetings of the change advisory board, and what is on their dockets."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.changes.domain import meeting as life
from apps.evidence.models import GovernedModel, PartModel


class CabMeeting(GovernedModel):
    """One session of the board. Its minutes are written when it is closed, from its decisions."""

    SUBJECT = "meeting"
    PARTS = ("members", "items", "recusals")

    code = models.CharField(max_length=20, unique=True, editable=False)
    name = models.CharField(max_length=120, default="Change advisory board")
    starts_at = models.DateTimeField("starts")
    cutoff_at = models.DateTimeField(
        "docket cut-off", help_text="From then on the docket is frozen; what comes later is late."
    )
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    quorum = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="Members who must be there, without those who recused themselves.",
    )
    item_minutes = models.PositiveSmallIntegerField(
        "minutes per item",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text="What the timer counts against.",
    )
    place = models.CharField(max_length=200, blank=True, help_text="A room, a number or a link.")
    frozen_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    minutes_text = models.TextField("minutes", blank=True, editable=False)
    minutes_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    state = FSMField(default=life.PLANNED, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = "board meeting"
        constraints = [
            models.CheckConstraint(
                condition=Q(cutoff_at__lte=F("starts_at")),
                name="changes_docket_frozen_before_session",
                violation_error_message="The cut-off is after the meeting starts.",
            ),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="changes_meeting_has_quorum"),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="changes_meetings_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @transition(field=state, source=life.SOURCES["freeze"], target=life.DOCKET_FROZEN)
    def freeze(self) -> None: ...

    @transition(field=state, source=life.SOURCES["start"], target=life.IN_SESSION)
    def start(self) -> None: ...

    @transition(field=state, source=life.SOURCES["close"], target=life.CLOSED)
    def close(self) -> None: ...

    @transition(field=state, source=life.SOURCES["cancel"], target=life.CANCELLED)
    def cancel(self) -> None: ...


class MeetingMember(PartModel):
    """Somebody who is invited, and whether they came."""

    meeting = models.ForeignKey(CabMeeting, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_present = models.BooleanField("present", default=False)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="changes_member_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class DocketItem(PartModel):
    """A change on a docket, with the seal of the content that was on it when it was frozen.

    `groups` holds the digest of each part of that content and `sealed_version` the version of the
    change. An item that is up has `taken_up_at`. A late item counts once the chair accepted it.
    """

    meeting = models.ForeignKey(CabMeeting, on_delete=models.PROTECT, related_name="items")
    change = models.ForeignKey(
        "changes.ChangeRequest", on_delete=models.PROTECT, related_name="docket_items"
    )
    number = models.PositiveSmallIntegerField()
    listed = models.CharField("list", max_length=10, choices=life.LISTS, default=life.DOCKET)
    asks = models.CharField(
        "question", max_length=12, choices=life.QUESTIONS, default=life.APPROVAL
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    seal = models.CharField(max_length=64, blank=True)
    groups = models.JSONField(default=dict)
    sealed_version = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=life.ITEM_STATES, default=life.OPEN)
    outcome = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    taken_up_at = models.DateTimeField(null=True)
    seconds_spent = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "change"], name="changes_on_docket_once"),
            models.UniqueConstraint(fields=["meeting", "number"], name="changes_docket_numbered"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(taken_up_at__isnull=False),
                name="changes_one_item_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.change}"

    @property
    def is_up(self) -> bool:
        return self.taken_up_at is not None

    @property
    def is_unsettled(self) -> bool:
        return self.state in life.UNSETTLED

    @property
    def is_ratification(self) -> bool:
        return self.asks == life.RATIFICATION

    @property
    def in_consent_block(self) -> bool:
        """Whether it is decided together with the others of the block."""
        return self.listed == life.CONSENT and self.state == life.OPEN

    @property
    def waits_for_chair(self) -> bool:
        return self.listed == life.LATE and self.accepted_by_id is None


class Recusal(PartModel):
    """A member who takes no part in one item, and why."""

    meeting = models.ForeignKey(CabMeeting, on_delete=models.PROTECT, related_name="recusals")
    item = models.ForeignKey(DocketItem, on_delete=models.PROTECT, related_name="recusals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["item__number", "user__username"]
        constraints = [
            models.UniqueConstraint(fields=["item", "user"], name="changes_recused_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.item}"
