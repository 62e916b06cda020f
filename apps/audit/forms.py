"""The form that asks for a pack of evidence."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.console.forms import MomentField, MomentInput


class PackForm(forms.Form):
    """What a pack is about; the service judges it."""

    release = forms.CharField(
        label="Release", required=False, max_length=40, help_text="Its code, such as RP-2610-02."
    )
    change = forms.CharField(
        label="Change", required=False, max_length=40, help_text="Its code, instead of a release."
    )
    from_at = MomentField(
        label="Period from", required=False, widget=MomentInput(),
        help_text="Instead of both: every entry of a period, in UTC.",
    )  # fmt: skip
    to_at = MomentField(
        label="Period to", required=False, widget=MomentInput(), help_text="Left empty: now."
    )
    challenge = forms.CharField(
        label="Challenge", required=False, strip=False,
        help_text="A text that you chose and nobody can guess. The pack carries it sealed as its "
        "last entry, which proves that the log was not put back.",
    )  # fmt: skip
    earlier_size = forms.IntegerField(
        label="Earlier checkpoint", required=False,
        help_text="The second line of the checkpoint that you kept. The pack then proves that "
        "nothing before it was rewritten.",
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
