"""What stands against taking, testing and exporting a population."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.domain.sample import SEED_LONGEST, SIZE_MOST
from apps.audit.models import Population
from apps.audit.policies.auditor import auditor_blockers
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.releases.policies.reasons import role_blockers

#: Who reads the whole workbench beside the auditors.
READERS = ("auditor", "change_manager")
#: Rows that one population holds.
ROWS_MOST = 20_000


def take_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)


def work_blockers(actor: Actor, population: Population) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)


def raise_blockers(actor: Actor, population: Population) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)
    if not population.run:
        yield Blocker("not_tested", f"The control tests never ran over {population.code}.",
                      "Run them first.", "an auditor", kind="state")  # fmt: skip
    elif not population.exception_count:
        yield Blocker("no_exceptions", f"The last run over {population.code} had no exception.",
                      "Nothing has to be opened.", "nobody", kind="state")  # fmt: skip


def size_blockers(number: int) -> Iterator[Blocker]:
    if number > ROWS_MOST:
        yield bad_input("last_on", f"The period has {number:,} rows; {ROWS_MOST:,} fit into one "
                        "population.", "Take a shorter period.", "too_many")  # fmt: skip


def sample_blockers(seed: str, size: int) -> Iterator[Blocker]:
    yield from text_blockers("seed", seed, required=True, longest=SEED_LONGEST)
    if not 1 <= size <= SIZE_MOST:
        yield bad_input("size", f"A sample has 1 to {SIZE_MOST} rows.", "Enter another size.")


def read_blockers(actor: Actor) -> Iterator[Blocker]:
    """Who reads the workbench."""
    yield from role_blockers(actor, *READERS)
