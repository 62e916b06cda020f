"""How a package is taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life
from apps.releases.models.package import ReleasePackage

SOURCES = life.BACKOUT_SOURCES


class BackoutPlan(GovernedModel):
    """The one backout plan of a package; its steps are the package's backout activities."""

    SUBJECT = "backout_plan"

    class Strategy(models.TextChoices):
        SCM_BACKOUT = "scm_backout", "Backout by the source code manager"
        RESTORE_MEMBERS = "restore_members", "Restore members"
        REBIND_SWITCH = "rebind_switch_previous", "Rebind, switch to the previous package"
        RECOVER_DB2 = "recover_db2_to_copy", "Recover Db2 to the image copy"
        RESTORE_VSAM = "restore_vsam", "Restore VSAM files"
        IMS_ABORT = "ims_online_change_abort", "Abort the IMS online change"
        FIX_FORWARD = "fix_forward", "Fix forward"
        NONE = "none", "None possible"

    class DataWritten(models.TextChoices):
        NONE = "none", "No data is written"
        RECOVERABLE = "recoverable", "Written data can be recovered"
        LOST = "lost", "Written data is lost"

    package = models.OneToOneField(
        ReleasePackage, on_delete=models.PROTECT, related_name="backout_plan"
    )
    strategy = models.CharField(max_length=30, choices=Strategy.choices)
    trigger_criteria = models.TextField(
        help_text="What is measured, and the value from which on the package is taken back."
    )
    decision_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    verification = models.TextField(blank=True, help_text="How people see that it worked.")
    restore_points = models.TextField(
        blank=True, help_text="Image copies, backups and archive libraries to return to."
    )
    data_written = models.CharField(
        "data written after go-live",
        max_length=12,
        choices=DataWritten.choices,
        default=DataWritten.NONE,
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    rehearsed_at = models.DateTimeField(null=True, editable=False)
    rehearsed_in = models.CharField(max_length=40, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    state = FSMField(
        default=life.DRAFT, choices=life.BACKOUT_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["package__code"]
        verbose_name = "backout plan"

    def __str__(self) -> str:
        return f"Backout plan of {self.package.code}"

    @transition(field=state, source=SOURCES["review"], target=life.REVIEWED)
    def review(self) -> None: ...

    @transition(field=state, source=SOURCES["rehearse"], target=life.REHEARSED)
    def rehearse(self) -> None: ...

    @transition(field=state, source=SOURCES["approve"], target=life.APPROVED)
    def approve(self) -> None: ...

    @transition(field=state, source=SOURCES["revise"], target=life.DRAFT)
    def revise(self) -> None: ...

    @transition(field=state, source=SOURCES["invalidate"], target=life.INVALID)
    def invalidate(self) -> None: ...

    @transition(field=state, source=SOURCES["trigger"], target=life.TRIGGERED)
    def trigger(self) -> None: ...

    @transition(field=state, source=SOURCES["execute"], target=life.EXECUTING)
    def execute(self) -> None: ...

    @transition(field=state, source=SOURCES["restore"], target=life.RESTORED)
    def restore(self) -> None: ...

    @transition(field=state, source=SOURCES["verify"], target=life.VERIFIED)
    def verify(self) -> None: ...

    @transition(field=state, source=SOURCES["fail"], target=life.FAILED)
    def fail(self) -> None: ...
