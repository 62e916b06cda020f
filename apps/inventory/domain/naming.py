"""How z/OS and its subsystems spell names, and what is wrong with one that is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NAME_MAX = 120
_MEMBER = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")
_NATIONAL = "A-Z, 0-9, @, # or $"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One way of spelling: `problems(name)` yields a sentence for each thing that is wrong."""

    code: str
    label: str
    problems: Callable[[str], Iterator[str]]


def _member(name: str, what: str = "A member name", longest: int = 8) -> Iterator[str]:
    if len(name) > longest:
        yield f"{what} has at most {longest} characters; {name!r} has {len(name)}."
    if name and name[0] not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ@#$":
        yield f"{what} starts with a letter, @, # or $; {name!r} starts with {name[0]!r}."
    strange = re.search(r"[^A-Z0-9@#$]", name)
    if strange:
        yield (
            f"{what} holds {_NATIONAL} only; {name!r} has {strange.group()!r} "
            f"at position {strange.start() + 1}."
        )


def _dataset(name: str) -> Iterator[str]:
    if len(name) > 44:
        yield f"A data set name has at most 44 characters; {name!r} has {len(name)}."
    if "&" in name:
        # An unresolved JCL symbol, as a scan finds it: only the characters can be judged.
        strange = re.search(r"[^A-Z0-9@#$&.\-]", name)
        if strange:
            yield f"{name!r} has {strange.group()!r} at position {strange.start() + 1}."
        return
    for number, qualifier in enumerate(name.split("."), start=1):
        what = f"Qualifier {number} of a data set name"
        if not qualifier:
            yield f"{what} is empty in {name!r}."
        else:
            yield from _member(qualifier.replace("-", "0"), what)


def _transaction(name: str) -> Iterator[str]:
    if len(name) > 4:
        yield f"A CICS transaction has 1 to 4 characters; {name!r} has {len(name)}."
    if re.search(r"[\s,;=()']", name):
        yield f"A CICS transaction has no blanks and no punctuation that ends it: {name!r}."


def _db2(name: str) -> Iterator[str]:
    parts = name.split(".")
    if len(parts) > 3:
        yield f"A Db2 name has at most three parts (location.schema.object); {name!r} has more."
    for part in parts:
        if not part:
            yield f"A part of the Db2 name {name!r} is empty."
        elif len(part.encode()) > 128:
            yield f"A part of a Db2 name has at most 128 bytes; one of {name[:40]!r}… has more."
        elif part != "*" and not re.fullmatch(r"[A-Z@#$_][A-Z0-9@#$_]*", part):
            yield f"{part!r} in {name!r} is no Db2 identifier ({_NATIONAL} or _)."


def _mq(name: str) -> Iterator[str]:
    if len(name) > 48:
        yield f"An MQ object name has at most 48 characters; {name!r} has {len(name)}."
    if not re.fullmatch(r"[A-Za-z0-9._/%]+", name):
        yield f"An MQ object name holds letters, digits and . _ / % only; {name!r} has others."


def _ddname(name: str) -> Iterator[str]:
    program, _dot, ddname = name.rpartition(".")
    yield from _member(ddname, "A DD name")
    if program:
        yield from _member(program, "The program of a DD name")


def _free(name: str) -> Iterator[str]:
    if re.search(r"\s", name):
        yield f"{name!r} has a blank inside."


PATTERNS: dict[str, NamePattern] = {
    pattern.code: pattern
    for pattern in (
        NamePattern("member", "member, 1 to 8 characters", _member),
        NamePattern("dataset", "data set, 44 characters in qualifiers of 8", _dataset),
        NamePattern("transaction", "transaction, 1 to 4 characters", _transaction),
        NamePattern("db2", "Db2 name, collection.package or schema.table", _db2),
        NamePattern("mq", "MQ object, 48 characters", _mq),
        NamePattern("ddname", "program.DD name", _ddname),
        NamePattern("free", "free, without blanks", _free),
    )
}


def is_member_name(name: str) -> bool:
    return _MEMBER.fullmatch(name) is not None


def name_problems(pattern: str, name: str, what: str = "name") -> Iterator[str]:
    """Sentences that tell what is wrong with `name`; none when it is well spelled."""
    if not name:
        yield f"The {what} is missing."
        return
    if len(name) > NAME_MAX:
        yield f"A {what} has at most {NAME_MAX} characters; this one has {len(name):,}."
        return
    strange = next((char for char in name if not char.isprintable()), None)
    if strange is not None:
        yield f"The {what} holds the unprintable character U+{ord(strange):04X}."
        return
    yield from PATTERNS[pattern].problems(name)
