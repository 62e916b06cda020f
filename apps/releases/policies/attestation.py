"""Every reason why somebody may not attest a gate, or not confirm what somebody attested."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain import attestation as answers
from apps.gates.domain.verdict import Gate
from apps.gates.models import Attestation
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.reasons import role_blockers, state_blockers

LABELS = dict(life.PACKAGE_STATES)
#: A package is attested while it waits for its night.
ATTESTED_IN = (life.PLANNED, life.READY)
#: Who coordinates packages may answer for what their owners do.
OWNER_ROLES = ("release_coordinator", "release_manager")
#: Roles that answer for some manual gate by themselves.
LEADS = tuple(
    sorted({gate.owner_role for gate in GATES if gate.is_manual} - {"package_owner", *OWNER_ROLES})
)
SHORTEST = 20


def attest_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """What forbids every attestation; who may attest which gate is told per gate."""
    yield from state_blockers(package.code, package.state, ATTESTED_IN, LABELS, "attested")
    yield from _person_blockers(actor)
    if actor.id != package.owner_id:
        yield from role_blockers(actor, *OWNER_ROLES, *LEADS, fix=f"Ask {package.owner}.")


def gate_blockers(actor: Actor, package: ReleasePackage, code: str) -> Iterator[Blocker]:
    """Whether this gate of the package is the actor's to attest."""
    gate = GATE_BY_CODE.get(code)
    if gate is None:
        yield bad_input("gate", f"There is no gate {code}.", "Choose one of the list.")
    elif not gate.is_manual:
        yield bad_input(
            "gate",
            f"{code} {gate.title} is decided by what the portal sees, never by hand.",
            "Mend what it names; it is asked again by itself.",
            "automatic_gate",
        )
    else:
        yield from owner_blockers(actor, package, gate)


def owner_blockers(actor: Actor, package: ReleasePackage, gate: Gate) -> Iterator[Blocker]:
    """Who answers for the gate: its role, of its families where it has any."""
    if gate.owner_role == "package_owner":
        if actor.id != package.owner_id:
            yield from role_blockers(actor, *OWNER_ROLES, fix=f"Ask {package.owner}.")
    else:
        scopes = gate.owner_scopes or (None,)
        families = " or ".join(gate.owner_families)
        fix = f"Ask the technical lead of {families}." if families else ""
        yield from role_blockers(actor, gate.owner_role, scopes=scopes, fix=fix)


def text_too_short(text: str) -> Iterator[Blocker]:
    if len(text) < SHORTEST:
        yield bad_input(
            "comment",
            "Too short to rely on.",
            f"Tell in at least {SHORTEST} characters what was done, and where one can see it.",
        )


def verify_blockers(
    actor: Actor, row: Attestation, package: ReleasePackage, move: str, done: str
) -> Iterator[Blocker]:
    """A second person who may attest the gate too, or a release manager."""
    sources = answers.SOURCES[move]
    yield from state_blockers(str(row), row.state, sources, dict(answers.STATES), done)
    if row.state in sources:
        yield from state_blockers(package.code, package.state, ATTESTED_IN, LABELS, "attested")
    yield from _person_blockers(actor)
    if actor.id == row.submitted_by_id:
        yield Blocker(
            "second_person",
            f"You attested {row.gate} yourself; a second person looks at it.",
            "Ask somebody else who answers for this gate, or a release manager.",
            f"somebody else than {row.submitted_by}",
            kind="permission",
        )
    elif not actor.holds(*OWNER_ROLES):
        yield from owner_blockers(actor, package, GATE_BY_CODE[row.gate])


def _person_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person attests.", "Sign in as yourself.",
                      "a person", kind="permission")  # fmt: skip
