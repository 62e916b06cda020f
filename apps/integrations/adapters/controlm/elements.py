"""The elements of an XML file as they begin and end, each with its line, in bounded memory.

SAX knows the line of an element, which ElementTree does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.sax import make_parser

CHUNK_BYTES = 65_536
DEPTH_MAX = 100


class Element(NamedTuple):
    """`ends` tells the closing tag, whose attributes are empty."""

    name: str
    attributes: Mapping[str, str]
    line: int
    ends: bool = False


class BrokenXml(ValueError):
    """`line` is where the text stops being XML that is read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Collector(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.found: deque[Element] = deque()
        self.depth = 0

    @property
    def line(self) -> int:
        return int(self._locator.getLineNumber() or 1)  # type: ignore[attr-defined]

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name SAX calls
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise BrokenXml(self.line, f"The elements are nested deeper than {DEPTH_MAX} levels.")
        self.found.append(Element(name, dict(attrs.items()), self.line))

    def endElement(self, name: str) -> None:  # noqa: N802 - the name SAX calls
        self.depth -= 1
        self.found.append(Element(name, {}, self.line, ends=True))


def elements(path: Path) -> Iterator[Element]:
    """Raises BrokenXml. A document type definition, and with it every entity, is refused."""
    parser = make_parser()
    parser.forbid_dtd = True
    collector = _Collector()
    parser.setContentHandler(collector)
    collector.setDocumentLocator(parser)
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                parser.feed(chunk, isFinal=not chunk)
            except SAXParseException as error:
                yield from collector.found
                raise BrokenXml(
                    error.getLineNumber() or 1, f"Broken XML: {error.getMessage()}."
                ) from None
            except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden):
                reason = "A document type definition or an entity is not read. Export without it."
                raise BrokenXml(collector.line, reason) from None
            yield from collector.found
            collector.found.clear()
            if not chunk:
                return
