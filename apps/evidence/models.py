"""The ledger, its outbox, and the base of every governed record."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from simple_history.models import HistoricalRecords

from apps.core.ids import uuid7
from apps.evidence.domain.canonical import digest, plain, shape_digest
from apps.evidence.domain.receipts import Receipt


def _history_user_id(historical: Any) -> Any:
    return historical.history_user_id


def _set_history_user_id(historical: Any, user: Any) -> None:
    historical.history_user_id = getattr(user, "pk", None)


def governed_history(*excluded: str) -> HistoricalRecords:
    """History of one governed model: who, why, and (subject, seq) through `id` and `evidence_seq`.

    The user is a plain id, so that a person's deactivation never touches what they did.
    """
    return HistoricalRecords(
        inherit=True,
        excluded_fields=["evidence_head", *excluded],
        history_user_id_field=models.UUIDField(null=True, db_index=True),
        history_user_getter=_history_user_id,
        history_user_setter=_set_history_user_id,
        history_change_reason_field=models.TextField(null=True),
        user_db_constraint=False,
    )


class GovernedModel(models.Model):
    """A record whose every change has one evidence entry, held to it by database triggers.

    `evidence_seq` is the row's version (ETag, stale check). `SUBJECT` is its name in the ledger.
    `DERIVED` fields are computed, may change without an entry, and are not in its digest.
    """

    SUBJECT: ClassVar[str] = ""
    DERIVED: ClassVar[tuple[str, ...]] = ()
    #: Reverse names of the parts that are edited together with the record; see `part_values`.
    PARTS: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    evidence_seq = models.PositiveIntegerField(default=1, editable=False)
    evidence_head = models.BinaryField(editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    history = governed_history()

    class Meta:
        abstract = True

    @property
    def subject(self) -> str:
        return f"{self.SUBJECT}:{self.pk}"

    @property
    def receipt(self) -> Receipt:
        """Of the record's newest entry: what a decision answers with."""
        return Receipt(self.subject, self.evidence_seq, bytes(self.evidence_head).hex())

    @property
    def version(self) -> str:
        """The row's version as an entity tag."""
        return f'"{self.evidence_seq}"'

    def governed_values(self) -> dict[str, Any]:
        """Every governed column by name, as plain JSON values."""
        return values_of(self, governed_fields(type(self)))

    def part_values(self) -> dict[str, Any]:
        """The record's parts by reverse name, each a list of `part.governed_values()`."""
        return {
            name: [part.governed_values() for part in getattr(self, name).all()]
            for name in self.PARTS
        }

    def governed_digest(self) -> str:
        return digest(self.governed_values())


@cache
def governed_fields(model: type[GovernedModel]) -> tuple[models.Field[Any, Any], ...]:
    """The columns whose values the digest of a record is over."""
    skipped = {"evidence_seq", "evidence_head", "created_at", "changed_at", *model.DERIVED}
    return tuple(field for field in model._meta.concrete_fields if field.name not in skipped)


@cache
def shape_of(model: type[GovernedModel]) -> str:
    """Which columns a digest is over, in 16 hex digits: a row of `DigestShape` tells their names,
    so that the digest of an old version can be made again when the table has other columns."""
    return shape_digest([field.name for field in governed_fields(model)])


def values_of(row: models.Model, fields: Iterable[models.Field[Any, Any]]) -> dict[str, Any]:
    """The values of a row, or of its history row, by name; as plain JSON, and as the database
    keeps them: 2 and 2.0 are one value of a column with one decimal."""
    return {field.name: plain(_as_kept(field, getattr(row, field.attname))) for field in fields}


def _as_kept(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.DecimalField):
        return Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.FloatField):
        return float(value)
    return value


