"""How values stand in a sentence."""

from collections.abc import Iterable


def counted(number: int, one: str, many: str = "") -> str:
    """`1 program`, `6 programs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_words(words: Iterable[str], most: int, last: str = "and") -> str:
    """`A, B and C`; of many the first `most` and how many more, never a single one more."""
    told = list(words)
    if len(told) > most + 1:
        told = [*told[:most], f"{len(told) - most:,} more"]
    return f" {last} ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)
