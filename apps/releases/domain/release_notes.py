"""Release notes: what of a night people outside it need to know, as text in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_MARKS = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class ChangeNote:
    code: str
    title: str
    application: str
    why: str
    outcome: str
    impact: str = ""


@dataclass(frozen=True, slots=True)
class PackageNote:
    """`known` are sentences about what is not as it should be."""

    code: str
    name: str
    outcome: str
    changes: Sequence[ChangeNote]
    reason: str = ""
    known: Sequence[str] = ()

    @property
    def services(self) -> list[str]:
        return sorted({change.application for change in self.changes})


@dataclass(frozen=True, slots=True)
class Notes:
    """Of one package, or of all of a window; `when` is in words, on the window's wall clock."""

    title: str
    when: str
    outcome: str
    packages: Sequence[PackageNote]

    @property
    def services(self) -> list[str]:
        return sorted({name for package in self.packages for name in package.services})

    @property
    def known(self) -> list[str]:
        return [text for package in self.packages for text in package.known]


def as_markdown(notes: Notes) -> str:
    """The notes as a file: headings, lists, nothing that another program could take for more."""
    return "\n".join(_lines(notes)).rstrip() + "\n"


def _lines(notes: Notes) -> Iterator[str]:
    yield f"# {_plain(notes.title)}"
    yield ""
    yield f"- When: {_plain(notes.when)}"
    yield f"- Outcome: {_plain(notes.outcome)}"
    yield f"- Services: {_plain(', '.join(notes.services) or 'none')}"
    for package in notes.packages:
        yield ""
        yield f"## {_plain(package.code)} {_plain(package.name)}: {_plain(package.outcome)}"
        if package.reason:
            yield from ("", _plain(package.reason))
        yield ""
        yield from _changes(package.changes)
    yield ""
    yield "## Known errors"
    yield ""
    yield from (f"- {_plain(text)}" for text in notes.known or ["None."])


def _changes(changes: Iterable[ChangeNote]) -> Iterator[str]:
    for change in changes:
        yield f"- **{_plain(change.code)}** {_plain(change.title)} ({_plain(change.outcome)})"
        if change.why:
            yield f"  - Why: {_plain(change.why)}"
        if change.impact:
            yield f"  - What people see: {_plain(change.impact)}"


def _plain(text: str) -> str:
    """On one line, its marks taken as characters."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
