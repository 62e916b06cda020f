"""What is asked for, and who signs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from apps.changes.models import ChangeRequest, StandardTemplate
from apps.changes.services import decisions, emergency, requests, templates
from apps.inventory.models import Application, Asset
from apps.portal.demo.stage import Scene, acting, moment, person, read

TEMPLATES_AT = "2026-08-10 14:00"


def scenes(*codes: str) -> Iterator[Scene]:
    """The changes with these codes; without any, all of them."""
    told = read("changes.yaml")
    for code, row in told["templates"].items():
        yield Scene(moment(TEMPLATES_AT), partial(_approve_in_advance, code, row))
    for code in codes or told["changes"]:
        row = told["changes"][code]
        yield from change_scenes(code, row)


def change_scenes(code: str, row: dict[str, Any]) -> Iterator[Scene]:
    asked_at = moment(row["asked"][2])
    yield Scene(asked_at, partial(_ask, code, row))
    if row.get("draft"):
        return
    later = asked_at + timedelta(minutes=4 if row.get("type") == "emergency" else 25)
    if row.get("type") == "standard":
        yield Scene(later, partial(_take_standard, code, row))
        return
    yield Scene(later, partial(_submit, code, row))
    yield from _signatures(code, row)
    if "phone" in row:
        call = row["phone"]
        yield Scene(moment(call["recorded"][1]), partial(_record_call, code, call))
        yield Scene(moment(call["confirmed"]), partial(_confirm_call, code, call["who"]))
    if "rebuilt" in row:
        again = row["rebuilt"]
        yield Scene(moment(again["at"]), partial(_rebuild, code, row))
        yield from _signatures(code, again)
    if "edited" in row:
        edited = row["edited"]
        yield Scene(moment(edited["at"]), partial(_edit, code, row))
        yield from _signatures(code, edited)
    if "rejected" in row:
        username, at, reason = row["rejected"]
        yield Scene(moment(at), partial(_decide, decisions.reject, code, username, reason))


def _signatures(code: str, row: dict[str, Any]) -> Iterator[Scene]:
    signed_from = moment(row["signed_from"])
    apart = timedelta(minutes=row.get("signature_minutes", 20))
    for number, username in enumerate(row["signed"]):
        act = partial(_decide, decisions.approve, code, username, row.get("says", ""))
        yield Scene(signed_from + number * apart, act)


def change(code: str) -> ChangeRequest:
    return ChangeRequest.objects.get(code=code)


def _approve_in_advance(code: str, row: dict[str, Any]) -> None:
    proposed = templates.propose_template(
        actor=acting("owner.card"),
        values={
            "code": code,
            "name": row["name"],
            "application": Application.objects.get(code=row["application"]),
            "families": row["families"],
            "max_assets": row["max_assets"],
            "max_risk": row["max_risk"],
            "approved_until": moment(row["approved_until"]),
        },
    )
    templates.approve_template(
        pk=proposed.pk, actor=acting("cab.chair"), expected_seq=proposed.evidence_seq
    )


def _ask(code: str, row: dict[str, Any]) -> None:
    requester, author, asked_at = row["asked"]
    application = Application.objects.get(code=row["application"])
    template = row.get("template")
    requests.create_change(
        actor=acting(requester),
        code=code,
        values={
            "title": row["title"],
            "change_type": row.get("type", "normal"),
            "application": application,
            "author": person(author),
            "owner": application.business_owner,
            "reason": row["reason"],
            "downtime_minutes": row.get("downtime", 0),
            **_impact_form(row),
            "declared_risk": row["risk"],
            "implementation_summary": row["implementation"],
            "backout_summary": row["backout"],
            "validation_summary": row["validation"],
            "tests_due_on": (moment(asked_at) + timedelta(days=7)).date(),
            "incident_ref": row.get("incident", ""),
            "standard_template": (
                StandardTemplate.objects.get(code=template) if template else None
            ),
        },
        parts={"assets": _scope(row["assets"]), "links": _links(row)},
    )


def _impact_form(row: dict[str, Any]) -> dict[str, str]:
    """What the change means, as its requester tells it; `impact` of the row where that is more
    than what follows from the rest."""
    converts = any(action == "convert" for _, action, *_ in row["assets"])
    interrupts = "downtime" in row
    return {
        "impact": "outage" if interrupts else "none",
        "impact_words": (
            f"The service stands still for {row['downtime']} minutes of the night."
            if interrupts
            else "Nobody notices it: it runs between the last online hour and the batch."
        ),
        "security_impact": "none",
        "security_words": "No profile, no permit and no protection of a data set changes.",
        "data_impact": "changed" if converts else "none",
        "data_words": (
            "Stored records get another layout; control totals are compared before and after."
            if converts
            else "Stored data stay as they are."
        ),
        "continuity": "updated",
        "continuity_words": "Run book and restart instructions name the new versions.",
        **row.get("impact", {}),
    }


def _scope(rows: list[list[str]]) -> list[dict[str, Any]]:
    """The lines of the scope. No two assets of the register share a name."""
    found = {asset.name: asset for asset in Asset.objects.filter(name__in=[r[0] for r in rows])}
    return [
        {"asset": found[name], "action": action, "from_version": old, "to_version": new}
        for name, action, old, new in rows
    ]


def _links(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The business context: kind, reference and, for some, the day by which it is due."""
    return [
        dict(zip(("kind", "ref", "due_on"), link, strict=False)) for link in row.get("links", ())
    ]


def _submit(code: str, row: dict[str, Any]) -> None:
    asked = change(code)
    requests.submit(pk=asked.pk, actor=acting(row["asked"][0]), expected_seq=asked.evidence_seq)


def _take_standard(code: str, row: dict[str, Any]) -> None:
    asked = change(code)
    requests.auto_approve(
        pk=asked.pk, actor=acting(row["asked"][0]), expected_seq=asked.evidence_seq
    )


def _decide(verdict: Any, code: str, username: str, comment: str) -> None:
    asked = change(code)
    verdict(pk=asked.pk, actor=acting(username), expected_seq=asked.evidence_seq, comment=comment)


def _record_call(code: str, call: dict[str, Any]) -> None:
    """The manager on duty writes down who approved by phone."""
    asked = change(code)
    emergency.record_phone_approval(
        pk=asked.pk,
        actor=acting(call["recorded"][0]),
        person=person(call["who"]).pk,
        verbal_at=moment(call["at"]),
        expected_seq=asked.evidence_seq,
        comment=call["how"],
    )


def _confirm_call(code: str, username: str) -> None:
    asked = change(code)
    emergency.confirm_phone_approval(
        pk=asked.pk,
        actor=acting(username),
        expected_seq=asked.evidence_seq,
        comment="That was me, and I would say it again.",
    )


def _edit(code: str, row: dict[str, Any]) -> None:
    """Its author enters something else: whoever answers for that signs again."""
    edited, asked = row["edited"], change(code)
    requests.edit_change(
        pk=asked.pk,
        actor=acting(row["asked"][1]),
        values=edited["values"],
        expected_seq=asked.evidence_seq,
        comment=edited["comment"],
    )


def _rebuild(code: str, row: dict[str, Any]) -> None:
    """Another level of the same work: who answers for what was rebuilt signs again."""
    again = row["rebuilt"]
    rows = [
        [name, action, *again["assets"].get(name, (old, new))]
        for name, action, old, new in row["assets"]
    ]
    asked = change(code)
    requests.edit_change(
        pk=asked.pk,
        actor=acting(row["asked"][1]),
        values={},
        parts={"assets": _scope(rows)},
        expected_seq=asked.evidence_seq,
        comment=again["comment"],
    )
