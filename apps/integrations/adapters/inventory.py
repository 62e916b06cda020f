"""What every adapter hands over: rows as they are read, a Problem in the place of a bad one.

Their order says nothing: an edge may come before its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from apps.inventory.domain.rows import Problem, Row

Rows: TypeAlias = Iterator[Row | Problem]
Reader: TypeAlias = Callable[[Sequence[Path]], Rows]
