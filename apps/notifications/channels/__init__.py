"""The ways a message can go."""

from collections.abc import Callable, Mapping

from apps.notifications.channels import mail
from apps.notifications.domain.letter import Letter

#: Name → how to send one letter. Raises Undeliverable; any other error is worth another try.
CHANNELS: Mapping[str, Callable[[Letter], None]] = {"mail": mail.send}
