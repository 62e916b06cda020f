"""Write entries. Every function here runs inside a door's transaction, under the row's lock."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, not_found
from apps.core.ids import uuid7
from apps.evidence.domain.canonical import canonical, digest, field_diff, leaf_hash, plain
from apps.evidence.events import REFUSED, Event
from apps.evidence.models import EvidenceEntry, GovernedModel, PartVersion, shape_of
from apps.evidence.selectors import body_of

G = TypeVar("G", bound=GovernedModel)


class _HistoryUser:
    """What simple-history needs to know of the actor: the key, nothing else."""

    def __init__(self, pk: UUID | None) -> None:
        self.pk = pk


def lock(
    rows: type[G] | QuerySet[G],
    pk: Any,
    *,
    expected_seq: int | None = None,
    parts: bool = False,
) -> G:
    """The row, locked for update and remembered as it was.

    `rows` is the model or a queryset with its `select_related`. With `parts` the record's parts
    are remembered too, for a service that edits them. Raises Refused: not_found; stale, telling
    what changed meanwhile, when the row is not at `expected_seq`.
    """
    queryset = rows._default_manager.all() if isinstance(rows, type) else rows
    try:
        obj = queryset.select_for_update(of=("self",)).get(pk=pk)
    except (queryset.model.DoesNotExist, ValidationError, ValueError, TypeError):
        raise not_found(str(queryset.model._meta.verbose_name)) from None
    if expected_seq is not None and obj.evidence_seq != expected_seq:
        raise Refused(stale_blocker(obj, expected_seq))
    remember(obj, parts=parts)
    return obj


def remember(obj: GovernedModel, *, parts: bool = False) -> None:
    """Keep the values that the next entry's difference is taken against."""
    values = obj.governed_values()
    if parts:
        values |= obj.part_values()
    obj.__dict__["_remembered"] = values


def stale_blocker(obj: GovernedModel, expected_seq: int) -> Blocker:
    """Tells whoever holds an old version what happened to the record since."""
    since = EvidenceEntry.objects.filter(
        subject=obj.subject, seq__gt=expected_seq, seq__lte=obj.evidence_seq
    ).order_by("seq")
    changes = []
    for entry in since[:20]:
        told = body_of(entry)
        changes.append(
            {
                "seq": entry.seq,
                "at": told["at"],
                "by": told["actor"]["printed_name"],
                "action": entry.action,
                "diff": told.get("diff", []),
            }
        )
    who = changes[-1]["by"] if changes else "somebody"
    return Blocker(
        "stale",
        f"{who} changed this record after you opened it; nothing of yours was saved.",
        "Look at the difference, then enter your change again on the current version.",
        "you",
        kind="stale",
        details={"your_version": expected_seq, "version": obj.evidence_seq, "changes": changes},
    )


def record_created(obj: G, *, actor: Actor, event: Event, comment: str = "", **more: Any) -> G:
    """Insert a new governed row together with its first entry.

    Parts, if there are any, are saved by the caller before commit; hand their values in as
    `parts` so that the entry tells them.
    """
    at = more.pop("at", None) or clock.now()
    obj.created_at = obj.changed_at = at
    obj.evidence_seq = 1
    entry = _entry(obj, {}, actor=actor, event=event, comment=comment, at=at, **more)
    obj.evidence_head = entry.leaf
    _save(obj, actor, comment, at, force_insert=True)
    remember(obj)
    return obj


def record(obj: G, *, actor: Actor, event: Event, comment: str = "", **more: Any) -> G:
    """Save what the caller changed on a locked row, with the entry that tells it.

    Extra keywords enter the body: `meaning`, `content_digest`, `policy_version`, `parts`
    (the new part values by reverse name, when parts were edited), `facts`, `about`.
    """
    before = obj.__dict__.get("_remembered")
    if before is None:
        raise RuntimeError("record() needs a row that came from lock().")
    obj.evidence_seq += 1
    at = max(clock.now(), obj.changed_at)
    entry = _entry(obj, before, actor=actor, event=event, comment=comment, at=at, **more)
    obj.evidence_head = entry.leaf
    obj.changed_at = at
    _save(obj, actor, comment, at)
    remember(obj)
    return obj


def _save(obj: GovernedModel, actor: Actor, comment: str, at: datetime, **how: Any) -> None:
    obj._history_user = _HistoryUser(actor.id)  # type: ignore[attr-defined]
    obj._change_reason = comment  # type: ignore[attr-defined]
    obj._history_date = at  # type: ignore[attr-defined]
    obj.save(**how)


