"""A population that was taken, its rows, and what the control tests said of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from apps.audit.domain.population import KINDS, Row
from apps.audit.models.period import OfPeriod
from apps.evidence.models import GovernedModel, PartModel


class Population(OfPeriod, GovernedModel):
    """All production changes of a period, as they were when somebody asked.

    `query` is the question in words, `parameters` what it was asked with. `digest` is over the
    rows (`domain.population.digest_of`). Asked again, `again_…` and `difference` tell of the last
    time. `run` counts how often the control tests ran, `facts_digest` is over all they read last.
    """

    SUBJECT = "population"

    code = models.CharField(max_length=20, unique=True, editable=False)
    name = models.CharField(max_length=120, help_text="What it is for, such as “SOX Q4 2026”.")
    application = models.ForeignKey(
        "inventory.Application", null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text="Empty: every application.",
    )  # fmt: skip
    query = models.TextField(editable=False)
    parameters = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    row_count = models.PositiveIntegerField("rows", default=0, editable=False)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    run_at = models.DateTimeField(editable=False)
    again_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    again_at = models.DateTimeField(null=True, editable=False)
    again_digest = models.CharField(max_length=64, blank=True, editable=False)
    difference = models.JSONField(default=dict, editable=False)
    run = models.PositiveIntegerField(default=0, editable=False)
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    tested_at = models.DateTimeField(null=True, editable=False)
    exception_count = models.PositiveIntegerField("exceptions", default=0, editable=False)
    facts_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_same(self) -> bool | None:
        """Whether it answered the same when it was asked last; None where it never was."""
        return None if self.again_at is None else self.again_digest == self.digest


class PopulationRow(PartModel):
    """One row of a population, kept as it was. `key` is the key of the record that it is about."""

    population = models.ForeignKey(Population, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=KINDS)
    key = models.UUIDField()
    code = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    application = models.CharField(max_length=20, blank=True)
    change_type = models.CharField("type", max_length=10, blank=True)
    state = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField("began")
    version = models.PositiveIntegerField()
    head = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["population", "position"], name="audit_population_position_once"
            ),
            models.UniqueConstraint(
                fields=["population", "kind", "key"], name="audit_population_row_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def of(cls, population: Population, position: int, row: Row) -> PopulationRow:
        values: dict[str, Any] = {name: getattr(row, name) for name in Row.__dataclass_fields__}
        return cls(population=population, position=position, **values)

    def as_row(self) -> Row:
        return Row(**{name: getattr(self, name) for name in Row.__dataclass_fields__})


class ControlResult(PartModel):
    """What one control test said of a population in one run.

    `exceptions` are {subject, code, reasons: [{reason, fact}]}; a fact is a subject of the ledger.
    `facts` is the digest of what the test read.
    """

    population = models.ForeignKey(Population, on_delete=models.PROTECT, related_name="results")
    run = models.PositiveIntegerField()
    control = models.CharField(max_length=8)
    title = models.CharField(max_length=80)
    tested = models.PositiveIntegerField()
    passed = models.PositiveIntegerField()
    exceptions = models.JSONField(default=list)
    facts = models.CharField(max_length=64)

    class Meta:
        ordering = ["-run", "control"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["population", "run", "control"], name="audit_result_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}: {self.passed} of {self.tested}"
