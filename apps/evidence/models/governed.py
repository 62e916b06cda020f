"""What every governed record is built on: its version, its chain, its history."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

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
