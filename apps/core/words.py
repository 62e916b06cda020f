"""How values stand in a sentence."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 program`, `6 programs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
