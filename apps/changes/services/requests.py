"""Draft, edit, submit, hold, cancel, close: the life of a request before and after execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from apps.approvals.services.slots import supersede, withdraw
from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import fingerprint
from apps.changes.models import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.policies import (
    auto_approve_blockers,
    cancel_blockers,
    close_blockers,
    completeness_blockers,
    create_blockers,
    edit_blockers,
    hold_blockers,
    impact_blockers,
    invalidate_blockers,
    ratify_blockers,
    release_blockers,
    return_blockers,
    review_blockers,
    signer_blockers,
    submit_blockers,
    template_blockers,
    template_change_blockers,
    values_blockers,
)
from apps.changes.selectors import changes_with_scope, policy_in_force
from apps.changes.services.content import (
    EDITABLE_FIELDS,
    Scope,
    fill,
    kept_rows,
    link_rows,
    person_blockers,
    replace_rows,
    scope_rows,
)
from apps.changes.services.questions import ask, fix_content, re_open
from apps.changes.services.risk import Moment, assess_risk, keep_risk, score_risk
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import (
    model_blockers,
)


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
    change = ChangeRequest(requester_id=actor.user_id, code=code or next_code())
    fill(change, values)
    change.author_id = change.author_id or actor.user_id
    change.owner_id = change.owner_id or actor.user_id
    blockers = [*values_blockers(values), *person_blockers(change), *model_blockers(change)]
    rows = kept_rows(parts)
    lines, problems = scope_rows(change, rows.get("assets", ()))
    context, link_problems = link_rows(change, rows.get("links", ()))
    refuse_if_any([*blockers, *problems, *link_problems])
    assess_risk(change, lines)
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

    What differs after it was submitted decides whose signature is void (`domain.seal`): those
    are asked again, told what changed, and an approved change goes back to assessing. All other
    signatures stay; an edit that concerns nobody's asks nobody. What was asked about stays
    complete, and whoever signed it does not write on it.
    """
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq, parts=True)
    refuse_if_any(edit_blockers(actor, change))
    before = {**change.governed_values(), **change.part_values()}
    template_before = change.standard_template_id
    fill(change, values)
    merged = {name: getattr(change, name) for name in EDITABLE_FIELDS} | dict(values)
    blockers = [
        *values_blockers(merged),
        *person_blockers(change),
        *template_change_blockers(change, template_before),
        *model_blockers(change),
    ]
    rows = kept_rows(parts)
    lines, problems = scope_rows(change, rows.get("assets", ()))
    context, link_problems = link_rows(change, rows.get("links", ()))
    refuse_if_any([*blockers, *problems, *link_problems])
    if "assets" in rows:
        replace_rows(change, "assets", lines, ("asset_id", "action"))
    if "links" in rows:
        replace_rows(change, "links", context, ("kind", "ref"))
    fresh = changes_with_scope().get(pk=change.pk)
    old_band = change.risk_band
    assessment = assess_risk(change, list(fresh.assets.all()))
    told = fresh.part_values()
    if {**change.governed_values(), **told} == before:
        return change
    if assessment is not None:
        assessment.save(force_insert=True)
    change._prefetched_objects_cache = fresh._prefetched_objects_cache  # type: ignore[attr-defined]
    same = (change.fingerprint, change.risk_band) == (fingerprint(change.content()), old_band)
    if change.state != life.DRAFT:
        refuse_if_any(
            [*completeness_blockers(change), *(() if same else signer_blockers(actor, change))]
        )
    if change.state == life.DRAFT or same:
        return record(change, actor=actor, event=events.EDITED, comment=comment, parts=told)
    return re_open(
        change, old_band, actor, unasked=events.EDITED_UNASKED, comment=comment, parts=told
    )


@door("change")
def submit(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Ask for every signature that the policy wants on the content as it is."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any(submit_blockers(actor, change))
    score_risk(change)
    # The score may lift it to where the whole impact form is asked for.
    refuse_if_any(impact_blockers(change))
    change.submit()
    change.submitted_at = clock.now()
    ask(change, actor)
    return record(
        change,
        actor=actor,
        event=events.SUBMITTED,
        comment=comment,
        content_digest=change.fingerprint,
        policy_version=change.policy_version,
    )


@door("change")
def auto_approve(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """A standard change inside the limits of its template needs no further signature."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    if change.standard_template_id is not None:
        # A suspension at the same moment comes before or after, never in between.
        change.standard_template = lock(StandardTemplate, change.standard_template_id)
    refuse_if_any(auto_approve_blockers(actor, change))
    template = change.standard_template
    assert template is not None
    score_risk(change)
    # The score may lift it above what the board approved in advance.
    refuse_if_any([*template_blockers(change, template), *impact_blockers(change)])
    change.auto_approve()
    keep_risk(change, Moment.APPROVAL)
    change.submitted_at = change.approved_at = clock.now()
    fix_content(change)
    change.policy_version = policy_in_force().stamp
    change.valid_until = template.approved_until
    return record(
        change,
        actor=actor,
        event=events.APPROVED,
        comment=comment,
        content_digest=change.fingerprint,
        template={"code": template.code, "version": template.evidence_seq},
        policy_version=change.policy_version,
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
    """Re-open the question although the content is the same; says why. All are asked again."""
    change = lock(changes_with_scope(), pk, expected_seq=expected_seq)
    refuse_if_any([*invalidate_blockers(actor, change), *comment_blockers(comment)])
    supersede(about=change.subject, actor=actor, reason=comment)
    change.invalidate()
    change.approved_at = change.valid_until = None
    ask(change, actor)
    return record(
        change, actor=actor, event=events.INVALIDATED, comment=comment, voided_by=comment,
        content_digest=change.fingerprint, policy_version=change.policy_version,
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
    refuse_if_any(
        [*ratify_blockers(actor, change), *comment_blockers(comment), *step_up_blockers(actor)]
    )
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


def comment_blockers(comment: str, longest: int = 4_000) -> list[Blocker]:
    """A move that turns something down says why."""
    return list(
        text_blockers("comment", tidy(comment), required=True, longest=longest, label="Reason")
    )


def next_code() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('changes_code')")
        return f"CHG{cursor.fetchone()[0]:04d}"
