"""The rules of the calendar, as people keep them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from apps.core import clock
from apps.core.recurrence import DAYS_MAX, days_problems
from apps.evidence.models import GovernedModel
from apps.inventory.models import Application, AssetType, BusinessService
from apps.inventory.models.landscape import validate_zone
from apps.windows.domain import calendar as engine

#: More holidays than these in a year are no holidays but a calendar that was misunderstood.
HOLIDAYS_MOST = 60
_MANY = 60


def validate_period(value: str) -> None:
    try:
        engine.period_of(value)
    except ValueError as error:
        raise ValidationError(
            f"{error} Enter 2026-12-24, or 2026-12-18/2027-01-04 for more days."
        ) from None


def _codes(help_text: str, longest: int, choices: Any = None) -> Any:
    base = models.CharField(max_length=longest, choices=choices)
    return ArrayField(base, default=list, blank=True, size=_MANY, help_text=help_text)


class CalendarRule(GovernedModel):
    """When production may not change, or only with care: see `domain.calendar.Rule`."""

    SUBJECT = "calendar_rule"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=engine.KINDS.items())
    strength = models.CharField(max_length=10, choices=engine.STRENGTHS.items())
    is_active = models.BooleanField("in force", default=True)
    reason = models.TextField(help_text="Why it is there; everybody whom it stops reads this.")
    site = models.ForeignKey(
        "inventory.Site",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="calendar_rules",
        help_text="Empty: every site.",
    )
    zone = models.CharField(
        "time zone",
        max_length=40,
        blank=True,
        validators=[validate_zone],
        help_text="Whose days these are. Empty: the zone of the site.",
    )
    recurrence = models.CharField(
        max_length=DAYS_MAX,
        blank=True,
        help_text='Weekdays such as "MO,FR", or an RFC 5545 rule such as '
        '"FREQ=MONTHLY;BYMONTHDAY=-1". Empty: only the dates.',
    )
    dates = ArrayField(
        models.CharField(max_length=21, validators=[validate_period]),
        default=list,
        blank=True,
        size=_MANY,
        help_text="Days such as 2026-12-24 and periods such as 2026-12-18/2027-01-04, "
        "commas between.",
    )
    first_day = models.DateField(
        null=True, blank=True, help_text="Of the recurrence; an INTERVAL counts from it."
    )
    last_day = models.DateField(null=True, blank=True, help_text="Of the recurrence.")
    starts_time = models.TimeField("from", null=True, blank=True, help_text="Empty: midnight.")
    ends_time = models.TimeField(
        "to",
        null=True,
        blank=True,
        help_text="Empty: the end of the day. Not after “from”: of the next day.",
    )
    roll = models.CharField(
        "on a holiday or at a weekend",
        max_length=6,
        choices=engine.ROLLS.items(),
        default="stay",
        help_text="Where a day of the recurrence goes that is no business day.",
    )
    before_days = models.PositiveSmallIntegerField(
        "business days before", default=0, validators=[MaxValueValidator(engine.MOST_AROUND)]
    )
    after_days = models.PositiveSmallIntegerField(
        "business days after", default=0, validators=[MaxValueValidator(engine.MOST_AROUND)]
    )
    allows = _codes("Kinds of work that it lets pass.", 12, [*engine.WORK_KINDS.items()])
    applications = _codes("For these applications only.", 8)
    services = _codes("For the applications that support these business services only.", 40)
    families = _codes(
        "For changes that touch these families of assets only.", 12, AssetType.Family.choices
    )

    class Meta:
        ordering = ["code"]
        verbose_name = "calendar rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True)
                | Q(first_day__isnull=True)
                | Q(last_day__gte=F("first_day")),
                name="windows_rule_last_after_first",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        if not self.zone and self.site:
            self.zone = self.site.tz
        problems: dict[str, list[str]] = {
            "recurrence": list(self._recurrence_problems()),
            "applications": list(_unknown(Application, self.applications)),
            "services": list(_unknown(BusinessService, self.services)),
            "kind": list(self._holiday_problems()),
            "zone": [] if self.zone else ["A rule of every site has its own zone. Enter one."],
        }
        found = {name: texts for name, texts in problems.items() if texts}
        if found:
            raise ValidationError(found)

    def _holiday_problems(self) -> Iterable[str]:
        if self.kind != "holiday":
            return
        if self.before_days or self.after_days or self.roll != "stay":
            yield "Business days are counted by holidays. Leave them out: a holiday is not moved."
        if self.applications or self.services or self.families:
            yield "A holiday is one for everybody at its site. Leave its scope empty."

    def _recurrence_problems(self) -> Iterable[str]:
        if not self.recurrence:
            if not self.dates:
                yield "It has no day yet. Enter a recurrence or dates."
            return
        problems = list(days_problems(self.recurrence, self.first_day))
        yield from problems
        if any(part in self.recurrence for part in ("COUNT=", "UNTIL=")):
            yield "Enter the last day in its own field."
        if "INTERVAL=" in self.recurrence and self.first_day is None:
            yield "Enter the first day, from which an INTERVAL counts."
        if problems or self._has_broken_dates:
            return
        rule, today = self.as_rule(), clock.now().date()
        since = max(today, self.first_day or today)
        if engine.longest_run(rule, since) > engine.LONGEST:
            yield "It holds for more than a year without a break. Enter its last day."
        elif self.kind == "holiday" and engine.days_in_a_year(rule, since) > HOLIDAYS_MOST:
            yield (
                f"These are more than {HOLIDAYS_MOST} holidays a year. Weekends are no business "
                "days anyway; leave them out."
            )

    @property
    def _has_broken_dates(self) -> bool:
        """Whether a date cannot be read, which its own field tells."""
        try:
            return not all(map(engine.period_of, self.dates))
        except ValueError:
            return True

    def as_rule(self, supporters: Iterable[str] = ()) -> engine.Rule:
        """The same for the engine; `supporters` are the applications behind its services."""
        return engine.Rule(
            code=self.code,
            name=self.name,
            reason=self.reason,
            kind=self.kind,
            strength=self.strength,  # type: ignore[arg-type]  # the choices are its literals
            zone=self.zone,
            recurrence=self.recurrence,
            periods=tuple(engine.period_of(text) for text in self.dates),
            first_day=self.first_day,
            last_day=self.last_day,
            starts=self.starts_time,
            ends=self.ends_time,
            roll=self.roll,  # type: ignore[arg-type]
            before=self.before_days,
            after=self.after_days,
            allows=frozenset(self.allows),
            scope=engine.Scope(
                site=self.site.code if self.site else "",
                applications=frozenset({*self.applications, *supporters}),
                services=frozenset(self.services),
                families=frozenset(self.families),
            ),
        )


def _unknown(model: type[Application | BusinessService], codes: list[str]) -> Iterable[str]:
    if not codes:
        return
    known = set(model.objects.filter(code__in=codes).values_list("code", flat=True))
    for code in sorted(set(codes) - known):
        yield f"There is no {model._meta.verbose_name} {code}. Enter codes of the register."
