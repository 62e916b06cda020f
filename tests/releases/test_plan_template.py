"""Plan templates: what their parameters take, and the steps that come of the values."""

from __future__ import annotations

import pytest

from apps.releases.domain.plan_template import Kind, Line, Parameter, fill_in, mistakes

REGIONS = frozenset({"CICSCRA1", "CICSCRA2"})
REGION = Parameter("region", "Region", Kind.REGION)
PROGRAM = Parameter("program", "Program", Kind.NAME8)
RC = Parameter("rc", "Highest RC", Kind.NUMBER, is_required=False, default="4")
MODE = Parameter("mode", "Mode", Kind.CHOICE, ("NEWCOPY", "PHASEIN"), is_required=False)
COPY = Line("A1", "{mode} {program} in {region}", "CEMT SET PROG({program}) {mode}")
GOOD = {"region": "CICSCRA1", "program": "COACTVWC", "mode": "PHASEIN"}


def told(**given: str) -> list[str]:
    _, problems = fill_in([REGION, PROGRAM, RC, MODE], [COPY], GOOD | given, REGIONS)
    return [f"{each.name}: {each.text}" for each in problems]


def test_the_values_stand_in_the_texts() -> None:
    (line,), problems = fill_in([REGION, PROGRAM, RC, MODE], [COPY], GOOD, REGIONS)
    assert not problems
    assert (line.title, line.instruction) == (
        "PHASEIN COACTVWC in CICSCRA1", "CEMT SET PROG(COACTVWC) PHASEIN",
    )  # fmt: skip


def test_a_default_stands_for_what_is_left_out() -> None:
    (line,), _ = fill_in([RC], [Line("A1", "RC up to {rc}")], {}, REGIONS)
    assert line.title == "RC up to 4"


def test_a_value_is_never_taken_for_a_hole() -> None:
    text = Parameter("what", "What", Kind.CHOICE, ("{region}", "X"))
    (line,), _ = fill_in([text, REGION], [Line("A1", "{what}")],
                         {"what": "{region}", "region": "CICSCRA1"}, REGIONS)  # fmt: skip
    assert line.title == "{region}"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"program": ""}, "program: Program is missing."),
        ({"program": "TOOLONGNAME"}, "program: Program takes a name of at most 8"),
        ({"program": "lower"}, "program: Program takes a name of at most 8"),
        ({"region": "CICSXX"}, "region: Region takes the name of a CICS region"),
        ({"rc": "four"}, "rc: Highest RC takes a whole number, not “four”."),
        ({"mode": "COLD"}, "mode: Mode takes one of NEWCOPY, PHASEIN"),
        ({"other": "X"}, "other: The template has no parameter 'other'."),
    ],
)
def test_what_does_not_fit_is_told_by_its_name(given: dict[str, str], text: str) -> None:
    (problem,) = told(**given)
    assert problem.startswith(text)


def test_everything_that_is_missing_is_told_at_once() -> None:
    assert len(told(program="", region="")) == 2


@pytest.mark.parametrize(
    ("parameters", "lines", "text"),
    [
        ([], [COPY], "A1 names {mode}, which is no parameter."),
        ([], [Line("A1", "x", after=("A9",))], "A1 waits for A9"),
        ([], [Line("A1-R", "x", reverses="A1")], "A1-R takes A1 back"),
        ([], [Line("A1", "x", after=("A2",)), Line("A2", "y", after=("A1",))], "A1 → A2 → A1"),
        ([Parameter("m", "Mode", Kind.CHOICE, ("X",))], [Line("A1", "x")], "fewer than two"),
        ([Parameter("n", "Count", Kind.NUMBER, default="x")], [Line("A1", "x")], "The default of"),
        ([], [], "no step"),
    ],
)
def test_a_template_that_could_not_be_applied_tells_why(
    parameters: list[Parameter], lines: list[Line], text: str
) -> None:
    assert any(text in problem.text for problem in mistakes(parameters, lines, REGIONS))
