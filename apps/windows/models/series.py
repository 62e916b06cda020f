"""A series of windows, as people keep it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from apps.evidence.models import GovernedModel, PartModel
from apps.inventory.models.landscape import validate_zone
from apps.windows.domain import series as engine
from apps.windows.models.window import Cutoff, ReleaseWindow, overlap_problems, sysplex_problems

_MANY = 60
#: What a window takes over from its series as it stands there.
TEMPLATE = (
    "site",
    "sysplex",
    "zone",
    "window_type",
    "may_overlap",
    "overlap_reason",
    "capacity_changes",
    "capacity_points",
    "max_parallel_packages",
    "capacity_minutes",
    "reserve_percent",
    "release_manager",
    "coordinator",
    "bridge",
)


def validate_day(value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValidationError(f"{value!r} is no day; enter one such as 2026-12-24.") from None


class WindowSeries(GovernedModel):
    """What makes windows again and again: see `domain.series.Pattern`.

    A window that it made is its own record: nothing here changes one that somebody has touched.
    """

    SUBJECT = "window_series"
    PARTS = ("cutoffs",)

    code = models.CharField(
        max_length=12,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Z0-9][A-Z0-9-]*\Z", "Use capital letters, digits and hyphens.")
        ],
        help_text="Its windows are called by it and their day: WKLY makes WKLY-261121.",
    )
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(
        "in force", default=True, help_text="One not in force drafts no windows."
    )
    site = models.ForeignKey(
        "inventory.Site", on_delete=models.PROTECT, related_name="window_series"
    )
    sysplex = models.ForeignKey(
        "inventory.Sysplex",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="window_series",
        help_text="Empty: the whole site.",
    )
    zone = models.CharField(
        "time zone",
        max_length=40,
        blank=True,
        validators=[validate_zone],
        help_text="Whose wall clock its times are of. Empty: the zone of the site.",
    )
    recurrence = models.CharField(
        max_length=160,
        help_text='Weekdays such as "SA", or an RFC 5545 rule such as '
        '"FREQ=MONTHLY;BYDAY=3SA;UNTIL=20271231".',
    )
    first_day = models.DateField(help_text="From which it counts.")
    horizon_days = models.PositiveSmallIntegerField(
        "days ahead",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(engine.HORIZON_MOST)],
        help_text="How far ahead windows are drafted. Needed where the rule has no end.",
    )
    left_out = ArrayField(
        models.CharField(max_length=10, validators=[validate_day]),
        default=list,
        blank=True,
        size=_MANY,
        help_text="Days without a window, commas between.",
    )
    opens_time = models.TimeField("opens")
    closes_time = models.TimeField(
        "closes", help_text="The first such clock time after the opening."
    )
    more_days = models.PositiveSmallIntegerField(
        "days later",
        default=0,
        validators=[MaxValueValidator(engine.MORE_DAYS_MOST)],
        help_text="Whole days by which it closes later than that.",
    )
    window_type = models.CharField(
        "type",
        max_length=20,
        choices=ReleaseWindow.Type.choices,
        default=ReleaseWindow.Type.WEEKLY,
    )
    may_overlap = models.BooleanField(
        default=False, help_text="Another window may be open at the same time."
    )
    overlap_reason = models.CharField(
        max_length=200, blank=True, help_text="Why its windows may overlap others."
    )
    capacity_changes = models.PositiveSmallIntegerField(default=0)
    capacity_points = models.DecimalField(
        max_digits=8,
        decimal_places=1,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    max_parallel_packages = models.PositiveSmallIntegerField("packages at most", default=0)
    capacity_minutes = models.PositiveIntegerField(default=0)
    reserve_percent = models.PositiveSmallIntegerField(
        "reserve (%)", default=20, validators=[MaxValueValidator(90)]
    )
    release_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    bridge = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = "window series"
        verbose_name_plural = "window series"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        problems = {
            "recurrence": self._recurrence_problems(),
            "first_day": self._first_day_problems(),
            **overlap_problems(self),
            **sysplex_problems(self),
        }
        told = {field: list(texts) for field, texts in problems.items()}
        if found := {field: texts for field, texts in told.items() if texts}:
            raise ValidationError(found)

    def _first_day_problems(self) -> Iterable[str]:
        if self.first_day is not None and self.first_day.year not in engine.YEARS:
            yield "Enter a day of this century."

    def _recurrence_problems(self) -> Iterable[str]:
        if any(self._first_day_problems()) or self.first_day is None:
            return
        problems = list(engine.recurrence_problems(self.recurrence, self.first_day))
        yield from problems
        if not problems and self.horizon_days is None and not engine.has_end(self.recurrence):
            yield (
                "The rule has no end. End it by UNTIL or COUNT, or enter how many days ahead "
                "windows are drafted."
            )

    def as_pattern(self, cutoffs: Iterable[SeriesCutoff] | None = None) -> engine.Pattern:
        """The same for the engine, with other cut-offs than the stored ones where given."""
        lines = self.cutoffs.all() if cutoffs is None else cutoffs
        return engine.Pattern(
            zone=self.zone,
            recurrence=self.recurrence,
            first_day=self.first_day,
            opens=self.opens_time,
            closes=self.closes_time,
            more_days=self.more_days,
            cutoffs=tuple(line.as_pattern() for line in lines),
            left_out=frozenset(map(date.fromisoformat, self.left_out)),
        )

    def code_of(self, day: date) -> str:
        return f"{self.code}-{day:%y%m%d}"


class SeriesCutoff(PartModel):
    """A cut-off of every window of the series, by the clock."""

    series = models.ForeignKey(WindowSeries, on_delete=models.PROTECT, related_name="cutoffs")
    kind = models.CharField(
        max_length=12, choices=Cutoff.Kind.choices, default=Cutoff.Kind.BATCH_START
    )
    label = models.CharField(max_length=80, help_text="What is due, such as CLOSEFIL.")
    clock = models.TimeField("at", help_text="The first such clock time after the opening.")
    more_days = models.PositiveSmallIntegerField(
        "days later", default=0, validators=[MaxValueValidator(engine.MORE_DAYS_MOST)]
    )
    is_hard = models.BooleanField("hard", default=True)

    class Meta:
        ordering = ["more_days", "clock", "label"]
        verbose_name = "cut-off"
        constraints = [
            models.UniqueConstraint(
                fields=["series", "kind", "label"], name="windows_series_cutoff_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.clock:%H:%M}"

    def as_pattern(self) -> engine.CutoffPattern:
        return engine.CutoffPattern(self.label, self.clock, self.more_days, self.kind, self.is_hard)
