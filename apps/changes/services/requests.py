"""Draft, edit, submit, hold, cancel, close: the life of a request before and after execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import User
from apps.approvals.services.slots import request_slots, supersede, withdraw
from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import fingerprint
from apps.changes.domain.policy import POLICY_VERSION, PolicyInput, slots_for
from apps.changes.domain.risk import RiskInput, assess
from apps.changes.models import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.policies import (
    auto_approve_blockers,
    cancel_blockers,
    close_blockers,
    create_blockers,
    edit_blockers,
    hold_blockers,
    invalidate_blockers,
    ratify_blockers,
    release_blockers,
    return_blockers,
    review_blockers,
    submit_blockers,
    values_blockers,
    voided_by,
)
from apps.changes.selectors import changes_with_scope
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import (
    create_in_register,
    edit_in_register,
    model_blockers,
    register_roles,
)
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


@door("change")
def create_change(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Scope] | None = None,
    code: str = "",
) -> ChangeRequest:
    """A new draft. `parts` holds the rows of `assets` and `links`; `code` only for imports.

    Raises Refused naming every field and row that cannot be saved.
    """
    refuse_if_any(create_blockers(actor))
    change = ChangeRequest(requester_id=actor.user_id, code=code or _next_code())
    _fill(change, values)
    change.author_id = change.author_id or actor.user_id
    change.owner_id = change.owner_id or actor.user_id
    blockers = [*values_blockers(values), *_person_blockers(change), *model_blockers(change)]
    rows = _kept(parts)
    lines, problems = _scope_rows(change, rows.get("assets", ()))
    context, link_problems = _link_rows(change, rows.get("links", ()))
    refuse_if_any([*blockers, *problems, *link_problems])
    _assess(change, lines)
    told = {
        "assets": [line.governed_values() for line in lines],
        "links": [link.governed_values() for link in context],
    }
    record_created(change, actor=actor, event=events.CREATED, parts=told)
    ChangeAsset.objects.bulk_create(lines)
    ContextLink.objects.bulk_create(context)
    return change


@door("change")
def edit_change(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Scope] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ChangeRequest:
    """Change a request and, where `parts` holds them, its whole `assets` and `links`.

    When approval-relevant content differs after it was submitted, every signature is void: the
    change goes back to assessing and the same slots are asked again, told what changed.
    """
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq, parts=True)
    refuse_if_any(edit_blockers(actor, change))
    before = {**change.governed_values(), **change.part_values()}
    _fill(change, values)
    merged = {name: getattr(change, name) for name in EDITABLE_FIELDS} | dict(values)
    blockers = [*values_blockers(merged), *_person_blockers(change), *model_blockers(change)]
    rows = _kept(parts)
    lines, problems = _scope_rows(change, rows.get("assets", ()))
    context, link_problems = _link_rows(change, rows.get("links", ()))
    refuse_if_any([*blockers, *problems, *link_problems])
    if "assets" in rows:
        _replace(change, "assets", lines, ("asset_id", "action"))
    if "links" in rows:
        _replace(change, "links", context, ("kind", "ref"))
    fresh = changes_with_scope().get(pk=change.pk)
    _assess(change, list(fresh.assets.all()))
    told = fresh.part_values()
    if {**change.governed_values(), **told} == before:
        return change
    change._prefetched_objects_cache = fresh._prefetched_objects_cache  # type: ignore[attr-defined]
    if change.state == life.DRAFT or fingerprint(change.content()) == change.fingerprint:
        return record(change, actor=actor, event=events.EDITED, comment=comment, parts=told)
    return _ask_again(change, actor, comment, told)


def _ask_again(
    change: ChangeRequest, actor: Actor, comment: str, parts: Mapping[str, Any]
) -> ChangeRequest:
    """Void every signature because the content is another, and ask for new ones."""
    what = voided_by(change, change.content())
    supersede(about=change.subject, actor=actor, reason=what)
    if change.state in life.SOURCES["invalidate"]:
        change.invalidate()
    change.approved_at = change.valid_until = None
    _open_slots(change, actor)
    return record(
        change,
        actor=actor,
        event=events.INVALIDATED,
        comment=comment,
        parts=parts,
        voided_by=what,
        content_digest=change.fingerprint,
        policy_version=POLICY_VERSION,
    )


@door("change")
def submit(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Ask for every signature that the policy wants on the content as it is."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any(submit_blockers(actor, change))
    _assess(change, list(change.assets.all()))
    change.submit()
    change.submitted_at = clock.now()
    _open_slots(change, actor)
    return record(
        change,
        actor=actor,
        event=events.SUBMITTED,
        comment=comment,
        content_digest=change.fingerprint,
        policy_version=POLICY_VERSION,
    )


@door("change")
def auto_approve(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """A standard change inside the limits of its template needs no further signature."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any(auto_approve_blockers(actor, change))
    template = change.standard_template
    assert template is not None
    _assess(change, list(change.assets.all()))
    change.auto_approve()
    change.submitted_at = change.approved_at = clock.now()
    change.signed_content = change.content()
    change.fingerprint = fingerprint(change.signed_content)
    change.policy_version = POLICY_VERSION
    change.valid_until = template.approved_until
    return record(
        change,
        actor=actor,
        event=events.APPROVED,
        comment=comment,
        content_digest=change.fingerprint,
        template={"code": template.code, "version": template.evidence_seq},
        policy_version=POLICY_VERSION,
    )


