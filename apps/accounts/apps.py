from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from apps.accounts.services.groups import ensure_roles
        from apps.accounts.services.sessions import stamp_session

        post_migrate.connect(ensure_roles, sender=self)
        user_logged_in.connect(stamp_session, dispatch_uid="accounts.stamp_session")
