"""What a record is called and where its page is, for pages that know its subject alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.accounts.models import Team
from apps.changes.models import ChangeRequest
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

#: Label of a subject → its model, and the field that names it beside its code.
_MODELS: dict[str, tuple[Any, str]] = {
    "change": (ChangeRequest, "title"),
    "package": (ReleasePackage, "name"),
    "window": (ReleaseWindow, "name"),
    "team": (Team, "name"),
}


def records_of(subjects: Collection[str]) -> dict[str, tuple[str, str]]:
    """Subject → (code and title, path of its page), without those that are not there. One query
    for each kind of record."""
    found = {}
    for label, (model, name) in _MODELS.items():
        keys = [UUID(key) for kind, _, key in (s.partition(":") for s in subjects) if kind == label]
        if not keys:
            continue
        page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for pk, code, title in model.objects.filter(pk__in=keys).values_list("pk", "code", name):
            found[f"{label}:{pk}"] = (f"{code} {title}", reverse(page, args=[pk]))
    return found
