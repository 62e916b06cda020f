from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate


class EvidenceConfig(AppConfig):
    name = "apps.evidence"
    label = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        post_migrate.connect(_sync_consumers, sender=self)
        post_migrate.connect(_keep_shapes, sender=self)


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


def _keep_shapes(using: str, **_: Any) -> None:
    """Keep which columns every governed table has now, so that digests can be made again later."""
    from apps.evidence.models import DigestShape
    from apps.evidence.selectors import current_shapes

    if DigestShape._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = DigestShape.objects.using(using)
    known = set(rows.values_list("model", "shape"))
    rows.bulk_create(
        [row for row in current_shapes() if (row.model, row.shape) not in known],
        ignore_conflicts=True,
    )
