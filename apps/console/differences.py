"""An entry's difference in words: labels for fields, choices, keys and moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from apps.console.display import local

MASKED = "text of that version is in the history row"


@dataclass(frozen=True, slots=True)
class Line:
    """One changed field; `old` and `new` are words, "" for nothing."""

    label: str
    old: str
    new: str


class Wording:
    """Turns plain values of one model's entries into words, each foreign key looked up once."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self._names: dict[tuple[type[models.Model], str], str] = {}

    def prepare(self, diffs: Iterable[Sequence[Mapping[str, Any]]]) -> None:
        """Look up the names of every key in `diffs`, one query per related model."""
        Wording.prepare_all([(self, diffs)])

    @staticmethod
    def prepare_all(
        told: Iterable[tuple[Wording, Iterable[Sequence[Mapping[str, Any]]]]],
    ) -> None:
        """The same for records of several models, still with one query per related model."""
        wanted: dict[type[models.Model], set[str]] = {}
        wordings = []
        for wording, diffs in told:
            wordings.append(wording)
            for diff in diffs:
                for change in diff:
                    for model, values in wording._references(change):
                        wanted.setdefault(model, set()).update(str(v) for v in values if v)
        names: dict[tuple[type[models.Model], str], str] = {}
        for model, keys in wanted.items():
            names |= {(model, key): key for key in keys}
            try:
                found = model._base_manager.in_bulk(keys)
            except (ValidationError, ValueError):
                continue
            names |= {(model, str(pk)): str(obj) for pk, obj in found.items()}
        for wording in wordings:
            wording._names |= names

    def _references(
        self, change: Mapping[str, Any]
    ) -> Iterable[tuple[type[models.Model], list[Any]]]:
        field = _field(self.model, change["field"])
        sides = [change.get("old"), change.get("new")]
        if isinstance(field, models.ForeignKey):
            yield field.related_model, sides
        part = _part(self.model, change["field"])
        if part is not None:
            rows = [row for side in sides if isinstance(side, list) for row in side]
            for inner in part._meta.concrete_fields:
                if isinstance(inner, models.ForeignKey) and inner.related_model is not self.model:
                    yield inner.related_model, [row.get(inner.name) for row in rows]

    def lines(self, diff: Sequence[Mapping[str, Any]]) -> list[Line]:
        """The changes as lines; a part tells its rows that came, went or changed."""
        told: list[Line] = []
        for change in diff:
            if change["field"] == "id":
                continue
            part = _part(self.model, change["field"])
            if part is not None:
                told += self._part_lines(part, change)
            else:
                field = _field(self.model, change["field"])
                told.append(
                    Line(_label(field, change["field"]),
                         self._side(field, change, "old"), self._side(field, change, "new"))
                )  # fmt: skip
        return [line for line in told if line.old != line.new]

    def _side(self, field: Any, change: Mapping[str, Any], side: str) -> str:
        return MASKED if f"{side}_sha256" in change else self.word(field, change.get(side))

    def word(self, field: Any, value: Any) -> str:
        """One plain value of `field` in words."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(field, models.ForeignKey):
            return self._names.get((field.related_model, str(value)), str(value))
        if isinstance(field, models.DateTimeField) and isinstance(value, str):
            moment = parse_datetime(value)
            return local(moment) if moment else value
        if isinstance(field, models.DateField) and isinstance(value, str):
            day = parse_date(value)
            return f"{day:%a} {day.day} {day:%b %Y}" if day else value
        if isinstance(value, list):
            return ", ".join(self.word(field, item) for item in value)
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {self.word(None, item)}" for key, item in value.items())
        return str(dict(getattr(field, "flatchoices", ()) or ()).get(value, value))

    def _part_lines(self, part: type[models.Model], change: Mapping[str, Any]) -> list[Line]:
        label = str(part._meta.verbose_name).capitalize()
        sides = [
            {row.get("id"): row for row in change.get(side) or [] if isinstance(row, Mapping)}
            for side in ("old", "new")
        ]
        if any(f"{side}_sha256" in change for side in ("old", "new")):
            return [Line(label, MASKED, MASKED)]
        old, new = sides
        return [
            Line(label, self._row(part, old.get(key)), self._row(part, new.get(key)))
            for key in dict.fromkeys([*old, *new])
            if old.get(key) != new.get(key)
        ]

    def _row(self, part: type[models.Model], row: Mapping[str, Any] | None) -> str:
        if row is None:
            return ""
        words = []
        for field in part._meta.concrete_fields:
            if field.primary_key or field.name not in row or field.related_model is self.model:
                continue
            text = self.word(field, row[field.name])
            if text:
                words.append(f"{_label(field, field.name)}: {text}")
        return ", ".join(words)


def _field(model: type[models.Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _part(model: type[models.Model], name: str) -> type[models.Model] | None:
    field = _field(model, name)
    if name in getattr(model, "PARTS", ()) and field is not None:
        part: type[models.Model] = field.related_model
        return part
    return None


def _label(field: Any, name: str) -> str:
    text = str(getattr(field, "verbose_name", "") or name.replace("_", " "))
    return text[:1].upper() + text[1:]
