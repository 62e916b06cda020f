"""Which steps a scope asks for, and what takes them back."""

from __future__ import annotations

import pytest

from apps.releases.domain.activation import (
    INSTALLED,
    Planned,
    Proposal,
    ScopeLine,
    StepType,
    activation_of,
    proposals,
)

TYPES = {
    code: StepType(code, code.replace("_", " ").capitalize(), alters, backout, backout)
    for code, alters, backout in (
        ("BACKUP_LIB", False, ""),
        ("BACKUP_DATA", False, ""),
        ("SCM_EXECUTE", True, "SCM_EXECUTE"),
        ("LLA_REFRESH", True, "LLA_REFRESH"),
        ("NEWCOPY", True, "NEWCOPY"),
        ("CONVERT_DATA", True, "RECOVER_DATA"),
        ("REBIND", True, "REBIND"),
    )
}


def line(name: str, kind: str = "program_cics", action: str = "change") -> ScopeLine:
    return ScopeLine(name, name, kind, kind.replace("_", " ").capitalize(), action)


def asked(*lines: ScopeLine, planned: tuple[Planned, ...] = ()) -> dict[str, Proposal]:
    return {each.type: each for each in proposals(lines, planned, TYPES)}


def test_a_changed_cics_program_is_archived_brought_in_and_refreshed() -> None:
    found = asked(line("COACTVWC"))
    assert list(found) == ["BACKUP_LIB", "SCM_EXECUTE", "LLA_REFRESH", "NEWCOPY"]
    assert "COACTVWC is a program cics to change" in found["NEWCOPY"].because


def test_one_step_serves_all_assets_that_need_it() -> None:
    assert asked(line("A1"), line("B2"))["NEWCOPY"].targets == ("A1", "B2")


def test_what_alters_production_is_taken_back_by_its_counterpart() -> None:
    found = asked(line("ACCTDATA", "vsam", "convert"))
    assert found["CONVERT_DATA"].backout == "RECOVER_DATA"
    assert found["BACKUP_DATA"].backout == ""


@pytest.mark.parametrize(
    ("kind", "action", "types"),
    [
        ("program_batch", "new", ("SCM_EXECUTE", "LLA_REFRESH")),
        ("program_cics", "activate", ("LLA_REFRESH", "NEWCOPY")),
        ("db2_package", "rebind_only", ("REBIND",)),
        ("vsam", "convert", ("BACKUP_DATA", "CONVERT_DATA")),
        ("report", "change", ()),
    ],
)
def test_the_action_of_a_line_tells_what_is_done(
    kind: str, action: str, types: tuple[str, ...]
) -> None:
    assert activation_of(line("X", kind, action)) == types


def test_what_the_plan_has_for_the_asset_is_not_asked_for_again() -> None:
    planned = (Planned("PHASEIN", frozenset({"A1"})), Planned("LLA_REFRESH", frozenset({"LIB"})))
    found = asked(line("A1"), line("B2"), planned=planned)
    assert found["NEWCOPY"].targets == ("B2",)
    assert "LLA_REFRESH" not in found


def test_every_type_of_the_table_has_its_place_in_the_order() -> None:
    types = {code: StepType(code, code, False) for codes in INSTALLED.values() for code in codes}
    lines = [line(kind, kind) for kind in INSTALLED]
    assert {each.type for each in proposals(lines, (), types)} == set(types)
