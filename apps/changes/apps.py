from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChangesConfig(AppConfig):
    name = "apps.changes"
    label = "changes"
    verbose_name = "Changes"

    def ready(self) -> None:
        from apps.changes.services.policies import ensure_policy
        from apps.changes.services.risk import ensure_weights

        post_migrate.connect(ensure_policy, sender=self)
        post_migrate.connect(ensure_weights, sender=self)
