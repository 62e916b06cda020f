"""What the gates rest on beside the plan: their profile, the tests, and what people attested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from apps.changes.services.exhibits import attach_exhibit
from apps.gates.catalogue.g06_tests import WORDS
from apps.gates.models import Attestation, GateProfile
from apps.gates.services.profiles import create_profile, edit_profile
from apps.portal.demo.changes import change
from apps.portal.demo.stage import Row, Scene, acting, moment, person, read
from apps.releases.models import ReleasePackage
from apps.releases.services import watch
from apps.releases.services.attestations import attest_gate, confirm_attestation

KEEPER = "cab.chair"


def scenes() -> Iterator[Scene]:
    told = read("gates.yaml")
    for row in told["profiles"]:
        yield Scene(moment(row["entered"]), partial(_enter, row))
        if "ended" in row:
            yield Scene(moment(row["ended"][0]), partial(_end, row))
    for code, row in told["tests"].items():
        yield Scene(moment(row[0]), partial(_test, code, row))
    for at in told["asked"]:
        yield Scene(moment(at), watch.refresh_open_packages, order=9)
    for code, rows in told["attested"].items():
        for row in rows:
            yield Scene(moment(row[1]), partial(_attest, code, row))
            if len(row) > 4:
                yield Scene(moment(row[4]), partial(_confirm, code, row))


def _enter(row: Row) -> None:
    values = {name: row[name] for name in ("gate", "setting", "reason")}
    create_profile(actor=acting(KEEPER), values=values)


def _end(row: Row) -> None:
    profile = GateProfile.objects.get(gate=row["gate"], application=None, risk_band="")
    edit_profile(
        pk=profile.pk,
        actor=acting(KEEPER),
        values={"is_active": False},
        expected_seq=profile.evidence_seq,
        comment=row["ended"][1],
    )


def _test(code: str, row: Sequence[object]) -> None:
    """One document for each kind of test; it names every version that the change installs."""
    _at, tester, attached_by, kinds = row
    tested = change(code)
    versions = sorted({line.to_version for line in tested.assets.all() if line.to_version})
    for kind in kinds:  # type: ignore[attr-defined]
        attach_exhibit(
            change=tested.pk,
            actor=acting(str(attached_by)),
            values={
                "kind": kind,
                "title": f"{WORDS[kind].capitalize()} of {code}",
                "verdict": "passed",
                "text": "Every case passed; the log is in the test library.",
                "tested_version": " ".join(versions),
                "tested_by": person(str(tester)),
            },
        )


def _attest(code: str, row: Sequence[str]) -> None:
    package = ReleasePackage.objects.get(code=code)
    attest_gate(
        pk=package.pk,
        actor=acting(row[2]),
        gate=row[0],
        expected_seq=package.evidence_seq,
        comment=row[3],
    )


def _confirm(code: str, row: Sequence[str]) -> None:
    rows = Attestation.objects.filter(about_name=code, gate=row[0], state="submitted")
    found = rows.get()
    confirm_attestation(pk=found.pk, actor=acting(row[5]), expected_seq=found.evidence_seq)
