from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class EvidenceConfig(AppConfig):
    name = "apps.evidence"
    label = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        post_migrate.connect(_sync_consumers, sender=self)


def _sync_consumers(using: str, **_: Any) -> None:
    """Make the database's list of outbox consumers equal to the settings."""
    from apps.evidence.models import EvidenceConsumer

    rows = EvidenceConsumer.objects.using(using)
    wanted = {
        consumer["name"]: list(consumer["actions"]) for consumer in settings.EVIDENCE_CONSUMERS
    }
    rows.exclude(name__in=wanted).delete()
    for name, actions in wanted.items():
        rows.update_or_create(name=name, defaults={"actions": actions})
