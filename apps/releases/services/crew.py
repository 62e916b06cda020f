"""Who does a step that the portal proposes: what the plan and earlier ones say of its type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.accounts.models import Team, User
from apps.inventory.models import Subsystem
from apps.releases.models import Activity, ActivityType


@dataclass(frozen=True, slots=True)
class Hands:
    """The team with its people; the subsystem that a step of that kind holds. What is None nobody
    can tell: the door then asks for it."""

    team: Team | None = None
    owner: User | None = None
    deputy: User | None = None
    subsystem: Subsystem | None = None


class Crew:
    """The hands of a plan; `steps` come with type, team, subsystem and owner."""

    def __init__(self, steps: Iterable[Activity]) -> None:
        self._steps = list(steps)
        self._people: dict[Team, list[User]] = {}

    def add(self, step: Activity) -> None:
        self._steps.append(step)

    def hands_for(self, kind: ActivityType, undone: Activity | None = None) -> Hands:
        """For a step of this type; for one that takes `undone` back, those of that step."""
        like = undone or self._like(kind)
        team = like.team if like else self._team(kind)
        if team is None:
            return Hands()
        owner, deputy = self.people_of(team, kind, like)
        held = like.subsystem if like else None
        fits = held is not None and bool(kind.exclusive_kind) and held.kind == kind.exclusive_kind
        return Hands(team, owner, deputy, held if fits else None)

    def _team(self, kind: ActivityType) -> Team | None:
        """Who does a step of a type that nobody has done yet: the only team of its kind, or else
        the one with most of this plan."""
        most = _commonest(self._steps)
        return only_team(kind.team_kind) or (most.team if most else None)

    def _like(self, kind: ActivityType) -> Activity | None:
        """The step whose team most likely does this one: of its type in this plan or else in the
        latest other plan, or else of a type for the same kind of team."""
        here = [step for step in self._steps if step.type_id == kind.pk]
        if here:
            return here[0]
        before = Activity.objects.filter(type=kind).select_related(
            "type", "team", "subsystem", "owner", "deputy"
        )
        akin = [step for step in self._steps if step.type.team_kind == kind.team_kind]
        return before.order_by("-created_at").first() or _commonest(akin)

    def people_of(
        self, team: Team, kind: ActivityType, like: Activity | None = None
    ) -> tuple[User | None, User | None]:
        """Two active members: those of the step that is alike, then who holds the role for it."""
        if team not in self._people:
            roles = Q(role_grants__role__in=["implementer", "validator"])
            held = User.objects.filter(roles, memberships__team=team, is_active=True)
            self._people[team] = list(held.order_by("username").distinct())
        people = self._people[team]
        first = [like.owner_id, like.deputy_id] if like is not None else []
        ranked = sorted(people, key=lambda user: (user.pk not in first, user.username))
        if not ranked:
            return None, None
        return ranked[0], ranked[1] if len(ranked) > 1 and kind.alters else None


def _commonest(steps: Sequence[Activity]) -> Activity | None:
    """A step of the team that has the most of them."""
    counts = Counter(step.team_id for step in steps)
    return max(steps, key=lambda step: counts[step.team_id], default=None)


def only_team(kind: str) -> Team | None:
    """The one team of this kind; None when there are several, or none."""
    teams = list(Team.objects.filter(kind=kind)[:2])
    return teams[0] if len(teams) == 1 else None
