"""The form that hands files in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps.integrations.adapters.formats import FORMATS
from apps.inventory.domain.rows import FEED_MAX


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Some files; the service judges them."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [file for file in data or () if file]


class UploadForm(forms.Form):
    file_format = forms.ChoiceField(
        label="Format", choices=[("", "Choose…"), *((f.code, f.label) for f in FORMATS)]
    )
    # The form's own `files` is set on each instance; the field stands in `fields`.
    files = ManyFilesField(label="Files", required=False)  # type: ignore[assignment]
    feed = forms.CharField(
        label="Feed",
        required=False,
        max_length=FEED_MAX,
        help_text="Whose words these are, the same every time. Blank: the format's own.",
    )
    partial = forms.BooleanField(
        label="Partial: the files tell of some assets only",
        required=False,
        help_text="Relations of assets that are not in the files are then not counted as missing.",
    )

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
