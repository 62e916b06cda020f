"""Slots and the decisions in them. Rows are written by services only, never through a form."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.approvals.domain.slots import VERDICT_IN_WORDS, SlotSpec
from apps.core.actor import RoleHeld
from apps.evidence.models import GovernedModel, PartModel


class Approval(GovernedModel):
    """One question put to the holders of a role about one content of one record."""

    SUBJECT = "approval"

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        APPROVED_WITH_CONDITIONS = "approved_with_conditions", "Approved with conditions"
        REJECTED = "rejected", "Rejected"
        SUPERSEDED = "superseded", "Superseded"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DENIED = "denied", "Denied"

    #: Decisions that were found to count no more, while the slot is locked.
    lapsed: frozenset[UUID] = frozenset()
    #: States in which the slot counts as signed.
    SATISFIED: ClassVar[tuple[str, ...]] = (State.APPROVED, State.APPROVED_WITH_CONDITIONS)
    #: States of a slot that is about the content as it is.
    LIVE: ClassVar[tuple[str, ...]] = (State.REQUESTED, *SATISFIED, State.DENIED)

    about = models.CharField(max_length=80)
    slot = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    eligible = models.JSONField(help_text="List of [role, scope]; any one of them may sign.")
    quorum = models.PositiveSmallIntegerField(default=1)
    because = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(
        default=1, help_text="Slots of a lower number are signed first."
    )
    sla_hours = models.PositiveSmallIntegerField(default=72, help_text="Hours to answer.")
    excludes = models.JSONField(
        default=list,
        help_text="Parts in the record whose holders, and other slots whose signers, do not sign "
        "here.",
    )
    rules = models.JSONField(default=list, help_text="Codes of the rules that asked.")
    policy_version = models.CharField(max_length=20)
    content_digest = models.CharField(max_length=64)
    seal = models.JSONField(
        default=dict, help_text="The digest of each group of content that it stands for."
    )
    requested_at = models.DateTimeField()
    closed_reason = models.CharField(max_length=300, blank=True)
    state = FSMField(default=State.REQUESTED, choices=State.choices, protected=True, editable=False)

    class Meta:
        ordering = ["requested_at", "slot"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["about", "slot"],
                condition=Q(state__in=["requested", "approved", "approved_with_conditions"]),
                name="approvals_one_live_slot",
            ),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="approvals_quorum_positive"),
        ]
        indexes = [
            models.Index(fields=["about", "state"], name="approvals_about"),
            models.Index(
                fields=["requested_at"], condition=Q(state="requested"), name="approvals_open"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_live(self) -> bool:
        """It is about the content as it is."""
        return self.state in self.LIVE

    @property
    def standing(self) -> list[Decision]:
        """The decisions that count: each person's last word here, unless they took it back or it
        was found to have lapsed."""
        return [
            said
            for said in self.last_words
            if said.verdict != Decision.Verdict.WITHDRAW and said.pk not in self.lapsed
        ]

    @property
    def last_words(self) -> list[Decision]:
        """What nothing later of the same person replaces."""
        given = list(self.decisions.all())
        replaced = {decision.replaces_id for decision in given}
        return [decision for decision in given if decision.pk not in replaced]

    @property
    def spec(self) -> SlotSpec:
        return SlotSpec(
            code=self.slot,
            label=self.label,
            eligible=tuple(RoleHeld(role, scope) for role, scope in self.eligible),
            quorum=self.quorum,
            because=self.because,
            order=self.order,
            sla_hours=self.sla_hours,
            excludes=tuple(self.excludes),
            rules=tuple(self.rules),
        )

    @transition(field=state, source=State.REQUESTED, target=State.APPROVED)
    def approve(self) -> None: ...

    @transition(field=state, source=State.REQUESTED, target=State.APPROVED_WITH_CONDITIONS)
    def approve_with_conditions(self) -> None: ...

    @transition(field=state, source=State.REQUESTED, target=State.REJECTED)
    def reject(self) -> None: ...

    @transition(
        field=state, source=[State.APPROVED, State.APPROVED_WITH_CONDITIONS], target=State.REQUESTED
    )
    def reopen(self) -> None: ...

    @transition(
        field=state, source=[State.APPROVED, State.APPROVED_WITH_CONDITIONS], target=State.DENIED
    )
    def deny(self) -> None:
        """A signature in it was none, and it is too late to ask again: the work has begun."""

    @transition(
        field=state,
        source=[
            State.REQUESTED,
            State.APPROVED,
            State.APPROVED_WITH_CONDITIONS,
            State.DENIED,
        ],
        target=State.SUPERSEDED,
    )
    def supersede(self) -> None: ...

    @transition(
        field=state,
        source=[State.APPROVED, State.APPROVED_WITH_CONDITIONS, State.DENIED],
        target=State.EXPIRED,
    )
    def expire(self) -> None: ...

    @transition(
        field=state,
        source=[
            State.REQUESTED,
            State.APPROVED,
            State.APPROVED_WITH_CONDITIONS,
            State.DENIED,
        ],
        target=State.WITHDRAWN,
    )
    def withdraw(self) -> None: ...


class Decision(PartModel):
    """One person's signature: the verdict, on which content, what it means, and by what right.

    `on_behalf_of` is whose role it was, when `by` decided for somebody. `authority` keeps the
    right as it was then: role, scope, since, grant, granted_by, delegation. What the same person
    says later in the same slot `replaces` it; the rows of one person form one chain.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", "Approve"
        APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
        REJECT = "reject", "Reject"
        ABSTAIN = "abstain", "Abstain"
        RECUSE = "recuse", "Step back"
        WITHDRAW = "withdraw", "Take the decision back"

    #: Why it counts no more, where somebody looked; see `tell_lapses`.
    lapse: str = ""
    #: Verdicts that count towards a quorum.
    IN_FAVOUR: ClassVar[tuple[str, ...]] = (Verdict.APPROVE, Verdict.APPROVE_WITH_CONDITIONS)

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="decisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    authority = models.JSONField(default=dict)
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    verdict = models.CharField(max_length=30, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    meaning = models.CharField(max_length=200)
    content_digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=10)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["approval", "by"],
                condition=Q(replaces__isnull=True),
                name="approvals_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("by")),
                name="approvals_for_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.said}"

    @property
    def said(self) -> str:
        """The verdict as something that was done: "approved with conditions"."""
        return VERDICT_IN_WORDS[self.verdict]

    @property
    def people(self) -> tuple[UUID, ...]:
        """Who decided, and for whom."""
        return tuple(pk for pk in (self.by_id, self.on_behalf_of_id) if pk is not None)
