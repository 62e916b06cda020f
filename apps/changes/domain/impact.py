"""The impact form of a change: what it means for the service, security, data and the documents that
operations work by. Each aspect is a choice and words for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.changes.domain.risk import BANDS

#: From this band on the whole form is asked for.
FORM_FROM = "medium"


@dataclass(frozen=True, slots=True)
class Aspect:
    """One question of the form: the field of its choice, that of its words, and the `choices`
    from the mildest on. `always`: the choice is asked for whatever the risk."""

    choice: str
    words: str
    label: str
    choices: tuple[tuple[str, str], ...]
    always: bool = False

    @property
    def short(self) -> str:
        """What it is the impact on."""
        return self.label.removeprefix("impact on ").removeprefix("the ")

    def rank(self, content: Mapping[str, Any]) -> int:
        """How grave the choice is; what was not asked yet counts as the mildest."""
        codes = [code for code, _ in self.choices]
        told = content.get(self.choice)
        return codes.index(told) if told in codes else 0


ASPECTS: tuple[Aspect, ...] = (
    Aspect(
        "impact", "impact_words", "impact on the service",
        (("none", "None"), ("degraded", "Degraded service"), ("outage", "Outage")),
        always=True,
    ),
    Aspect(
        "security_impact", "security_words", "impact on security",
        (("none", "None"), ("changed", "Changes who may do what"),
         ("weakened", "Weakens a protection")),
        always=True,
    ),
    Aspect(
        "data_impact", "data_words", "impact on data",
        (("none", "None"), ("changed", "Changes stored data"),
         ("sensitive", "Touches card or personal data")),
    ),
    Aspect(
        "continuity", "continuity_words", "operating documents",
        (("none", "None is concerned"), ("updated", "They are updated"),
         ("open", "They are still to be updated")),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """A field of the form that is not filled in, and whether it is a choice."""

    field: str
    aspect: Aspect
    is_choice: bool


def gaps(content: Mapping[str, Any], band: str, *, is_emergency: bool) -> Iterator[Gap]:
    """What is missing of the form. An emergency says no more than what is asked of every change:
    the rest is told when it is reviewed."""
    whole = not is_emergency and BANDS.index(band or BANDS[0]) >= BANDS.index(FORM_FROM)
    for aspect in ASPECTS:
        if (whole or aspect.always) and not content.get(aspect.choice):
            yield Gap(aspect.choice, aspect, is_choice=True)
        if whole and not content.get(aspect.words):
            yield Gap(aspect.words, aspect, is_choice=False)


def has_risen(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether one of the choices became graver."""
    return any(aspect.rank(new) > aspect.rank(old) for aspect in ASPECTS)
