"""A small night that is over, for populations, and an auditor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.audit.models import AuditFinding, MovedReport, Population
from apps.audit.services import findings, moved, populations
from apps.core import clock
from tests.factories import actor, make_user
from tests.releases.worlds import OPENS, Night

FIRST, LAST = (OPENS - timedelta(days=2)).date(), (OPENS + timedelta(days=3)).date()
#: When the auditor looks.
LATER = OPENS + timedelta(days=4)
PERIOD = {"first_on": FIRST, "last_on": LAST, "zone": "Europe/Amsterdam"}


def the_auditor() -> User:
    return User.objects.filter(username="agnes").first() or make_user("agnes", "auditor")


def take(**values: Any) -> Population:
    with clock.at(LATER):
        return populations.take_population(
            actor=actor(the_auditor()), values={"name": "Night", **PERIOD, **values}
        )


def controlled(population: Population | None = None) -> Population:
    found = population or take()
    with clock.at(LATER):
        return populations.run_controls(pk=found.pk, actor=actor(the_auditor()))


def open_one(owner: User, **values: Any) -> AuditFinding:
    with clock.at(LATER):
        return findings.open_finding(
            actor=actor(the_auditor()),
            values={"about_name": "CHG0001", "what": "Nobody said why.", "owner": owner,
                    "due_at": LATER + timedelta(days=5), **values},
        )  # fmt: skip


def import_csv(night: Night, *lines: str, **values: Any) -> MovedReport:
    """A table of moves with the columns element, version, moved_at."""
    with clock.at(LATER):
        return moved.import_moves(
            actor=actor(the_auditor()),
            values={"file_format": "csv", "file_name": "moves.csv", "owner": night.manager,
                    **PERIOD, **values},
            text="\n".join(("element,version,moved_at", *lines)),
        )  # fmt: skip
