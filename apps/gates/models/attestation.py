"""What people attest where no gate can see for itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.gates.domain import attestation as life


class Attestation(GovernedModel):
    """What a person says of one manual gate of one package, and who confirmed it.

    `content` is the digest of each part of the package's content when it was said: as soon as a
    part that the gate proves is another, the attestation is no longer believed.
    """

    SUBJECT = "attestation"

    about = models.CharField(max_length=80, editable=False)
    about_name = models.CharField("package", max_length=20, editable=False)
    gate = models.CharField(max_length=4, editable=False)
    holds = models.BooleanField(editable=False)
    text = models.TextField("what shows it", editable=False)
    exhibit = models.ForeignKey(
        "evidence.Exhibit",
        verbose_name="document",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    content = models.JSONField(default=dict, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    verified_at = models.DateTimeField(null=True, editable=False)
    remark = models.TextField("what the second person says", blank=True, editable=False)
    state = FSMField(default=life.REQUESTED, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "gate"],
                condition=~Q(state=life.SUPERSEDED),
                name="gates_one_attestation_stands",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("submitted_by")),
                name="gates_second_person_verifies",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[life.CONFIRMED, life.REFUSED])
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="gates_verified_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["about", "gate"], name="gates_attestation_about")]

    def __str__(self) -> str:
        return f"{self.gate} of {self.about_name}"

    @transition(field=state, source=life.SOURCES["confirm"], target=life.TARGETS["confirm"])
    def confirm(self) -> None: ...

    @transition(field=state, source=life.SOURCES["refuse"], target=life.TARGETS["refuse"])
    def refuse(self) -> None: ...

    @transition(field=state, source=life.SOURCES["supersede"], target=life.TARGETS["supersede"])
    def supersede(self) -> None: ...
