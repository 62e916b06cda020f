"""What a person attests of a manual gate, and for how long it is believed."""

from __future__ import annotations

from apps.gates.domain.facts import AttestationFacts, PackageFacts
from apps.gates.domain.verdict import (
    EXPIRED,
    OPEN,
    SUBMITTED,
    Finding,
    Gate,
    Verdict,
    roles_in_words,
)

#: What the parts of the content are called.
PARTS = {
    "scope": "the scope",
    "window": "the window",
    "steps": "the plan",
    "backout": "the way back",
}
REQUESTED, CONFIRMED, REFUSED, SUPERSEDED = "submitted", "confirmed", "refused", "superseded"
STATES: tuple[tuple[str, str], ...] = (
    (REQUESTED, "Submitted"),
    (CONFIRMED, "Confirmed"),
    (REFUSED, "Refused"),
    (SUPERSEDED, "Superseded"),
)
SOURCES = {
    "confirm": (REQUESTED,),
    "refuse": (REQUESTED,),
    "supersede": (REQUESTED, CONFIRMED, REFUSED),
}
TARGETS = {"confirm": CONFIRMED, "refuse": REFUSED, "supersede": SUPERSEDED}


def needs_second_person(facts: PackageFacts) -> bool:
    return facts.is_risky


def attested(gate: Gate, facts: PackageFacts, question: str) -> Verdict:
    """The verdict of a manual gate: `question` says what nobody has attested yet."""
    owner = _owner(gate)
    told = facts.attestations.get(gate.code)
    if told is None:
        return _not_met(OPEN, question, "Attest it, and say what shows it.", owner)
    changed = changed_parts(gate, facts, told)
    if changed:
        return _not_met(
            EXPIRED,
            f"{told.by.name} attested it on {told.at:%d %b}; since then {' and '.join(changed)} "
            "changed.",
            "Look again and attest it anew.",
            owner,
        )
    if told.refused_by is not None:
        return _not_met(
            "",
            f"{told.refused_by.name} does not confirm what {told.by.name} attested: "
            f"{told.refused_because}",
            "Mend it and attest it anew.",
            owner,
        )
    if not told.holds:
        return _not_met(
            "", f"{told.by.name} says no: {told.text}", "Mend it, then attest it.", owner
        )
    alone = told.verified_by is None or told.verified_by.id == told.by.id
    if needs_second_person(facts) and alone:
        return _not_met(
            SUBMITTED,
            f"{told.by.name} attested it; at {facts.risk_band} risk a second person confirms.",
            "Look at it and confirm or refuse it.",
            f"somebody else than {told.by.name}",
        )
    return Verdict(True)


def changed_parts(gate: Gate, facts: PackageFacts, told: AttestationFacts) -> list[str]:
    """What the attestation rests on and is another now, for people."""
    return [
        PARTS[part] for part in gate.proves if told.content.get(part) != facts.content.get(part)
    ]


def _owner(gate: Gate) -> str:
    families = f" of {' or '.join(gate.owner_families)}" if gate.owner_families else ""
    return roles_in_words([gate.owner_role]) + families


def _not_met(state: str, text: str, fix: str, who: str) -> Verdict:
    return Verdict(False, (Finding(text, fix, who),), state)
