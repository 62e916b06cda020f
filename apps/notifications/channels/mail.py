"""Mail, through Django's configured backend."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from apps.notifications.domain.letter import Letter, Undeliverable


def send(letter: Letter) -> None:
    try:
        validate_email(letter.address)
    except ValidationError:
        raise Undeliverable(f"{letter.address!r} is not a mail address.") from None
    EmailMessage(
        subject=letter.subject_line,
        body=letter.text,
        to=[letter.address],
        headers={
            "Message-ID": f"<{letter.key}@interlock>",
            # RFC 3834: nobody's absence notice answers the portal.
            "Auto-Submitted": "auto-generated",
        },
    ).send()
