"""How long evidence is kept, what a hold keeps longer, and what two persons erase before."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.audit.domain import retention as life
from apps.evidence.models import EvidenceSubject, GovernedModel

REASON_SHORTEST = 20


class RetentionClass(GovernedModel):
    """After how many years the bytes of a kind of entry go; the hash stays for ever."""

    SUBJECT = "retention_class"

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    kinds = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        size=60,
        help_text="Kinds of record, such as refusal or change, and file for files of exhibits; "
        "commas between. Empty: every kind that no other class names.",
    )
    years = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(life.YEARS_LEAST), MaxValueValidator(life.YEARS_MOST)],
        help_text=f"Another term is acted on {life.SETTLES_AFTER_DAYS} days after it was entered.",
    )
    basis = models.CharField(max_length=200, help_text="The law or rule that says so.")

    class Meta:
        ordering = ["code"]
        verbose_name = "retention class"
        verbose_name_plural = "retention classes"
        constraints = [
            models.CheckConstraint(
                condition=Q(years__gte=life.YEARS_LEAST), name="audit_kept_a_year_at_least"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        known = {life.FILE, *EvidenceSubject.objects.values_list("label", flat=True)}
        problems = [
            f"There is no kind of record {kind}." for kind in self.kinds if kind not in known
        ]
        for other in RetentionClass.objects.exclude(pk=self.pk):
            shared = set(self.kinds) & set(other.kinds)
            problems += [f"{kind} is in {other.code} already." for kind in sorted(shared)]
            if not self.kinds and not other.kinds:
                problems.append(f"{other.code} holds every other kind already. Name the kinds.")
        if problems:
            raise ValidationError({"kinds": problems})


class LegalHold(GovernedModel):
    """That nothing of a record, of a kind of record, or nothing at all is erased, and why."""

    SUBJECT = "legal_hold"

    scope = models.CharField(
        "what is held",
        max_length=80,
        blank=True,
        help_text="A record such as change:<id>, a kind such as change. Empty: everything.",
    )
    reason = models.TextField(validators=[MinLengthValidator(REASON_SHORTEST)])
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    released_at = models.DateTimeField(null=True, editable=False)
    released_because = models.TextField(blank=True, editable=False)
    state = FSMField(default=life.HELD, choices=life.HOLD_STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=life.HELD) | Q(released_by__isnull=False),
                name="audit_hold_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold on {self.scope or 'everything'}"

    @transition(field=state, source=life.HELD, target=life.RELEASED)
    def release(self) -> None: ...


class Redaction(GovernedModel):
    """That bytes of evidence go before their term: proposed by one person, done by another.

    `digests` are what goes, as it was when it was proposed: leaf hashes of entries and sha256 of
    files, each as {what, digest}. What they were stays told by their hashes.
    """

    SUBJECT = "redaction"

    about = models.CharField("record", max_length=80, help_text="Such as change:<id>.")
    versions = models.CharField(
        max_length=200, blank=True, help_text="Whose entries lose their bytes, such as 3, 5-7."
    )
    files = models.BooleanField("files, too", default=False, help_text="Of all its exhibits.")
    basis = models.CharField(
        "legal basis", max_length=200, help_text="Such as Art. 17 GDPR, with the case."
    )
    reason = models.TextField(validators=[MinLengthValidator(REASON_SHORTEST)])
    digests = models.JSONField(default=list, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    decided_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(
        default=life.PROPOSED, choices=life.REDACTION_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="audit_redaction_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state=life.PROPOSED)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="audit_redaction_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure of {self.about}"

    @transition(field=state, source=life.PROPOSED, target=life.DONE)
    def erase(self) -> None: ...

    @transition(field=state, source=life.PROPOSED, target=life.REFUSED)
    def refuse(self) -> None: ...
