"""The approval policy: a register of rules, of which one policy is in force."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from apps.changes.domain import policy as engine
from apps.changes.domain.risk import BANDS
from apps.changes.domain.seal import ROW, ROW_CODES
from apps.evidence.models import GovernedModel, PartModel


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


def _words(help_text: str, *, longest: int = 60, choices: Any = None) -> Any:
    """A short list of words; in a form they stand on one line, with commas between."""
    base = models.CharField(max_length=longest, choices=choices)
    return ArrayField(base, default=list, blank=True, size=20, help_text=help_text)


class ApprovalPolicy(GovernedModel):
    """Which signatures a change needs. Every edit is a version; the one used is stamped.

    `content` is what the rows below say in this version, as `domain.policy.plain_rules`; the
    history keeps that of every earlier one.
    """

    SUBJECT = "approval_policy"

    code = models.CharField(max_length=14, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(
        "in force", default=False, help_text="One policy is in force; the one before is not then."
    )
    content = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = "approval policy"
        verbose_name_plural = "approval policies"
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="changes_one_policy"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stamp(self) -> str:
        """The policy with its version, as it is kept with every question that it asked."""
        return f"{self.code} v{self.evidence_seq}"

    def in_rules(self) -> tuple[engine.Rule, ...]:
        """The rules of this version, as the engine reads them."""
        return engine.rules_of(self.content)


class PolicyRule(PartModel):
    """When all conditions hold, one slot is asked for. An empty condition always holds."""

    policy = models.ForeignKey(ApprovalPolicy, on_delete=models.PROTECT, related_name="rules")
    code = models.CharField(max_length=8, validators=[RegexValidator("^[A-Z][A-Z0-9]*$")])
    reason = models.CharField(
        max_length=140, help_text="Shown with the slot. {families} stands for those it touches."
    )
    slot = models.CharField(
        max_length=engine.SLOT_CODE_MAX - 12,
        validators=[RegexValidator("^[a-z][a-z0-9_:{}]*$")],
        help_text="With {discipline} one slot for each discipline that the scope touches.",
    )
    label = models.CharField(max_length=engine.LABEL_MAX - 30)
    eligible = _words(
        "Who signs: roles, such as technical_lead@family:{discipline}. Commas between."
    )
    quorum = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text="How many different people.",
    )
    order = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text="Slots of a lower number are signed first.",
    )
    sla_hours = models.PositiveSmallIntegerField(
        "hours to answer", default=72, validators=[MinValueValidator(1), MaxValueValidator(2_000)]
    )
    seats = _words("Roles that must be heard whoever else signs; each is a slot of its own.")
    excludes = _words(
        "Who does not sign here: owner, or slot:board for who signed the slot board, and so on. "
        "Requester and author never sign."
    )
    change_types = _words("Types of change.", choices=_choices(engine.CHANGE_TYPES))
    risk_from = models.CharField(
        max_length=10, blank=True, choices=_choices(BANDS), help_text="Lowest band of risk."
    )
    families = _words(
        "Families of assets, one of which is touched.",
        choices=_choices((*engine.LEAD_OF_FAMILY, *engine.WITHOUT_LEAD)),
    )
    tiers = _words("Tiers of the application.", choices=_choices(engine.TIERS))
    environments = _words("Environments, in one of which its assets run.", longest=12)
    regulations = _words(
        "Rules of regulators, one of which an application of the scope falls under.",
        choices=_choices(engine.REGULATIONS),
    )
    in_freeze = models.BooleanField(
        "inside a freeze",
        default=False,
        help_text="Its night lies in a freeze that blocks it or asks for more signatures.",
    )
    after = _words(
        "Only when the question is re-opened because of one of these.",
        choices=[(code, ROW[code].what if code in ROW else code) for code in ROW_CODES],
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "code"], name="changes_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def as_rule(self) -> engine.Rule:
        return engine.rules_of([self.governed_values()])[0]
