"""Prove again who you are, before a decision: the password, not older than five minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone

from apps.console.hooks import actor_of, hook
from apps.core.actor import Actor

FRESH_FOR = timedelta(minutes=5)


def is_fresh(actor: Actor) -> bool:
    """Real time, as the session's stamp is: it is about the person, not about the demo's clock."""
    return actor.auth_at is not None and timezone.now() - actor.auth_at <= FRESH_FOR


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
