"""Start-up checks: the console stays a skin over services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.core.checks import CheckMessage, Error, register

from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.hooks import HOOKS, hook
from apps.console.site import site


def faults(admin_site: AdminSite) -> Iterable[CheckMessage]:
    """What is wrong with the admins registered on `admin_site`."""
    for model, model_admin in admin_site._registry.items():
        where = f"{type(model_admin).__module__}.{type(model_admin).__name__}"
        if not isinstance(model_admin, GovernedAdmin | EvidenceAdmin):
            yield Error(
                f"{where} is neither a GovernedAdmin nor an EvidenceAdmin.",
                hint="A plain ModelAdmin saves rows without a service.",
                obj=model,
                id="console.E001",
            )
        if model_admin.list_editable:
            yield Error(
                f"{where} has list_editable, which writes rows without a service.",
                hint="Offer a move or a previewed action instead.",
                obj=model,
                id="console.E002",
            )
        if model_admin.actions:
            yield Error(
                f"{where} has bulk actions, which write rows without a service.",
                hint="Set actions to None.",
                obj=model,
                id="console.E003",
            )
        if not isinstance(model_admin.list_select_related, tuple):
            yield Error(
                f"{where} does not declare list_select_related.",
                hint="Name the relations that the list shows in a tuple; () when there are none.",
                obj=model,
                id="console.E004",
            )


@register
def admins_are_governed(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    return list(faults(site))


@register
def hooks_resolve(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, meaning in HOOKS.items():
        try:
            hook(name)
        except ImportError as error:
            found.append(
                Error(f"{name} cannot be imported: {error}", hint=meaning, id="console.E005")
            )
    return found
