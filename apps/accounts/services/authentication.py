"""Tokens of the programming interface, as they come in with a request."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import knox.auth
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from apps.accounts.models import ApiToken

logger = logging.getLogger(__name__)

#: How exactly the last use is known: a write for every request would cost more than it tells.
USE_KNOWN_TO = timedelta(minutes=5)


class TokenAuthentication(knox.auth.TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer ilk_…`. One query; expired tokens are refused, not removed here."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiToken]:
        try:
            token.decode("ascii")
            user, found = super().authenticate_credentials(token)
        except (UnicodeDecodeError, AuthenticationFailed):
            logger.warning("token_refused")
            raise AuthenticationFailed("This token is unknown, expired or revoked.") from None
        now = timezone.now()
        if found.last_used_at is None or now - found.last_used_at > USE_KNOWN_TO:
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        return user, found

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        return auth_token.expiry is None or auth_token.expiry <= timezone.now()
