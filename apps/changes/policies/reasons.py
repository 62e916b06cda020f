"""Reasons that every record of governance gives in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.core.actor import Actor
from apps.core.errors import Blocker


def wrong_state(
    name: str,
    state: str,
    sources: Iterable[str],
    labels: Mapping[str, str],
    movers: Mapping[str, str],
) -> Blocker:
    """The record is not in one of the states `sources`; `labels` has the words for each, `movers`
    who moves it on from there, nobody where it has ended."""
    wanted = " or ".join(labels[source].lower() for source in sources)
    return Blocker(
        "wrong_state",
        f"{name} is {labels[state].lower()}; this needs {wanted}.",
        "See the moves that its state offers.",
        movers.get(state, "nobody"),
        kind="state",
    )


def role_blocker(actor: Actor, who: str, fix: str) -> Blocker:
    """`who` completes "… may not do this; … may"."""
    return Blocker(
        "role_missing", f"{actor.printed_name} may not do this; {who} may.", fix, who,
        kind="permission",
    )  # fmt: skip
