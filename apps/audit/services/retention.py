"""Classes of retention, legal holds, and the erasure that two persons decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.audit import events
from apps.audit.domain import retention as life
from apps.audit.models import LegalHold, Redaction, RetentionClass
from apps.audit.policies.retention import (
    content_blockers,
    decide_redaction_blockers,
    do_redaction_blockers,
    keep_classes_blockers,
    place_hold_blockers,
    propose_redaction_blockers,
    release_hold_blockers,
    scope_blockers,
)
from apps.audit.policies.retention_facts import bytes_of
from apps.audit.selectors.retention import subject_named
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.models import EvidenceEntry, GovernedModel
from apps.evidence.services.door import door
from apps.evidence.services.erasure import erase
from apps.evidence.services.ledger import lock, record, record_created, record_many_created
from apps.evidence.services.register import create_in_register, edit_in_register, model_blockers


def _class_blockers(actor: Actor, row: GovernedModel) -> Iterator[Blocker]:
    yield from keep_classes_blockers(actor, row)
    yield from step_up_blockers(actor)


create_class = partial(create_in_register, RetentionClass, check=_class_blockers)
edit_class = partial(edit_in_register, RetentionClass, check=_class_blockers)


def ensure_classes(**_: Any) -> None:
    """Enter the classes that have no row yet, as they are delivered. Idempotent."""
    if RetentionClass._meta.db_table not in connection.introspection.table_names():
        return
    known = set(RetentionClass.objects.values_list("code", flat=True))
    missing = [
        RetentionClass(code=code, name=name, kinds=list(kinds), years=years, basis=basis)
        for code, name, kinds, years, basis in life.DELIVERED
        if code not in known
    ]
    with transaction.atomic():
        record_many_created(
            missing, actor=system_actor("set-up"), event=events.CLASS_ENTERED,
            at=clock.DELIVERED_AT,
        )  # fmt: skip


@door("legal_hold")
def place_hold(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> LegalHold:
    """Nothing that `values["scope"]` covers is erased from now on. `values`: scope, reason."""
    refuse_if_any(place_hold_blockers(actor))
    hold = LegalHold(
        scope=subject_named(str(values.get("scope", "")).strip()),
        reason=tidy(str(values.get("reason", ""))),
        placed_by_id=actor.user_id,
    )
    refuse_if_any([*scope_blockers(hold.scope), *model_blockers(hold), *step_up_blockers(actor)])
    return record_created(hold, actor=actor, event=events.HOLD_PLACED, comment=comment,
                          about=hold.scope if ":" in hold.scope else "")  # fmt: skip


@door("legal_hold")
def release_hold(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> LegalHold:
    """What it covered follows its term again. Not by who placed it."""
    hold = lock(LegalHold, pk, expected_seq=expected_seq)
    refuse_if_any(
        [*release_hold_blockers(actor, hold),
         *text_blockers("comment", comment, required=True, label="Reason")]
    )  # fmt: skip
    hold.released_by_id, hold.released_at = actor.user_id, clock.now()
    hold.released_because = comment
    hold.release()
    return record(hold, actor=actor, event=events.HOLD_RELEASED, comment=comment,
                  about=hold.scope if ":" in hold.scope else "")  # fmt: skip


@door("redaction")
def propose_redaction(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> Redaction:
    """Ask a second person to erase bytes. `values`: about, versions, files, basis, reason."""
    refuse_if_any(propose_redaction_blockers(actor))
    texts = {
        name: tidy(str(values.get(name, ""))) for name in ("about", "versions", "basis", "reason")
    }
    texts["about"] = subject_named(texts["about"])
    redaction = Redaction(**texts, files=bool(values.get("files")), proposed_by_id=actor.user_id)
    refuse_if_any(
        [*content_blockers(redaction), *model_blockers(redaction), *step_up_blockers(actor)]
    )
    versions = life.versions_of(redaction.versions) or [] if redaction.versions else []
    redaction.digests = bytes_of(redaction.about, versions, files=redaction.files)
    return record_created(redaction, actor=actor, event=events.REDACTION_PROPOSED,
                          comment=comment, about=redaction.about)  # fmt: skip


@door("redaction")
def do_redaction(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Redaction:
    """Erase what was proposed, as the second person. What went since is left out."""
    redaction = lock(Redaction.objects.select_related("proposed_by"), pk, expected_seq=expected_seq)
    refuse_if_any(do_redaction_blockers(actor, redaction))
    redaction.decided_by_id, redaction.decided_at = actor.user_id, clock.now()
    redaction.erase()
    record(
        redaction,
        actor=actor,
        event=events.REDACTED,
        comment=comment,
        about=redaction.about,
        meaning="I have decided that these bytes of evidence are erased",
        basis=redaction.basis,
        approvers=[redaction.proposed_by_id, actor.user_id],
        erased=[each["digest"] for each in redaction.digests],
    )
    entry = EvidenceEntry.objects.get(subject=redaction.subject, seq=redaction.evidence_seq)
    erase(entry, redaction.digests)
    return redaction


@door("redaction")
def refuse_redaction(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Redaction:
    """Everything stays as it is."""
    redaction = lock(Redaction, pk, expected_seq=expected_seq)
    refuse_if_any(
        [*decide_redaction_blockers(actor, redaction),
         *text_blockers("comment", comment, required=True, label="Reason")]
    )  # fmt: skip
    redaction.decided_by_id, redaction.decided_at = actor.user_id, clock.now()
    redaction.refuse()
    return record(redaction, actor=actor, event=events.REDACTION_REFUSED, comment=comment,
                  about=redaction.about)  # fmt: skip
