"""Prove again who you are: the password, where the last proof is older than five minutes."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from apps.console.hooks import actor_of, hook


class StepUpForm(forms.Form):
    """Takes the signed-in person's password; a wrong one counts as a failed sign-in."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.request = request

    def clean_password(self) -> str:
        user = cast(AbstractBaseUser, self.request.user)
        password: str = self.cleaned_data["password"]
        proved = authenticate(self.request, username=user.get_username(), password=password)
        if proved is None or proved.pk != user.pk:
            raise forms.ValidationError("That is not your password. Nothing was done.")
        return password

    def renew(self) -> None:
        """Stamp the session anew; the context of accounts records it."""
        hook("INTERLOCK_STEP_UP")(self.request, actor_of(self.request))


def kept_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, for the password page to send again."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("password", "csrfmiddlewaretoken")
    ]
