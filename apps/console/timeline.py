"""A record's timeline: its own entries, and what else concerns it, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from apps.console.differences import Line, Wording
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the timeline.

    `proved` tells whether the history row still has the digest that the entry holds; None where
    there is no such row.
    """

    entry: EvidenceEntry
    at: datetime
    who: str
    roles: tuple[str, ...]
    channel: str
    sentence: str
    comment: str
    lines: tuple[Line, ...]
    refused: bool
    reasons: tuple[str, ...]
    attempted: str
    proved: bool | None


def happenings(
    model: type[models.Model], subject: str, entries: Sequence[EvidenceEntry]
) -> list[Happening]:
    """`entries` of one page in words, joined with their history rows by (subject, seq)."""
    bodies = [body_of(entry) for entry in entries]
    wording = Wording(model)
    wording.prepare(body.get("diff", []) for body in bodies)
    own = [entry.seq for entry in entries if entry.subject == subject]
    rows = _history_rows(model, subject, own)
    remarks = _remarks([entry for entry in entries if entry.subject.startswith("comment:")])
    sentences = vocabulary()
    told = []
    for entry, body in zip(entries, bodies, strict=True):
        of_record = entry.subject == subject
        event = sentences.get(entry.action)
        row = rows.get(entry.seq) if of_record else None
        diff = body.get("diff", []) if of_record else []
        if row is not None:
            diff = _unmasked(diff, row, rows.get(entry.seq - 1))
        told.append(
            Happening(
                entry=entry,
                at=entry.at,
                who=body["actor"]["printed_name"],
                roles=_roles(body),
                channel=body["source"]["channel"],
                sentence=event.sentence if event else entry.action,
                comment=remarks.get(entry.subject, "") or _comment(body, row),
                lines=tuple(wording.lines(diff)),
                refused=body.get("outcome") == "refused",
                reasons=tuple(blocker["text"] for blocker in body.get("blockers", [])),
                attempted=str(body.get("attempted", "")).partition(".")[2].replace("_", " "),
                proved=_proved(body, row),
            )
        )
    return told


def _roles(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role.replace("_", " ") for role, _scope in body["actor"]["roles"]))


def _history_rows(model: Any, subject: str, seqs: Sequence[int]) -> dict[int, Any]:
    """History rows by version, those before `seqs` included."""
    history = getattr(model, "history", None)
    if history is None or not hasattr(model, "governed_values") or not seqs:
        return {}
    pk = subject.partition(":")[2]
    wanted = {*seqs, *(seq - 1 for seq in seqs)}
    return {row.evidence_seq: row for row in history.filter(id=pk, evidence_seq__in=wanted)}


def _remarks(entries: Sequence[EvidenceEntry]) -> dict[str, str]:
    """The texts of comments, which the ledger holds only as a difference of their own record."""
    return {
        entry.subject: change["new"]
        for entry in entries
        for change in body_of(entry).get("diff", [])
        if change["field"] == "text" and "new" in change
    }


def _comment(body: dict[str, Any], row: Any) -> str:
    """The reason given; a long one stands in the history row only."""
    return body.get("comment") or (getattr(row, "history_change_reason", "") if row else "") or ""


def _unmasked(diff: list[dict[str, Any]], row: Any, before: Any) -> list[dict[str, Any]]:
    """Long texts, which the entry holds as a hash, taken from the history rows."""
    plain = []
    for change in diff:
        full = dict(change)
        for side, source in (("old", before), ("new", row)):
            if f"{side}_sha256" in full and source is not None and hasattr(source, full["field"]):
                del full[f"{side}_sha256"]
                full[side] = getattr(source, full["field"])
        plain.append(full)
    return plain


def _proved(body: dict[str, Any], row: Any) -> bool | None:
    expected = body.get("history", {}).get("sha256")
    if row is None or not expected:
        return None
    values = {field.attname: getattr(row, field.attname) for field in row.tracked_fields}
    return bool(row.instance_type(**values).governed_digest() == expected)
