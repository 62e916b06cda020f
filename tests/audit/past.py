"""A package of a small night with a past, and the moments of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apps.accounts.models import User
from apps.core import clock
from apps.releases.models import ReleasePackage
from apps.releases.services import package
from apps.releases.services.activity_plan import edit_activity
from tests.factories import actor, make_user
from tests.releases.worlds import AS_IS, BEFORE, OPENS, Night, small_night

DRAFTED = BEFORE + timedelta(days=1)
PLANNED = DRAFTED + timedelta(days=1)
EDITED = PLANNED + timedelta(days=1)
CONFIRMED = EDITED + timedelta(days=1)
STARTED = OPENS + timedelta(minutes=5)
RUN = OPENS + timedelta(minutes=16)
#: Later than all of it.
AFTER = OPENS + timedelta(hours=5)


@dataclass
class Past:
    """A package that was drafted, planned, edited, confirmed and started, each on its day."""

    night: Night
    package: ReleasePackage
    auditor: User


def a_package_with_a_past() -> Past:
    night = small_night()
    # So many changes that an entry holds their list as a hash.
    found = night.drafted(changes=[night.change() for _ in range(6)])
    coordinator = actor(night.coordinator)
    with clock.at(PLANNED):
        package.plan(pk=found.pk, actor=coordinator)
    with clock.at(EDITED):
        step = night.steps(found)["A3"]
        edit_activity(pk=step.pk, actor=coordinator, values={"duration_minutes": 25},
                      comment="It took longer in the test.")  # fmt: skip
    with clock.at(CONFIRMED):
        package.confirm_ready(pk=found.pk, actor=coordinator, **AS_IS)
    night.acknowledge(found)
    night.start_window()
    with clock.at(STARTED):
        package.start(pk=found.pk, actor=coordinator)
    night.run(night.steps(found)["A1"], 10)
    with night.before():
        auditor = make_user("auditor", "auditor")
    return Past(night, ReleasePackage.objects.get(pk=found.pk), auditor)
