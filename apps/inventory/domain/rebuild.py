"""What has to be made again because something else changes, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to an asset: as a letter, as a verb, and as what it is then."""

    letter: str
    verb: str
    done: str


RECOMPILE = Work("C", "recompile", "recompiled")
RELINK = Work("L", "relink", "relinked")
REGENERATE = Work("G", "regenerate", "regenerated")
BIND = Work("B", "bind", "bound")
CONVERT = Work("D", "convert", "converted")

#: All work, the first to be done first.
WORKS: tuple[Work, ...] = (RECOMPILE, RELINK, REGENERATE, BIND, CONVERT)

#: Kind of relation → is its target (True) or its source what is made again, and how.
REMADE: Mapping[str, tuple[bool, Work]] = {
    "copies": (False, RECOMPILE),
    "calls": (False, RELINK),
    "refers_dbd": (False, REGENERATE),
    "built_from": (False, BIND),
    "includes": (False, BIND),
    "binds": (True, BIND),
    "layout_of": (True, CONVERT),
}
FORWARD = tuple(kind for kind, (forward, _) in REMADE.items() if forward)
BACKWARD = tuple(kind for kind, (forward, _) in REMADE.items() if not forward)


def spreads(kind: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a relation makes anything again: a call does only where it is linked statically."""
    return kind in REMADE and (kind != "calls" or attributes.get("link") == "static")