def _entry(
    obj: GovernedModel,
    before: Mapping[str, Any],
    *,
    actor: Actor,
    event: Event,
    comment: str,
    at: datetime,
    parts: Mapping[str, Any] | None = None,
    **more: Any,
) -> EvidenceEntry:
    after = obj.governed_values()
    told = {**after, **plain(parts)} if parts else after
    compared = {name: value for name, value in before.items() if parts or name in after}
    head = None if obj.evidence_seq == 1 else bytes(obj.evidence_head)
    body = {
        **_common(actor, event, comment, at),
        "subject": obj.subject,
        "seq": obj.evidence_seq,
        "prev": head.hex() if head else None,
        "from": before.get("state", ""),
        "to": after.get("state", ""),
        "diff": field_diff(compared, told),
        "history": _version_of(obj, after),
        **plain(more),
    }
    entry = _to_entry(body, actor, at)
    entry.save(force_insert=True)
    kept = _part_versions(obj, before, parts or {}, at)
    if kept:
        PartVersion.objects.bulk_create(kept)
    return entry


def _version_of(obj: GovernedModel, values: Mapping[str, Any]) -> dict[str, str]:
    """What ties the entry to the history row of the same (subject, seq), whose key is not known
    before it is written: the digest of its values, and over which columns it is."""
    model = type(obj)
    return {"model": model._meta.label_lower, "sha256": digest(values), "shape": shape_of(model)}


def _part_versions(
    obj: GovernedModel, before: Mapping[str, Any], parts: Mapping[str, Any], at: datetime
) -> list[PartVersion]:
    """What stands of the parts from this version on, where it is another than before."""
    told = {name: plain(parts[name]) for name in obj.PARTS if name in parts}
    return [
        PartVersion(subject=obj.subject, seq=obj.evidence_seq, part=name, rows=rows, at=at)
        for name, rows in told.items()
        if rows != plain(before.get(name, []))
    ]


def _common(actor: Actor, event: Event, comment: str, at: datetime) -> dict[str, Any]:
    """Every field that a body has; what is about the one entry replaces what is empty here.

    A history row is found by subject and seq, so that its key, which is not known yet, is not told.
    """
    return {
        "v": 1,
        "from": "",
        "to": "",
        "outcome": "done",
        "meaning": "",
        "content_digest": "",
        "diff": [],
        "attachments": [],
        "history": {},
        "policy_version": "",
        "action": event.code,
        "at": plain(at),
        "actor": {
            "id": plain(actor.id),
            "username": actor.username,
            "printed_name": actor.printed_name,
            "kind": actor.kind,
            "roles_at_time": [[held.role, held.scope] for held in sorted(actor.roles)],
        },
        "on_behalf_of": plain(actor.on_behalf_of),
        "auth": {
            "at": plain(actor.auth_at),
            "methods": list(actor.auth_methods),
            "session_hash": actor.session_hash,
        },
        "source": {"ip": actor.ip, "channel": actor.channel, "request_id": actor.request_id},
        "comment": comment if len(comment) <= 1024 else "",
        "comment_sha256": digest(comment) if len(comment) > 1024 else "",
        "nonce": secrets.token_hex(16),
    }


def _to_entry(body: dict[str, Any], actor: Actor, at: datetime) -> EvidenceEntry:
    raw = canonical(body)
    return EvidenceEntry(
        subject=body["subject"],
        seq=body["seq"],
        action=body["action"],
        from_state=body.get("from") or "",
        to_state=body.get("to") or "",
        about=body.get("about") or "",
        actor_id=actor.id,
        at=at,
        body=raw,
        leaf=leaf_hash(raw),
    )


def record_fact(
    label: str,
    *,
    actor: Actor,
    event: Event,
    comment: str = "",
    key: UUID | None = None,
    **more: Any,
) -> EvidenceEntry:
    """An entry about something that has no guarded row: a refusal, a read, an import, a user.

    With `key` the entry continues that subject's chain; the caller holds a lock on it.
    """
    subject = f"{label}:{key or uuid7()}"
    last = EvidenceEntry.objects.filter(subject=subject).order_by("-seq").first() if key else None
    at = clock.now() if last is None else max(clock.now(), last.at)
    body = {
        **_common(actor, event, comment, at),
        "subject": subject,
        "seq": 1 if last is None else last.seq + 1,
        "prev": None if last is None else bytes(last.leaf).hex(),
        **plain(more),
    }
    entry = _to_entry(body, actor, at)
    entry.save(force_insert=True)
    return entry


