"""What precedence alone demands of steps, people and systems left aside: the critical path."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property

from apps.releases.domain.planner.work import Work, sorted_known


class Network:
    """The steps by label, each with those before and behind it. There must be no cycle."""

    def __init__(self, works: Sequence[Work]) -> None:
        label = {work.key: work.label for work in works}
        self.works = {
            work.key: work for work in sorted(works, key=lambda work: (work.label, str(work.key)))
        }
        self.after = {key: sorted_known(work, label) for key, work in self.works.items()}
        self.behind: dict[Hashable, list[Hashable]] = {key: [] for key in self.works}
        for key, predecessors in self.after.items():
            for predecessor in predecessors:
                self.behind[predecessor].append(key)

    @cached_property
    def order(self) -> list[Hashable]:
        """The keys, predecessors first."""
        waiting = {key: len(before) for key, before in self.after.items()}
        order = [key for key, count in waiting.items() if not count]
        for key in order:
            for follower in self.behind[key]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    order.append(follower)
        return order

    @cached_property
    def heads(self) -> dict[Hashable, int]:
        """The first minute at which each step may begin."""
        heads: dict[Hashable, int] = {}
        for key in self.order:
            work = self.works[key]
            ends = (heads[before] + self.works[before].minutes for before in self.after[key])
            heads[key] = max(work.earliest, 0, *ends) if work.pinned is None else work.pinned
        return heads

    @cached_property
    def tails(self) -> dict[Hashable, int]:
        """How long it takes at least from the start of each step to the end of the plan."""
        tails: dict[Hashable, int] = {}
        for key in reversed(self.order):
            free = (each for each in self.behind[key] if self.works[each].pinned is None)
            tails[key] = self.works[key].minutes + max((tails[each] for each in free), default=0)
        return tails

    @property
    def length(self) -> int:
        """The longest chain of steps."""
        return max((self.heads[key] + self.tails[key] for key in self.works), default=0)

    def slack(self, key: Hashable) -> int:
        """By how much a step may begin later than its head before the longest chain grows."""
        return self.length - self.heads[key] - self.tails[key]
