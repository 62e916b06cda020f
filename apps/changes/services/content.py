"""What a person entered for a change: checked and turned into rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.changes.models import ChangeAsset, ChangeRequest, ContextLink
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import line_blockers
from apps.inventory.models import Asset

#: What a person may enter; everything else is the portal's.
EDITABLE_FIELDS = (
    "title",
    "change_type",
    "category",
    "application",
    "author",
    "owner",
    "reason",
    "impact",
    "impact_words",
    "security_impact",
    "security_words",
    "data_impact",
    "data_words",
    "continuity",
    "continuity_words",
    "downtime_minutes",
    "irreversible",
    "declared_risk",
    "implementation_summary",
    "backout_summary",
    "validation_summary",
    "tests_due_on",
    "earliest_on",
    "latest_on",
    "incident_ref",
    "standard_template",
    "external_ref",
)

Scope = Sequence[Mapping[str, Any]]


def fill(change: ChangeRequest, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(EDITABLE_FIELDS)
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(unknown)
    )
    for name, value in values.items():
        setattr(change, name, tidy(value) if isinstance(value, str) else value)


def person_blockers(change: ChangeRequest) -> list[Blocker]:
    wanted = {name: getattr(change, f"{name}_id") for name in ("author", "owner")}
    found = {
        user.pk: user for user in User.objects.filter(pk__in=[pk for pk in wanted.values() if pk])
    }
    return [
        bad_input(name, "There is no such active person.", "Choose somebody who works here.")
        for name, pk in wanted.items()
        if pk and (pk not in found or not found[pk].is_active)
    ]


def scope_rows(change: ChangeRequest, rows: Scope) -> tuple[list[ChangeAsset], list[Blocker]]:
    """Unsaved scope lines, and what is wrong with them."""
    problems: list[Blocker] = []
    lines: list[ChangeAsset] = []
    keys = [_key(row.get("asset")) for row in rows]
    assets = {
        str(asset.pk): asset
        for asset in Asset.objects.select_related("type").filter(pk__in=[k for k in keys if k])
    }
    seen: set[tuple[str, str]] = set()
    for number, (row, key) in enumerate(zip(rows, keys, strict=True), start=1):
        action = row.get("action") or ChangeAsset.Action.CHANGE
        if key not in assets:
            problems.append(_unknown_asset(number))
            continue
        line = ChangeAsset(
            change=change,
            asset=assets[key],
            action=action,
            from_version=tidy(row.get("from_version") or ""),
            to_version=tidy(row.get("to_version") or ""),
            scm_ref=tidy(row.get("scm_ref") or ""),
        )
        if (key, action) in seen:
            problems.append(
                bad_input(
                    "assets",
                    f"Line {number}: {line.asset.name} is there already.",
                    "Remove one of the two lines.",
                    "duplicate",
                )
            )
        seen.add((key, action))
        problems += line_blockers(line, "assets", number, exclude={"change", "asset"})
        lines.append(line)
    return lines, problems


def _unknown_asset(number: int) -> Blocker:
    return bad_input(
        "assets",
        f"Line {number}: there is no such asset.",
        "Choose one of the inventory.",
        "unknown_asset",
    )


def link_rows(change: ChangeRequest, rows: Scope) -> tuple[list[ContextLink], list[Blocker]]:
    problems: list[Blocker] = []
    links: list[ContextLink] = []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, start=1):
        link = ContextLink(
            change=change,
            kind=row.get("kind") or "",
            ref=tidy(row.get("ref") or ""),
            url=row.get("url") or "",
            due_on=row.get("due_on"),
        )
        problems += line_blockers(link, "links", number, exclude={"change"})
        if (link.kind, link.ref) in seen:
            problems.append(bad_input("links", f"Line {number}: {link.ref} is there already.",
                                      "Remove one of the two lines.", "duplicate"))  # fmt: skip
        seen.add((link.kind, link.ref))
        links.append(link)
    return links, problems


def kept_rows(parts: Mapping[str, Scope] | None) -> dict[str, Scope]:
    """The rows of each part without those that a form marks for deletion."""
    return {
        name: [row for row in rows if not row.get("DELETE")] for name, rows in (parts or {}).items()
    }


def _key(value: Any) -> str:
    """An asset, its key or a text that may be one, as text; empty when it is none."""
    raw = getattr(value, "pk", value)
    try:
        return str(UUID(str(raw)))
    except ValueError:
        return ""


def replace_rows(
    record: GovernedModel, name: str, rows: Sequence[Any], key: tuple[str, ...]
) -> None:
    """Make the parts called `name` equal to `rows`, touching only those that differ."""
    manager = getattr(record, name)
    old = {tuple(getattr(part, k) for k in key): part for part in manager.all()}
    new = {tuple(getattr(part, k) for k in key): part for part in rows}
    for gone in old.keys() - new.keys():
        old[gone].delete()
    for both in old.keys() & new.keys():
        new[both].pk = old[both].pk
        if new[both].governed_values() != old[both].governed_values():
            new[both].save(force_update=True)
    added = [new[k] for k in new if k not in old]
    try:
        with transaction.atomic():
            type(record)._meta.get_field(name).related_model.objects.bulk_create(added)  # type: ignore[union-attr]
    except IntegrityError as error:
        raise Refused(bad_input(name, "Two lines are the same.", code="duplicate")) from error