def record_refusal(
    *, attempted: str, about: str, actor: Actor, blockers: Iterable[Blocker]
) -> EvidenceEntry:
    """That somebody was told no, and why."""
    return record_fact(
        "refusal",
        actor=actor,
        event=REFUSED,
        about=about,
        attempted=attempted,
        outcome="refused",
        blockers=[{"code": b.code, "text": b.text[:500]} for b in list(blockers)[:40]],
    )


def record_many_created(
    objects: Sequence[G],
    *,
    actor: Actor,
    event: Event,
    comment: str = "",
    at: datetime | None = None,
) -> None:
    """Insert many new governed rows of one model, each with its entry and history row, in bulk."""
    if not objects:
        return
    moment = at or clock.now()
    entries = []
    for obj in objects:
        obj.created_at = obj.changed_at = moment
        obj.evidence_seq = 1
        entry = _unsaved_entry(obj, {}, actor, event, comment, moment)
        obj.evidence_head = entry.leaf
        entries.append(entry)
    _bulk(objects, entries, actor, comment, moment, created=True)


def record_many(
    objects: Sequence[G],
    *,
    actor: Actor,
    event: Event,
    comment: str = "",
    facts: Mapping[Any, Mapping[str, Any]] | None = None,
    parts: Mapping[Any, Mapping[str, Any]] | None = None,
) -> None:
    """`record()` for many locked rows of one model, in a constant number of statements.

    `facts` are those of each entry, by the key of its row, and so are `parts`: the new values of
    the part lists that were edited and that the row was remembered with.
    """
    if not objects:
        return
    moment = max([clock.now(), *(obj.changed_at for obj in objects)])
    entries = []
    kept: list[PartVersion] = []
    for obj in objects:
        obj.evidence_seq += 1
        more = {"facts": facts[obj.pk]} if facts else {}
        before, told = obj.__dict__["_remembered"], parts[obj.pk] if parts else None
        entry = _unsaved_entry(obj, before, actor, event, comment, moment, told, **more)
        kept += _part_versions(obj, before, told or {}, moment)
        obj.evidence_head = entry.leaf
        obj.changed_at = moment
        entries.append(entry)
    _bulk(objects, entries, actor, comment, moment, created=False)
    PartVersion.objects.bulk_create(kept, batch_size=1000)


def keep_derived(objects: Sequence[GovernedModel]) -> None:
    """Write the derived columns of many locked rows of one model, in a constant number of
    statements. What is governed stays as it is, so that there is nothing to enter."""
    if objects:
        model: Any = type(objects[0])
        model._base_manager.bulk_update(objects, model.DERIVED, batch_size=500)


def _unsaved_entry(
    obj: GovernedModel,
    before: Mapping[str, Any],
    actor: Actor,
    event: Event,
    comment: str,
    at: datetime,
    parts: Mapping[str, Any] | None = None,
    **more: Any,
) -> EvidenceEntry:
    after = obj.governed_values()
    told = {**after, **plain(parts)} if parts else after
    body = {
        **_common(actor, event, comment, at),
        "subject": obj.subject,
        "seq": obj.evidence_seq,
        "prev": bytes(obj.evidence_head).hex() if before else None,
        "from": before.get("state", ""),
        "to": after.get("state", ""),
        "diff": field_diff(before, told),
        "history": _version_of(obj, after),
        **plain(more),
    }
    return _to_entry(body, actor, at)


def _bulk(
    objects: Sequence[GovernedModel],
    entries: list[EvidenceEntry],
    actor: Actor,
    comment: str,
    at: datetime,
    *,
    created: bool,
) -> None:
    model: Any = type(objects[0])
    EvidenceEntry.objects.bulk_create(entries, batch_size=1000)
    manager: models.Manager[Any] = model._base_manager
    if created:
        manager.bulk_create(objects, batch_size=1000)
    else:
        names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
        manager.bulk_update(objects, names, batch_size=500)
    model.history.bulk_history_create(
        objects,
        batch_size=1000,
        update=not created,
        default_user=_HistoryUser(actor.id),
        default_change_reason=comment,
        default_date=at,
    )
