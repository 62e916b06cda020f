"""The moves of an attestation, and that of a package by which one comes about."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.moves import Move, MoveField
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.domain import attestation as life
from apps.gates.models import Attestation
from apps.gates.selectors import items_of
from apps.releases.models import ReleasePackage
from apps.releases.policies import attestation as rules
from apps.releases.services import attestations as services


def _manual_gates(package: ReleasePackage) -> list[tuple[str, str]]:
    """Those that apply, the ones that somebody still has to see to first."""
    items = items_of(package.subject).exclude(state="not_applicable")
    known = [
        (item.state == "met", item.gate, GATE_BY_CODE[item.gate])
        for item in items
        if item.gate in GATE_BY_CODE and GATE_BY_CODE[item.gate].is_manual
    ]
    return [
        (code, f"{code} {gate.title}{' (met)' if is_met else ''}")
        for is_met, code, gate in sorted(known, key=lambda each: each[:2])
    ]


def _documents(package: ReleasePackage) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in services.exhibits_of(package)]


def _confirm(actor: Actor, row: Attestation) -> Iterator[Blocker]:
    package = services.package_of(row)
    yield from rules.verify_blockers(actor, row, package, "confirm", "confirmed")


def _refuse(actor: Actor, row: Attestation) -> Iterator[Blocker]:
    package = services.package_of(row)
    yield from rules.verify_blockers(actor, row, package, "refuse", "refused")


ATTEST = Move(
    "attest_gate",
    "Attest a gate",
    service=services.attest_gate,
    blockers=rules.attest_blockers,
    sources=rules.ATTESTED_IN,
    fields=(
        MoveField("gate", "Gate", "choice", choices=_manual_gates),
        MoveField("answer", "Does it hold", "choice", choices=[("yes", "Yes"), ("no", "No")]),
        MoveField("exhibit", "Document that shows it", "reference", required=False,
                  choices=_documents),
    ),
    comment="required",
    comment_label="What was done, and where one can see it",
    help_text="From high risk on a second person confirms it.",
    seal=services.attested_digest,
    applies=lambda package: bool(_manual_gates(package)),
)  # fmt: skip

ATTESTATION_MOVES = (
    Move(
        "confirm",
        "Confirm",
        service=services.confirm_attestation,
        blockers=_confirm,
        sources=life.SOURCES["confirm"],
        tone="main",
    ),
    Move(
        "refuse",
        "Do not confirm",
        service=services.refuse_attestation,
        blockers=_refuse,
        sources=life.SOURCES["refuse"],
        comment="required",
        comment_label="Reason",
    ),
)
