"""Who decides for whom, and what people say beside a plain signature."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.accounts.services.delegations import delegate_role
from apps.approvals.selectors import obligations_about
from apps.approvals.services.obligations import meet_obligation
from apps.changes.services import decisions
from apps.portal.demo.changes import change
from apps.portal.demo.stage import Scene, acting, moment, person, read


def scenes() -> Iterator[Scene]:
    told = read("decisions.yaml")
    for row in told["delegations"]:
        yield Scene(moment(row["at"]), partial(_delegate, row))
    for row in told["said"]:
        yield Scene(moment(row["at"]), partial(_say, row))
    for at, who, code, place, proof in told["met"]:
        yield Scene(moment(at), partial(_meet, who, code, place, proof))


def _delegate(row: dict[str, Any]) -> None:
    delegate_role(
        actor=acting(row["from"]),
        delegate=person(row["to"]),
        role=row["role"],
        scope=row["scope"],
        ends_at=moment(row["until"]),
        reason=row["reason"],
    )


def _say(row: dict[str, Any]) -> None:
    about = change(row["change"])
    more: dict[str, Any] = {"slot": row["slot"]} if "slot" in row else {}
    if "due" in row:
        more |= {"owner": person(row["owner"]).pk, "due_at": moment(row["due"])}
    getattr(decisions, row["verdict"])(
        pk=about.pk,
        actor=acting(row["who"]),
        expected_seq=about.evidence_seq,
        comment=row["text"],
        **more,
    )


def _meet(who: str, code: str, place: int, proof: str) -> None:
    condition = obligations_about(change(code).subject)[place]
    meet_obligation(
        pk=condition.pk, actor=acting(who), expected_seq=condition.evidence_seq, comment=proof
    )
