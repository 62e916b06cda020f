"""How the end of a change counts for the assets of its scope."""

from __future__ import annotations

from apps.changes.domain import lifecycle as life
from apps.inventory.domain.outcomes import Tally

#: What a change in this state counts for each asset of its scope; in any other, nothing. A closed
#: one counts by its outcome.
COUNTED = {
    life.IMPLEMENTED: Tally(changes=1),
    life.FAILED: Tally(changes=1, bad=1),
    life.BACKED_OUT: Tally(changes=1, bad=1),
}
