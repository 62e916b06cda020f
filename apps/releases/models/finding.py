"""What the rules found: scope that is missing, packages that get in each other's way."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life
from apps.releases.domain.findings import Fix
from apps.releases.domain.ordering.delivered import BETWEEN_PACKAGES

SOURCES = life.FINDING_SOURCES
#: Rules that compare packages, not steps.
BETWEEN = frozenset(rule.code for rule in BETWEEN_PACKAGES)


class Rule(GovernedModel):
    """The words and the weight of one rule. What it looks for is code; every edit of this row is
    a version of the rule, and a finding tells by which version it was found.

    A rule of order may be narrowed: then it holds only where two steps are near each other in
    that sense, too.
    """

    SUBJECT = "rule"

    class Kind(models.TextChoices):
        COMPLETENESS = "completeness", "Completeness"
        CONFLICT = "conflict", "Conflict"
        ORDERING = "ordering", "Order"

    class Severity(models.TextChoices):
        HARD = "hard", "Hard"
        SOFT = "soft", "Soft"
        INFO = "info", "Info"

    code = models.CharField(max_length=4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, editable=False)
    title = models.CharField(max_length=80)
    condition = models.TextField("if", help_text="When the rule is asked.")
    requirement = models.TextField("then", help_text="What has to hold.")
    symptom = models.TextField(blank=True, help_text="What happens at night when it does not.")
    severity = models.CharField(
        max_length=4,
        choices=Severity.choices,
        help_text="Hard is resolved only when its rule is silent, soft asks somebody to look.",
    )
    waivable_by = models.CharField(
        max_length=120, blank=True, help_text="Who may let it pass; empty: nobody."
    )
    narrowed_to = models.CharField(
        max_length=8,
        blank=True,
        choices=[
            ("package", "Steps of one package"),
            ("asset", "Steps on the same asset"),
            ("related", "Steps on related assets"),
            ("region", "Steps on the same subsystem"),
        ],
        help_text="Of a rule of order: where alone it holds. Empty: as delivered.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="A rule that is not active finds nothing."
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(narrowed_to="") | Q(kind="ordering"),
                name="releases_order_is_narrowed",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ordering", severity="info"),
                name="releases_order_is_hard_or_soft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def clean(self) -> None:
        """A rule of order is hard or soft, and only one about steps is narrowed to some of them."""
        is_order = self.kind == self.Kind.ORDERING
        problems = {}
        if is_order and self.severity == self.Severity.INFO:
            problems["severity"] = "A rule of order is hard or soft. Choose one of the two."
        if self.narrowed_to and (not is_order or self.code in BETWEEN):
            problems["narrowed_to"] = (
                f"{self.code} is not about pairs of steps. Leave this empty; a rule that does not "
                "fit is made soft, or not active."
            )
        if problems:
            raise ValidationError(problems)


class Finding(GovernedModel):
    """One thing a rule found, until it is resolved or no longer there.

    What detection tells is derived: it follows the packages without an entry. State, owner and
    what people say of it are governed. `key` stays the same from one detection to the next.
    """

    SUBJECT = "finding"
    DERIVED = (
        "severity",
        "text",
        "fixes",
        "facts",
        "asset_count",
        "rule_version",
        "is_detected",
        "last_seen_at",
    )

    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, related_name="findings", editable=False
    )
    key = models.CharField(max_length=40, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="findings",
        editable=False,
    )
    remark = models.TextField(
        blank=True, editable=False, help_text="Why it was acknowledged, or how it was resolved."
    )
    first_detected_at = models.DateTimeField(editable=False)

    severity = models.CharField(max_length=4, choices=Rule.Severity.choices, editable=False)
    text = models.TextField(editable=False)
    fixes = models.JSONField(default=list, editable=False)
    facts = models.JSONField(default=dict, editable=False)
    asset_count = models.PositiveIntegerField(default=0, editable=False)
    rule_version = models.PositiveIntegerField(default=1, editable=False)
    is_detected = models.BooleanField(default=True, editable=False)
    last_seen_at = models.DateTimeField(editable=False)

    packages = models.ManyToManyField(
        "releases.ReleasePackage", related_name="findings", editable=False
    )
    changes = models.ManyToManyField(
        "changes.ChangeRequest", related_name="findings", editable=False
    )
    assets = models.ManyToManyField("inventory.Asset", related_name="findings", editable=False)

    state = FSMField(default=life.OPEN, choices=life.FINDING_STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-first_detected_at", "-id"]
        indexes = [
            models.Index(
                fields=["state", "-first_detected_at", "-id"], name="releases_finding_state"
            ),
            models.Index(fields=["rule", "state"], name="releases_finding_rule"),
            models.Index(fields=["owner", "state"], name="releases_finding_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.rule.code} {self.text}"[:120]

    @property
    def is_live(self) -> bool:
        """Somebody still has to see to it."""
        return self.state in life.LIVE_FINDING

    @property
    def proposed(self) -> list[Fix]:
        """What would mend it."""
        return [Fix.from_dict(told) for told in self.fixes]

    @transition(field=state, source=SOURCES["acknowledge"], target=life.ACKNOWLEDGED)
    def acknowledge(self) -> None: ...

    @transition(field=state, source=SOURCES["resolve"], target=life.RESOLVED)
    def resolve(self) -> None: ...

    @transition(field=state, source=SOURCES["vanish"], target=life.VANISHED)
    def vanish(self) -> None: ...

    @transition(field=state, source=SOURCES["reopen"], target=life.OPEN)
    def reopen(self) -> None: ...


class EvaluationDue(models.Model):
    """That the rules have to be asked about a record again, because something of it changed.

    Marked in the transaction of the outbox, removed in the transaction of the evaluation, so that
    ten edits in a row are one evaluation and none is lost.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=80, unique=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["since"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.subject