@door("change")
def return_to_draft(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Give it back to the requester with a question; the open slots are withdrawn."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*return_blockers(actor, change), *comment_blockers(comment)])
    withdraw(about=change.subject, actor=actor, reason=f"Returned: {comment}")
    change.return_to_draft()
    return record(change, actor=actor, event=events.RETURNED, comment=comment)


@door("change")
def invalidate(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Re-open the question although the content is the same; says why."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*invalidate_blockers(actor, change), *comment_blockers(comment)])
    supersede(about=change.subject, actor=actor, reason=comment)
    change.invalidate()
    change.approved_at = change.valid_until = None
    _open_slots(change, actor)
    return record(
        change, actor=actor, event=events.INVALIDATED, comment=comment, voided_by=comment,
        content_digest=change.fingerprint,
    )  # fmt: skip


@door("change")
def hold(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*hold_blockers(actor, change), *comment_blockers(comment, longest=300)])
    change.on_hold, change.on_hold_reason = True, tidy(comment)
    return record(change, actor=actor, event=events.HELD, comment=comment)


@door("change")
def release(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any(release_blockers(actor, change))
    change.on_hold, change.on_hold_reason = False, ""
    return record(change, actor=actor, event=events.RELEASED, comment=comment)


@door("change")
def cancel(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*cancel_blockers(actor, change), *comment_blockers(comment)])
    withdraw(about=change.subject, actor=actor, reason=f"Cancelled: {comment}")
    change.cancel()
    change.outcome = "cancelled"
    return record(change, actor=actor, event=events.CANCELLED, comment=comment)


@door("change")
def ratify(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """The board accepts, afterwards, what an emergency did."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*ratify_blockers(actor, change), *comment_blockers(comment)])
    change.ratified_at, change.ratified_by_id = clock.now(), actor.user_id
    return record(change, actor=actor, event=events.RATIFIED, comment=comment)


@door("change")
def close(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Close it with its outcome; the comment is the review where one is needed."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*close_blockers(actor, change), *review_blockers(change, comment)])
    change.outcome = change.state
    change.review = tidy(comment)
    change.close()
    return record(change, actor=actor, event=events.CLOSED, comment=comment)


_keep_templates = register_roles("change_manager", "site_admin")


def template_edit_blockers(actor: Actor, template: StandardTemplate) -> list[Blocker]:
    return list(_keep_templates(actor, template))


def template_keeper_blockers(actor: Actor) -> list[Blocker]:
    return template_edit_blockers(actor, StandardTemplate())


def create_template(
    *, actor: Actor, values: Mapping[str, Any], parts: Any = None
) -> StandardTemplate:
    """Register a standard change that the board approved in advance."""
    return create_in_register(StandardTemplate, actor=actor, values=values, check=_keep_templates)


def edit_template(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Any = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> StandardTemplate:
    return edit_in_register(
        StandardTemplate,
        pk=pk,
        actor=actor,
        values=values,
        check=_keep_templates,
        expected_seq=expected_seq,
        comment=comment,
    )


def comment_blockers(comment: str, longest: int = 4_000) -> list[Blocker]:
    """A move that turns something down says why."""
    return list(
        text_blockers("comment", tidy(comment), required=True, longest=longest, label="Reason")
    )


def _next_code() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('changes_code')")
        return f"CHG{cursor.fetchone()[0]:04d}"


def _fill(change: ChangeRequest, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(EDITABLE_FIELDS)
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(unknown)
    )
    for name, value in values.items():
        setattr(change, name, tidy(value) if isinstance(value, str) else value)


def _person_blockers(change: ChangeRequest) -> list[Blocker]:
    wanted = {name: getattr(change, f"{name}_id") for name in ("author", "owner")}
    found = {
        user.pk: user for user in User.objects.filter(pk__in=[pk for pk in wanted.values() if pk])
    }
    return [
        bad_input(name, "There is no such active person.", "Choose somebody who works here.")
        for name, pk in wanted.items()
        if pk and (pk not in found or not found[pk].is_active)
    ]


def _scope_rows(change: ChangeRequest, rows: Scope) -> tuple[list[ChangeAsset], list[Blocker]]:
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
        problems += _field_problems(line, "assets", number, exclude={"change", "asset"})
        lines.append(line)
    return lines, problems


def _unknown_asset(number: int) -> Blocker:
    return bad_input(
        "assets",
        f"Line {number}: there is no such asset.",
        "Choose one of the inventory.",
        "unknown_asset",
    )


def _link_rows(change: ChangeRequest, rows: Scope) -> tuple[list[ContextLink], list[Blocker]]:
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
        problems += _field_problems(link, "links", number, exclude={"change"})
        if (link.kind, link.ref) in seen:
            problems.append(bad_input("links", f"Line {number}: {link.ref} is there already.",
                                      "Remove one of the two lines.", "duplicate"))  # fmt: skip
        seen.add((link.kind, link.ref))
        links.append(link)
    return links, problems


def _field_problems(row: Any, field: str, number: int, exclude: set[str]) -> list[Blocker]:
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        return [
            bad_input(field, f"Line {number}, {name.replace('_', ' ')}: {message}")
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def _kept(parts: Mapping[str, Scope] | None) -> dict[str, Scope]:
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


def _replace(change: ChangeRequest, name: str, rows: Sequence[Any], key: tuple[str, ...]) -> None:
    """Make the parts called `name` equal to `rows`, touching only those that differ."""
    manager = getattr(change, name)
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
            type(change)._meta.get_field(name).related_model.objects.bulk_create(added)  # type: ignore[union-attr]
    except IntegrityError as error:
        raise Refused(bad_input(name, "Two lines are the same.", code="duplicate")) from error


def _assess(change: ChangeRequest, lines: Sequence[ChangeAsset]) -> None:
    risk = assess(
        RiskInput(
            declared=change.declared_risk or "low",
            tier=change.application.criticality,
            asset_count=len(lines),
            families=frozenset(line.asset.type.family for line in lines),
            irreversible=change.irreversible,
            converts_data=any(line.action == ChangeAsset.Action.CONVERT for line in lines),
        )
    )
    change.risk_band, change.risk_reasons = risk.band, list(risk.reasons)


def _open_slots(change: ChangeRequest, actor: Actor) -> None:
    """Fix the content that is asked about, and ask."""
    change.signed_content = change.content()
    change.fingerprint = fingerprint(change.signed_content)
    change.policy_version = POLICY_VERSION
    families = frozenset(line.asset.type.family for line in change.assets.all())
    specs = slots_for(
        PolicyInput(change.change_type, change.risk_band, change.application.code, families)
    )
    request_slots(
        about=change.subject,
        specs=specs,
        content_digest=change.fingerprint,
        policy_version=POLICY_VERSION,
        actor=actor,
    )
