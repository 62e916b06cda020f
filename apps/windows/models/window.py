"""The release window, its cut-offs and what is booked of its capacity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel, PartModel
from apps.inventory.models.landscape import validate_zone
from apps.windows.domain import lifecycle as life
from apps.windows.domain.capacity import UNLIMITED_AT_ZERO, Capacity, Load
from apps.windows.domain.cutoff import Limit, tightest

SOURCES, TARGETS = life.SOURCES, life.TARGETS


#: Unit of the counters → the column that limits it.
_LIMITS = {
    "changes": "capacity_changes",
    "points": "capacity_points",
    "packages": "max_parallel_packages",
    "binds": "capacity_binds",
}


def overlap_problems(record: Any) -> dict[str, Iterable[str]]:
    """What is wrong with the flag of a window, or of a series, and its reason."""
    if record.may_overlap and not record.overlap_reason.strip():
        return {"overlap_reason": ["Enter why it may overlap another window."]}
    if record.overlap_reason and not record.may_overlap:
        return {"overlap_reason": ["Leave it empty, or say that it may overlap."]}
    return {}


def sysplex_problems(record: Any) -> dict[str, Iterable[str]]:
    sysplex = record.sysplex
    if sysplex is None or not record.site_id or sysplex.environment.site_id == record.site_id:
        return {}
    return {"sysplex": [f"{sysplex} is not at {record.site}. Choose one of that site."]}


def _held(unit: str, condition: Q) -> Q:
    """The condition, where the unit is limited at all."""
    unlimited = Q(**{_LIMITS[unit]: 0}) if unit in UNLIMITED_AT_ZERO else Q()
    return unlimited | condition if unlimited else condition


class ReleaseWindow(GovernedModel):
    """An interval in which packages may change production.

    The `booked_*` counters are kept by a trigger from the bookings, `emergency_*` being the part
    of them that emergencies took; constraints hold them to the capacity. The guards' migration
    adds that a stored window has a zone, and that two windows of one sysplex do not overlap: one
    without a sysplex is of all those of its site.

    A window of a series was touched by nobody else as long as its version is `series_seq`.
    """

    SUBJECT = "window"
    PARTS = ("cutoffs", "bookings")
    DERIVED = (
        "booked_changes",
        "booked_points",
        "booked_packages",
        "booked_binds",
        "emergency_changes",
        "emergency_points",
        "emergency_packages",
        "emergency_binds",
    )

    class Type(models.TextChoices):
        MAJOR = "major", "Major"
        MONTHLY = "monthly", "Monthly"
        WEEKLY = "weekly", "Weekly"
        MIDWEEK = "midweek", "Midweek"
        EMERGENCY_SLOT = "emergency_slot", "Emergency slot"
        DR_TEST = "dr_test", "Disaster recovery test"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    site = models.ForeignKey("inventory.Site", on_delete=models.PROTECT, related_name="windows")
    sysplex = models.ForeignKey(
        "inventory.Sysplex",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="windows",
        help_text="Empty: the whole site.",
    )
    series = models.ForeignKey(
        "windows.WindowSeries",
        null=True,
        on_delete=models.PROTECT,
        related_name="windows",
        editable=False,
    )
    series_day = models.DateField(null=True, editable=False)
    series_seq = models.PositiveIntegerField(null=True, editable=False)
    window_type = models.CharField(
        "type", max_length=20, choices=Type.choices, default=Type.MONTHLY
    )
    zone = models.CharField(
        "time zone",
        max_length=40,
        blank=True,
        validators=[validate_zone],
        help_text="Whose wall clock people read. Empty: the zone of the site.",
    )
    opens_at = models.DateTimeField("opens")
    closes_at = models.DateTimeField("closes")
    scope_lock_at = models.DateTimeField(
        "scope locks", null=True, blank=True, help_text="Empty: five business days before."
    )
    readiness_deadline_at = models.DateTimeField(
        "readiness deadline", null=True, blank=True, help_text="Empty: 24 hours before."
    )
    may_overlap = models.BooleanField(
        default=False, help_text="Another window may be open at the same time."
    )
    overlap_reason = models.CharField(
        max_length=200, blank=True, help_text="Why it may overlap another window."
    )
    capacity_changes = models.PositiveSmallIntegerField(default=0)
    capacity_points = models.DecimalField(
        max_digits=8,
        decimal_places=1,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    max_parallel_packages = models.PositiveSmallIntegerField("packages at most", default=0)
    capacity_binds = models.PositiveSmallIntegerField(
        "binds at most", default=0, help_text="Steps that bind in Db2; 0: no limit."
    )
    capacity_minutes = models.PositiveIntegerField(
        default=0,
        help_text="Minutes that the plan of the night may take; 0: until the cut-off. Only warns.",
    )
    reserve_percent = models.PositiveSmallIntegerField(
        "reserve (%)",
        default=20,
        validators=[MaxValueValidator(90)],
        help_text="Kept for emergencies.",
    )
    decide_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="Time that a go/no-go decision takes."
    )
    verify_after_backout_minutes = models.PositiveSmallIntegerField(default=20)
    safety = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.10"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text="Share added to planned durations.",
    )
    release_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="managed_windows",
    )
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="coordinated_windows",
    )
    bridge = models.CharField(
        max_length=200, blank=True, help_text="Where people meet: a number or a link."
    )

    booked_changes = models.PositiveIntegerField(default=0, editable=False)
    booked_points = models.DecimalField(
        max_digits=8, decimal_places=1, default=Decimal(0), editable=False
    )
    booked_packages = models.PositiveIntegerField(default=0, editable=False)
    booked_binds = models.PositiveIntegerField(default=0, editable=False)
    emergency_changes = models.PositiveIntegerField(default=0, editable=False)
    emergency_points = models.DecimalField(
        max_digits=8, decimal_places=1, default=Decimal(0), editable=False
    )
    emergency_packages = models.PositiveIntegerField(default=0, editable=False)
    emergency_binds = models.PositiveIntegerField(default=0, editable=False)

    started_at = models.DateTimeField(null=True, editable=False)
    handed_back_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    lessons = models.TextField(blank=True, editable=False)
    state = FSMField(default=life.DRAFT, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-opens_at", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "series_day"], name="windows_one_of_a_series_a_day"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="windows_closes_after_opening",
                violation_error_message="The window closes before it opens.",
            ),
            models.CheckConstraint(
                condition=Q(scope_lock_at__isnull=True) | Q(scope_lock_at__lte=F("opens_at")),
                name="windows_scope_locks_before_opening",
                violation_error_message="The scope is locked after the window opens.",
            ),
            models.CheckConstraint(
                condition=Q(readiness_deadline_at__isnull=True)
                | Q(readiness_deadline_at__lte=F("opens_at")),
                name="windows_ready_before_opening",
                violation_error_message="The readiness deadline is after the window opens.",
            ),
            models.CheckConstraint(
                condition=Q(reserve_percent__lte=90), name="windows_reserve_leaves_room"
            ),
            *(
                models.CheckConstraint(
                    condition=_held(unit, Q(**{f"booked_{unit}__lte": F(limit)})),
                    name=f"windows_{unit}_not_oversold",
                )
                for unit, limit in _LIMITS.items()
            ),
            *(
                models.CheckConstraint(
                    condition=_held(
                        unit,
                        Q(
                            **{
                                f"booked_{unit}__lte": F(f"emergency_{unit}")
                                + F(limit) * (100 - F("reserve_percent")) / 100
                            }
                        ),
                    ),
                    name=f"windows_{unit}_reserve_kept",
                )
                for unit, limit in _LIMITS.items()
            ),
        ]
        indexes = [models.Index(fields=["state", "opens_at"], name="windows_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        problems = {**self._time_problems(), **overlap_problems(self), **sysplex_problems(self)}
        if problems:
            raise ValidationError({field: list(texts) for field, texts in problems.items()})

    def _time_problems(self) -> dict[str, Iterable[str]]:
        opens_at = self.opens_at
        if opens_at is None:
            return {}
        found: dict[str, Iterable[str]] = {}
        if self.closes_at is not None and self.closes_at <= opens_at:
            found["closes_at"] = ["The window closes before it opens. Enter a later closing."]
        if self.scope_lock_at is not None and self.scope_lock_at > opens_at:
            found["scope_lock_at"] = ["The scope is locked after the window opens."]
        if self.readiness_deadline_at is not None and self.readiness_deadline_at > opens_at:
            found["readiness_deadline_at"] = ["The deadline is after the window opens."]
        return found

    @property
    def tightest_cutoff(self) -> Limit:
        """What gives the effective cut-off."""
        return tightest(self.closes_at, (cutoff.as_limit() for cutoff in self.cutoffs.all()))

    @property
    def effective_cutoff(self) -> datetime:
        """By when production has to have its systems back, after all that was reported."""
        return self.tightest_cutoff.holds_at

    @property
    def cutoff_cause(self) -> str:
        """Why the effective cut-off is when it is, with what was reported of it."""
        return self.tightest_cutoff.told(self.zone)

    @property
    def capacity(self) -> Capacity:
        return Capacity(
            Load(
                self.capacity_changes,
                self.capacity_points,
                self.max_parallel_packages,
                self.capacity_binds,
            ),
            self.reserve_percent,
        )

    @property
    def booked(self) -> Load:
        return Load(
            self.booked_changes, self.booked_points, self.booked_packages, self.booked_binds
        )

    @property
    def emergency(self) -> Load:
        return Load(
            self.emergency_changes,
            self.emergency_points,
            self.emergency_packages,
            self.emergency_binds,
        )

    @transition(field=state, source=SOURCES["open"], target=TARGETS["open"])
    def open(self) -> None: ...

    @transition(field=state, source=SOURCES["lock_scope"], target=TARGETS["lock_scope"])
    def lock_scope(self) -> None: ...

    @transition(field=state, source=SOURCES["unlock"], target=TARGETS["unlock"])
    def unlock(self) -> None: ...

    @transition(field=state, source=SOURCES["start"], target=TARGETS["start"])
    def start(self) -> None: ...

    @transition(field=state, source=SOURCES["hand_back"], target=TARGETS["hand_back"])
    def hand_back(self) -> None: ...

    @transition(field=state, source=SOURCES["close"], target=TARGETS["close"])
    def close(self) -> None: ...

    @transition(field=state, source=SOURCES["cancel"], target=TARGETS["cancel"])
    def cancel(self) -> None: ...

    @transition(field=state, source=SOURCES["abort"], target=TARGETS["abort"])
    def abort(self) -> None: ...


class Cutoff(PartModel):
    """A time by which something of the window has to be given back."""

    class Kind(models.TextChoices):
        BATCH_START = "batch_start", "Latest start of the batch cycle"
        ONLINE_OPEN = "online_open", "Online opens"
        PARTNER_FILE = "partner_file", "File to a partner"
        BACKUP = "backup", "Backup"

    window = models.ForeignKey(ReleaseWindow, on_delete=models.PROTECT, related_name="cutoffs")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.BATCH_START)
    label = models.CharField(max_length=80, help_text="What is due, such as CLOSEFIL.")
    at = models.DateTimeField()
    is_hard = models.BooleanField("hard", default=True)
    expected_at = models.DateTimeField(
        null=True, editable=False, help_text="When it is now, as somebody reported."
    )
    cause = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["at", "label"]
        verbose_name = "cut-off"
        constraints = [
            models.UniqueConstraint(fields=["window", "kind", "label"], name="windows_cutoff_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.at:%H:%M} UTC"

    def as_limit(self) -> Limit:
        return Limit(self.label, self.at, self.is_hard, self.expected_at, self.cause)


class Booking(PartModel):
    """What one package takes of a window, or what is held for a package or change to come.

    A reservation has an owner, a reason and an end. A booking that was given back stays, and may be
    made again.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        RESERVED = "reserved", "Reserved"
        RELEASED = "released", "Released"

    window = models.ForeignKey(ReleaseWindow, on_delete=models.PROTECT, related_name="bookings")
    subject = models.CharField(max_length=80)
    changes = models.PositiveSmallIntegerField(default=0)
    points = models.DecimalField(max_digits=8, decimal_places=1, default=Decimal(0))
    binds = models.PositiveSmallIntegerField(default=0)
    is_emergency = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["subject", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state="active"),
                name="windows_booked_once",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state="reserved"),
                name="windows_reserved_once",
            ),
            models.UniqueConstraint(
                fields=["window", "subject"], name="windows_one_booking_of_a_subject"
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="windows_points_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="reserved")
                | Q(owner__isnull=False, expires_at__isnull=False) & ~Q(reason=""),
                name="windows_reservation_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="reserved"), name="windows_reserved_until"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.changes} changes, {self.points} points"

    @property
    def load(self) -> Load:
        return Load(self.changes, self.points, 1, self.binds)
