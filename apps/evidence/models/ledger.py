"""The ledger, who is told of it, and keys of actions that are answered once."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from apps.core.ids import uuid7
from apps.evidence.domain.receipts import Receipt


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