class PartModel(models.Model):
    """A row that belongs to one governed record and changes only together with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def governed_values(self) -> dict[str, Any]:
        return {
            field.name: plain(getattr(self, field.attname)) for field in self._meta.concrete_fields
        }


class EvidenceSubject(models.Model):
    """What entries can be about. `table_name` is empty where there is no guarded row."""

    label = models.CharField(max_length=40, primary_key=True)
    table_name = models.CharField(max_length=63, blank=True)

    def __str__(self) -> str:
        return self.label


class EvidenceEntry(models.Model):
    """One thing that happened: the exact bytes, their leaf hash, and columns to find it by.

    The columns are checked against the bytes by the database; the bytes are the authority. They
    are null once they were erased, which the `Erasure` of their leaf tells; the leaf stays.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=80)
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=60)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    about = models.CharField(max_length=80, blank=True)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(editable=False, null=True)
    txid = models.BigIntegerField(editable=False, null=True)
    body = models.BinaryField(null=True)
    leaf = models.BinaryField()

    class Meta:
        verbose_name = "evidence entry"
        verbose_name_plural = "evidence entries"
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "seq"], name="evidence_one_per_seq"),
            models.UniqueConstraint(fields=["leaf"], name="evidence_leaf_unique"),
        ]
        indexes = [
            models.Index(fields=["about", "-id"], name="evidence_about"),
            models.Index(fields=["actor_id", "-id"], name="evidence_actor"),
            models.Index(fields=["action", "-id"], name="evidence_action"),
            # The sealer asks for what later transactions wrote; they lie in the order of the table.
            BrinIndex(fields=["txid"], name="evidence_txid", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq} {self.action}"

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.subject, self.seq, bytes(self.leaf).hex())


class PartVersion(models.Model):
    """The parts of a record as an entry of its chain tells them, from `at` until the next row.

    Parts have no history rows of their own, and an entry holds a long list as its sha256 only;
    `rows` are the values that the hash is over. Append-only.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=80)
    seq = models.PositiveIntegerField()
    part = models.CharField(max_length=40)
    rows = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "part", "seq"], name="evidence_part_once_per_seq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} of {self.subject} #{self.seq}"


class EvidenceConsumer(models.Model):
    """Who reads the outbox; kept equal to the settings. Empty `actions` means every action."""

    name = models.CharField(max_length=60, primary_key=True)
    actions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class EvidenceOutbox(models.Model):
    """An entry that a consumer has still to handle; filled by a trigger, emptied by the relay."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(EvidenceEntry, on_delete=models.PROTECT, related_name="+")
    consumer = models.CharField(max_length=60)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "entry"], name="evidence_outbox_once"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer}: {self.entry_id}"


