"""Forms of the console: one native input per moment, and the form of a move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.console import display
from apps.core import clock, text
from apps.core.errors import Blocker
from apps.core.moves import Move, MoveField


class MomentInput(forms.DateTimeInput):
    """The browser's own picker, in the site's zone; seconds only where there are any."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if timezone.is_aware(value):
            value = timezone.localtime(value)
        return value.strftime("%Y-%m-%dT%H:%M:%S" if value.second else "%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A moment in the site's zone that UTC has too, within living memory of the portal."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None and not clock.is_conceivable(moment):
            raise forms.ValidationError("This is no time that can be.", code="far")
        return moment


class KeySelect(AutocompleteSelect):
    """A chooser that shows nothing chosen when what was posted is no key."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if self._is_key(v)], attr)

    def _is_key(self, value: Any) -> bool:
        try:
            self.field.to_python(value)
        except forms.ValidationError:
            return False
        return "\0" not in str(value)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class WordsField(SimpleArrayField):
    """Words on one line: commas between, blanks as people like."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = [word.strip() for word in value.split(",") if word.strip()]
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def words_input(column: ArrayField) -> dict[str, Any]:
    """How a list of words of a model is entered: on one line, told which words there are."""
    known = ", ".join(code for code, _ in column.base_field.choices or ())
    told = f"{column.help_text} Any of: {known}." if known else column.help_text
    return {"form_class": WordsField, "widget": AdminTextInputWidget(), "help_text": told}


class ValueInWords(forms.Widget):
    """A value of a JSON column for who only reads it: words, or names with what they hold."""

    #: Asked by the admin, which otherwise prints the JSON itself.
    read_only = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return display.value(value)


def tell_values(form: forms.BaseForm, model: type[models.Model]) -> None:
    """Let the form of a page that is only read tell the JSON columns as people read them; the
    admin has left out of it what nobody fills in."""
    for column in model._meta.get_fields():
        if isinstance(column, models.JSONField):
            form.fields[column.name] = forms.Field(widget=ValueInWords(), required=False)


class PartFormSet(BaseInlineFormSet):
    """Rows of a record. A forged count of rows is an error on the form, never a crash."""

    def initial_form_count(self) -> int:
        count: int = super().initial_form_count()
        return min(count, len(self.get_queryset())) if self.is_bound else count

    def total_form_count(self) -> int:
        """No more rows than inputs were posted: counting alone must not cost a page of forms."""
        count: int = super().total_form_count()
        posted = sum(key.startswith(f"{self.prefix}-") for key in self.data)
        return min(count, posted) if self.is_bound else count

    def clean(self) -> None:
        """Every row of the record is on the page once: one left out would look like a removal."""
        super().clean()
        posted = [form.instance.pk for form in self.forms if not form.instance._state.adding]
        if sorted(posted) != sorted(row.pk for row in self.get_queryset()):
            raise forms.ValidationError(
                "The rows of the page are not those of the record. Reload it and enter them again."
            )

    def rows(self) -> list[dict[str, Any]]:
        """What was typed: {"id": key or None, "DELETE": bool, field: value, …} in order."""
        rows = []
        for form in self.forms:
            existing = None if form.instance._state.adding else form.instance.pk
            if existing is None and not form.has_changed():
                continue
            cleaned = dict(form.cleaned_data)
            cleaned.pop(self.fk.name, None)
            cleaned["id"] = existing
            cleaned["DELETE"] = bool(cleaned.get("DELETE"))
            if existing is None and cleaned["DELETE"]:
                continue
            rows.append(cleaned)
        return rows


def show_at_fields(form: forms.BaseForm, blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """Put what is wrong with an input at its field; the answer is what is about no field."""
    others = []
    for blocker in blockers:
        if blocker.field in form.fields:
            form.add_error(blocker.field, f"{blocker.text} {blocker.fix}".strip())
        else:
            others.append(blocker)
    return tuple(others)


class MoveForm(forms.Form):
    """The inputs of one move on one record; `values()` are keywords for its service."""

    def __init__(self, move: Move, obj: Any, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id=f"id_{move.name}_%s", use_required_attribute=False)
        self.move = move
        for field in move.fields:
            if not field.by_program and (made := _form_field(field, obj)) is not None:
                self.fields[field.name] = made
        if move.comment != "none":
            # No required attribute: the service tells all that is missing at once.
            self.fields["comment"] = forms.CharField(
                label=move.comment_label,
                required=False,
                strip=True,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def show(self, blockers: Iterable[Blocker]) -> None:
        """Put what is wrong with the input at its fields, and the rest above them."""
        for blocker in show_at_fields(self, blockers):
            self.add_error(None, f"{blocker.text} {blocker.fix}".strip())

    def values(self) -> dict[str, Any]:
        """Cleaned values; a field left empty is left out, so that the service's default holds."""
        optional = {field.name for field in self.move.fields if not field.required}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not (name in optional and value in (None, ""))
        }


def missing(label: str) -> dict[str, str]:
    """What a form says of an input that was left empty, as services say it."""
    return {"required": " ".join(text.missing(label))}


def _form_field(field: MoveField, obj: Any) -> forms.Field | None:
    """None for one of several choices where there is nothing to choose."""
    common = {
        "label": field.label,
        "required": field.required,
        "help_text": field.help_text,
        "error_messages": missing(field.label),
    }
    choices = list(field.choices_for(obj))
    if field.kind == "choice" or (field.kind == "reference" and choices):
        blank = [] if field.required and len(choices) == 1 else [("", "Choose…")]
        return forms.ChoiceField(choices=[*blank, *choices], **common)
    if field.kind == "choices":
        several = forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **common
        )
        return several if choices else None
    if field.kind == "datetime":
        return MomentField(widget=MomentInput(), **common)
    if field.kind == "integer":
        return forms.IntegerField(**common)
    if field.kind == "boolean":
        return forms.BooleanField(**{**common, "required": False})
    if field.kind == "reference":
        return forms.CharField(max_length=100, **common)
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 1}), **common)
