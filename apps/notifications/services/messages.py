"""Queue messages, and send them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.core import clock
from apps.core.jobs import enqueue_on_commit
from apps.notifications.channels import CHANNELS
from apps.notifications.domain.letter import Letter, Undeliverable, one_line
from apps.notifications.models import Message

#: Minutes until a failed message is tried again; after the last one it has failed.
RETRY_AFTER_MINUTES = (1, 5, 15, 60)
_SUBJECT_MAX = 200
_ERROR_MAX = 500


def notify(
    *,
    recipient: User,
    kind: str,
    dedupe_key: str,
    subject_line: str,
    text: str,
    about: str,
    url: str = "",
) -> Message | None:
    """Queue a message inside the caller's transaction; it leaves after the commit.

    None when there is one of this `dedupe_key` already, or the account is not active. `url` is a
    path of the portal.
    """
    if not recipient.is_active:
        return None
    now = clock.now()
    message = Message(
        channel="mail",
        recipient=recipient,
        kind=kind,
        subject_line=one_line(subject_line, _SUBJECT_MAX),
        text=text,
        about=about,
        url=url,
        dedupe_key=dedupe_key,
        created_at=now,
        due_at=now,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if not Message.objects.filter(pk=message.pk).exists():
        return None
    enqueue_on_commit("apps.notifications.tasks.deliver_messages")
    return message


def deliver_due(batch: int = 20) -> int:
    """Send up to `batch` due messages and return how many went out.

    A message stays locked while it is sent, so that another worker passes it by. A worker that
    dies between sending and commit sends it once more, under the same Message-ID.
    """
    sent = 0
    for _ in range(batch):
        with transaction.atomic(durable=True):
            message = (
                Message.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("recipient")
                .filter(state=Message.State.QUEUED, due_at__lte=clock.now())
                .order_by("due_at", "id")
                .first()
            )
            if message is None:
                break
            _send(message)
            message.save(update_fields=["state", "sent_at", "due_at", "attempts", "error"])
            sent += message.state == Message.State.SENT
    return sent


def _send(message: Message) -> None:
    message.attempts += 1
    try:
        CHANNELS[message.channel](_letter(message))
    except Undeliverable as error:
        _failed(message, str(error), final=True)
    except Exception as error:  # noqa: BLE001 - one message must not hold up the others
        final = message.attempts > len(RETRY_AFTER_MINUTES)
        _failed(message, f"{type(error).__name__}: {error}", final=final)
    else:
        message.state, message.sent_at, message.error = Message.State.SENT, clock.now(), ""


def _failed(message: Message, error: str, *, final: bool) -> None:
    message.error = one_line(error, _ERROR_MAX)
    if final:
        message.state = Message.State.FAILED
    else:
        minutes = RETRY_AFTER_MINUTES[message.attempts - 1]
        message.due_at = clock.now() + timedelta(minutes=minutes)


def _letter(message: Message) -> Letter:
    link = f"\n\n{settings.INTERLOCK_URL}{message.url}" if message.url else ""
    return Letter(
        key=str(message.pk),
        address=message.recipient.email,
        subject_line=message.subject_line,
        text=f"{message.text}{link}\n",
    )