class ActionKey(models.Model):
    """An action that a client asked for under a key of its own, and what came of it.

    It is written in the transaction of the action, or, when that was refused, in that of the
    refusal. `request` is the digest of what was asked for; `answer` the first one that was sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor_id = models.UUIDField()
    key = models.UUIDField()
    action = models.CharField(max_length=80)
    request = models.CharField(max_length=64)
    model = models.CharField(max_length=80, blank=True)
    record_id = models.UUIDField(null=True)
    refusal = models.JSONField(null=True)
    answer = models.JSONField(null=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["actor_id", "key"], name="evidence_action_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"


class Comment(GovernedModel):
    """A remark on a governed record: added, never edited."""

    SUBJECT = "comment"

    about = models.CharField(max_length=80, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["created_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text[:60]


class Exhibit(GovernedModel):
    """A document that proves something: a test result, a job log, a screenshot.

    `sha256` is over the file, or over the text where there is no file; the file lies under it in
    a private folder. A confidential one is read by the owners, the approvers and auditors only.
    """

    SUBJECT = "exhibit"

    class Kind(models.TextChoices):
        UNIT = "unit", "Unit test"
        SIT = "sit", "System integration test"
        UAT = "uat", "User acceptance test"
        REGRESSION = "regression", "Regression test"
        PERFORMANCE = "performance", "Performance test"
        PARALLEL_RUN = "parallel_run", "Parallel run"
        SECURITY_SCAN = "security_scan", "Security scan"
        JOB_LOG = "job_log", "Job log"
        OTHER = "other", "Other"

    #: Kinds that are no tests.
    NO_TESTS: ClassVar[tuple[str, ...]] = (Kind.JOB_LOG, Kind.OTHER)

    class Verdict(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    about = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=200)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    result = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    url = models.URLField(blank=True)
    tested_version = models.CharField(max_length=60, blank=True)
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: who attaches it, unless a laboratory is named.",
    )
    tester = models.CharField(
        "laboratory",
        max_length=80,
        blank=True,
        help_text="Who tested where nobody of the house did.",
    )
    tested_on = models.DateField(null=True, blank=True)
    is_confidential = models.BooleanField("confidential", default=False)
    file_name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    captured_at = models.DateTimeField()
    captured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["captured_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"

    @property
    def tested_by_whom(self) -> str:
        """The person, or the laboratory; empty where nobody is named."""
        return str(self.tested_by) if self.tested_by else self.tester


class EvidenceLeaf(models.Model):
    """The place of an entry in the Merkle tree; written by the sealer alone, without gaps from 0.

    The tree of `size` leaves is over leaves 0 to `size` - 1, whatever its origin is called.
    """

    idx = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(EvidenceEntry, on_delete=models.PROTECT, related_name="placed")
    leaf = models.BinaryField()

    class Meta:
        default_permissions = ()
        ordering = ["idx"]

    def __str__(self) -> str:
        return f"leaf {self.idx}"


class EvidenceCheckpoint(models.Model):
    """A head of the tree as the sealer signed it: a C2SP signed note, the newest last.

    `origin` names the log and its epoch ("interlock.example/1"); a new one begins when a restored
    database is behind what was sealed. `at` is real time.
    """

    origin = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "checkpoint"
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "size"], name="evidence_one_head_per_size"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class EvidenceTimestamp(models.Model):
    """What an authority outside says about when a checkpoint was there: an RFC 3161 token (DER)."""

    checkpoint = models.OneToOneField(
        EvidenceCheckpoint, on_delete=models.PROTECT, related_name="timestamp"
    )
    token = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"timestamp of {self.checkpoint_id}"


class EvidenceAlarm(models.Model):
    """Why the sealer refuses to seal. The newest row counts; its code is "clear" when it seals."""

    CLEAR: ClassVar[str] = "clear"

    code = models.CharField(max_length=30)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "alarm of the sealer"
        verbose_name_plural = "alarms of the sealer"
        default_permissions = ("view",)
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class DigestShape(models.Model):
    """The columns that digests of one model's rows were over, as long as it had just these."""

    model = models.CharField(max_length=80)
    shape = models.CharField(max_length=16)
    names = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["model", "shape"], name="evidence_shape_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.shape}"


class EvidenceCheck(models.Model):
    """One run of a check over everything that is kept, and what it found. Added, never edited.

    `counts` tells what was looked at and what was found, by name; `findings` the first of them.
    """

    class Kind(models.TextChoices):
        HISTORY = "history", "History against the ledger"
        INVARIANTS = "invariants", "Invariants"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    found = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["kind", "-started_at"], name="evidence_last_check")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"

    @property
    def is_clean(self) -> bool:
        return self.found == 0


#: Actions whose entries tell of an erasure; their own bytes are never erased.
TELLS_OF_ERASURE = ("evidence.redacted", "evidence.purged")


class Erasure(models.Model):
    """That the bytes behind a digest are gone, and by which entry. Added, never edited.

    `digest` is the leaf hash of an entry whose body was erased, or the sha256 of a file.
    """

    class What(models.TextChoices):
        BODY = "body", "Body of an entry"
        FILE = "file", "File of an exhibit"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.CharField(max_length=4, choices=What.choices)
    digest = models.CharField(max_length=64)
    entry = models.ForeignKey(EvidenceEntry, on_delete=models.PROTECT, related_name="erasures")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["digest", "what"], name="evidence_erased")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.digest[:12]}"
