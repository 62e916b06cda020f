"""Plan templates: what their parameters take, and the steps that come of the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from apps.gates.domain.cycles import shortest_cycle

_HOLE = re.compile(r"\{([A-Za-z0-9_]*)\}")
_NAME8 = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")


class Kind(Enum):
    """What a parameter takes."""

    NAME8 = "name8"
    CHOICE = "choice"
    REGION = "region"
    NUMBER = "number"

    @staticmethod
    def choices() -> list[tuple[str, str]]:
        return [
            ("name8", "Name of up to 8 characters"),
            ("choice", "One of several"),
            ("region", "CICS region"),
            ("number", "Whole number"),
        ]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()
    is_required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the template, its texts with holes such as {region}."""

    label: str
    title: str
    instruction: str = ""
    after: tuple[str, ...] = ()
    reverses: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one parameter, or with one step of the template, and what to do."""

    name: str
    text: str
    fix: str


def fill_in(
    parameters: Iterable[Parameter],
    lines: Iterable[Line],
    given: Mapping[str, str],
    regions: frozenset[str],
) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """The steps with the values in their texts; no steps while there is a problem.

    `regions` are the names of the CICS regions that there are. An optional parameter without a
    value leaves its holes empty.
    """
    values, problems = _values(list(parameters), given, regions)
    if problems:
        return (), tuple(problems)
    return tuple(
        replace(line, title=_filled(line.title, values), instruction=_filled(line.instruction,
                                                                             values))
        for line in lines
    ), ()  # fmt: skip


def _values(
    parameters: Sequence[Parameter], given: Mapping[str, str], regions: frozenset[str]
) -> tuple[dict[str, str], list[Problem]]:
    values: dict[str, str] = {}
    known = {each.name for each in parameters}
    problems = [
        Problem(name, f"The template has no parameter {name!r}.", "Leave it out.")
        for name in sorted(set(given) - known)
    ]
    for each in parameters:
        value = str(given.get(each.name, "")).strip() or each.default
        if not value and each.is_required:
            problems.append(Problem(each.name, f"{each.label} is missing.", f"Enter {_a(each)}."))
        elif value and not _fits(each, value, regions):
            text = f"{each.label} takes {_a(each)}, not “{value[:60]}”."
            problems.append(Problem(each.name, text, "Enter it again."))
        values[each.name] = value
    return values, problems


def _fits(parameter: Parameter, value: str, regions: frozenset[str]) -> bool:
    match parameter.kind:
        case Kind.NAME8:
            return _NAME8.fullmatch(value) is not None
        case Kind.CHOICE:
            return value in parameter.choices
        case Kind.REGION:
            return value in regions
        case Kind.NUMBER:
            return _NUMBER.fullmatch(value) is not None


def _a(parameter: Parameter) -> str:
    match parameter.kind:
        case Kind.NAME8:
            return "a name of at most 8 capital letters, digits or @#$"
        case Kind.CHOICE:
            return f"one of {', '.join(parameter.choices)}"
        case Kind.REGION:
            return "the name of a CICS region"
        case Kind.NUMBER:
            return "a whole number"


def _filled(text: str, values: Mapping[str, str]) -> str:
    return " ".join(_HOLE.sub(lambda hole: values.get(hole[1], ""), text).split(" "))


def mistakes(
    parameters: Sequence[Parameter], lines: Sequence[Line], regions: frozenset[str]
) -> Iterator[Problem]:
    """What keeps the template from being applied at all, whatever is entered; by the name of a
    parameter or the label of a step."""
    yield from _of_parameters(parameters, regions)
    names = {each.name for each in parameters}
    labels = {line.label for line in lines}
    forward = {line.label for line in lines if not line.reverses}
    for line in lines:
        for hole in dict.fromkeys(_HOLE.findall(f"{line.title} {line.instruction}")):
            if hole not in names:
                yield Problem(line.label, f"{line.label} names {{{hole}}}, which is no parameter.",
                              "Add the parameter, or mend the name.")  # fmt: skip
        for other in line.after:
            if other not in labels or other == line.label:
                yield Problem(line.label, f"{line.label} waits for {other}, which is no other step "
                              "of the template.", "Enter labels of its steps.")  # fmt: skip
        if line.reverses and line.reverses not in forward:
            yield Problem(line.label, f"{line.label} takes {line.reverses} back, which is no step "
                          "that goes forward.", "Enter the label of one.")  # fmt: skip
    cycle = shortest_cycle({line.label: [a for a in line.after if a in labels] for line in lines})
    if len(cycle) > 1:
        way = " → ".join((*cycle, cycle[0]))
        yield Problem(cycle[0], f"The steps wait for each other: {way}.",
                      "Take one of these out.")  # fmt: skip
    if not lines:
        yield Problem("", "The template has no step.", "Add at least one.")


def _of_parameters(parameters: Sequence[Parameter], regions: frozenset[str]) -> Iterator[Problem]:
    for each in parameters:
        if each.kind is Kind.CHOICE and len(each.choices) < 2:
            yield Problem(each.name, f"{each.label} is a choice of fewer than two.",
                          "Enter what there is, with commas between.")  # fmt: skip
        elif each.default and not _fits(each, each.default, regions):
            yield Problem(each.name, f"The default of {each.label} is not {_a(each)}.",
                          "Enter another, or none.")  # fmt: skip
