"""Walk `{"one": […], "other": […]}` item by item, knowing the line of each.

The standard decoder does the decoding; only the two outer levels are walked here, because it
tells no line numbers for what it has understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any

from apps.integrations.adapters.files import BOM, decoding_problem
from apps.inventory.domain.rows import Place, Problem

_BLANKS = re.compile(r"[ \t\r\n]*")


def json_items(
    path: Path, wanted: str, *, expected: Sequence[str] = ()
) -> Iterator[tuple[Place, Any] | Problem]:
    """The items of the list `wanted` of a file, until a Problem ends them.

    Other names at the top are passed over; with `expected`, one that is not among those is wrong.
    """
    raw = path.read_bytes().removeprefix(BOM)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        yield decoding_problem(Place(path.name, line), raw, error)
        return
    try:
        for line, item in Walker(text, expected).items(wanted):
            yield Place(path.name, line), item
    except BrokenJson as broken:
        yield Problem(Place(path.name, broken.line), "", str(broken))


class BrokenJson(ValueError):
    """`line` is where the text stops being JSON of the expected shape."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


class Walker:
    """One pass over a text. Raises BrokenJson."""

    def __init__(self, text: str, expected: Sequence[str] = ()) -> None:
        self._text = text
        self._expected = expected
        self._at = 0
        self._line = 1
        self._counted = 0
        self._decoder = JSONDecoder(parse_constant=_no_constant)

    def items(self, wanted: str) -> Iterator[tuple[int, Any]]:
        """(line, item) of the list called `wanted`; other lists are checked and passed over."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            line = self._here()
            name = self._value()
            if self._expected and name not in self._expected:
                known = " and ".join(map(json.dumps, self._expected))
                raise BrokenJson(line, f"{known} are expected, not {json.dumps(name)[:40]}.")
            self._expect(":")
            if name == wanted or name in self._expected:
                for found in self._list():
                    if name == wanted:
                        yield found
            else:
                self._value()
            if not self._take(","):
                break
        self._expect("}")
        if self._at < len(self._text):
            raise BrokenJson(self._here(), "There is more text after the end.")

    def _list(self) -> Iterator[tuple[int, Any]]:
        self._expect("[")
        if self._take("]"):
            return
        while True:
            line = self._here()
            yield line, self._value()
            if not self._take(","):
                break
        self._expect("]")

    def _here(self) -> int:
        self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _take(self, char: str) -> bool:
        self._here()
        if self._text.startswith(char, self._at):
            self._at += 1
            self._here()
            return True
        return False

    def _expect(self, char: str) -> None:
        line = self._here()
        if not self._take(char):
            found = repr(self._text[self._at]) if self._at < len(self._text) else "the end"
            raise BrokenJson(line, f"{char!r} is expected here, not {found}.")

    def _value(self) -> Any:
        line = self._here()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except JSONDecodeError as error:
            raise BrokenJson(error.lineno, f"Broken JSON: {error.msg}.") from None
        except RecursionError:
            raise BrokenJson(line, "The value is nested too deeply.") from None
        except ValueError as error:
            raise BrokenJson(line, f"Broken JSON: {error}.") from None
        return value
