"""Make and revoke tokens of the programming interface, and prove again who uses one.

Real time, not the demo's: tokens are about the person at the keyboard.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.accounts import events
from apps.accounts.models import ApiToken, User
from apps.accounts.policies import token_blockers
from apps.accounts.services.people import record_step_up
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, not_found, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_fact

TOKENS_AT_MOST = 10


@door("user")
def create_token(*, pk: UUID, actor: Actor, name: str, lifetime: timedelta) -> tuple[ApiToken, str]:
    """A token for the account `pk`, and its text, which is stored nowhere.

    People make their own; those of service accounts are made by a site administrator.
    """
    user = _locked(pk)
    refuse_if_any(token_blockers(actor, user, name, lifetime))
    now = timezone.now()
    ApiToken.objects.filter(user=user, expiry__lte=now).delete()
    if ApiToken.objects.filter(user=user).count() >= TOKENS_AT_MOST:
        raise Refused(
            Blocker("too_many_tokens", f"{user} has {TOKENS_AT_MOST} tokens already.",
                    "Revoke one that is no longer used.", "you")
        )  # fmt: skip
    token, text = ApiToken.objects.create(user=user, expiry=lifetime, name=name.strip())
    record_fact(
        "user",
        key=user.pk,
        actor=actor,
        event=events.TOKEN_CREATED,
        facts={"token": token.token_key, "name": token.name, "expires_at": token.expiry},
    )
    return token, text


@door("user")
def revoke_token(*, pk: UUID, actor: Actor, token: str) -> None:
    """End the token of the account `pk` whose public part is `token`, at once."""
    user = _locked(pk)
    found = ApiToken.objects.filter(user=user, token_key=token).first()
    if found is None or actor.id != user.pk:
        raise not_found("token")
    found.delete()
    record_fact(
        "user",
        key=user.pk,
        actor=actor,
        event=events.TOKEN_REVOKED,
        facts={"token": token, "name": found.name},
    )


def step_up_token(token: ApiToken, actor: Actor) -> ApiToken:
    """After the password was checked again: decisions with this token are fresh from now on."""
    assert actor.id is not None
    record_step_up(pk=actor.id, actor=actor)
    token.auth_at = timezone.now()
    token.save(update_fields=["auth_at"])
    return token


def _locked(pk: UUID) -> User:
    user = User.objects.select_for_update().filter(pk=pk).first()
    if user is None:
        raise not_found("account")
    return user
