"""A release as it stood at a moment, read from what was kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.domain.travel import Item, Picture, difference
from apps.audit.selectors.moments import asked, moments_of
from apps.audit.selectors.release_then import pictures
from apps.core import clock
from apps.evidence.domain.canonical import digest
from apps.evidence.models import EvidenceEntry, PartVersion
from apps.evidence.selectors import body_of
from apps.gates.models import GateTurn
from tests.audit.past import (
    AFTER,
    CONFIRMED,
    DRAFTED,
    EDITED,
    PLANNED,
    RUN,
    STARTED,
    Past,
    a_package_with_a_past,
)
from tests.support import refused, refused_by_database

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def by_name(picture: Picture, part: str) -> dict[str, Item]:
    return {item.name.split(" ")[0]: item for item in picture.of(part)}


def test_the_past_of_a_package_is_told_as_it_was() -> None:
    past = a_package_with_a_past()

    drafted, planned, running = pictures(past.package, DRAFTED, PLANNED, RUN)

    states = [p.of("package")[0].values["state"] for p in (drafted, planned, running)]
    assert states == ["draft", "planned", "in_progress"]
    assert [len(p.of("members")) for p in (drafted, planned, running)] == [6, 6, 6]
    assert {m.values["state"] for m in planned.of("members")} == {"scheduled"}
    assert {m.values["state"] for m in running.of("members")} == {"implementing"}
    assert planned.of("schedule")[0].values["state"] == "locked"
    assert running.of("schedule")[0].values["state"] == "in_progress"
    assert drafted.of("readiness") == ()
    assert by_name(running, "readiness")["G01"].values["state"] == "met"
    assert by_name(planned, "steps")["A3"].values["duration_minutes"] == 10
    a1 = by_name(running, "steps")["A1"].values
    assert (a1["state"], a1["done_by"], a1["ended_at"]) == (
        "completed", str(past.night.operator), RUN - SECOND * 60)  # fmt: skip
    assert by_name(running, "steps")["A2"].values["after"] == ("A1",)
    assert any("approved" in words for s in planned.of("approvals") for words in s.values["signed"])
    assert by_name(planned, "checks")["V1"].values["state"] == "planned"
    assert planned.of("backout")[0].values["state"] == "approved"

    found = {each.part.code: each for each in difference(planned.items, running.items)}
    steps = {c.item.name[:2]: [x.field.name for x in c.changes] for c in found["steps"].changed}
    assert "duration_minutes" in steps["A3"]
    assert "state" in steps["A1"]
    assert "approvals" not in found
    assert {m.values["execution"] != () for m in planned.of("members")} == {True}

    window_before, window_then = pictures(past.package.window, DRAFTED - SECOND, RUN)
    assert window_before.of("package") == ()
    assert [item.name for item in window_then.of("package")] == [past.package.code]
    assert {item.place for item in window_then.of("steps")} == {past.package.code}

    with clock.at(AFTER):
        known = {moment.code: moment.at for moment in moments_of(past.package)}
    assert (known["created"], known["agreed"], known["confirmed"], known["started"]) == (
        DRAFTED, PLANNED, CONFIRMED, STARTED)  # fmt: skip
    assert "locked" in known

    _what_is_kept_proves_and_stays(past)


def _what_is_kept_proves_and_stays(past: Past) -> None:
    """The list of members is too long for its entry, which holds the hash of what is kept."""
    kept = PartVersion.objects.get(subject=past.package.subject, part="members", seq=1)
    told = body_of(EvidenceEntry.objects.get(subject=past.package.subject, seq=1))
    (change,) = [each for each in told["diff"] if each["field"] == "members"]
    assert change["new_sha256"] == digest(kept.rows)
    for row in (kept, GateTurn.objects.first()):
        with refused_by_database("permission denied"):
            type(row).objects.filter(pk=row.pk).update(at=AFTER)
        with refused_by_database("permission denied"):
            row.delete()


def test_its_queries_are_the_same_whatever_a_release_holds() -> None:
    def count(package: Any) -> int:
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            clock.at(AFTER),
        ):
            pictures(package, PLANNED, RUN)
            moments_of(package)
        return len(queries)

    past = a_package_with_a_past()
    with_six = count(past.package)
    one = past.night.drafted(name="Another")
    with clock.at(AFTER):
        assert count(one) <= with_six
    assert count(past.package.window) <= with_six <= 62


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", {"too_early"}),
        ("2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z", {"future"}),
        ("2026-11-21T10:00", "yesterday", {"no_zone", "invalid"}),
        ("", "0001-01-01T00:00:00+14:00", {"invalid"}),
    ],
)
def test_a_moment_that_cannot_be_looked_at_is_refused(
    first: str, second: str, codes: set[str]
) -> None:
    class Place:
        code = "RP-1"
        created_at = datetime.fromisoformat("2026-03-01T00:00:00Z")

    with clock.at(AFTER), refused(*codes):
        asked(Place(), from_=first, to=second)  # type: ignore[arg-type]


def test_the_second_moment_is_not_before_the_first() -> None:
    class Place:
        code = "RP-1"
        created_at = DRAFTED

    told = {"from_": EDITED.isoformat(), "to": PLANNED.isoformat()}
    with clock.at(AFTER), refused("from_after_to"):
        asked(Place(), **told)  # type: ignore[arg-type]
    with clock.at(AFTER):
        found = asked(Place(), from_=told["to"], to=told["from_"].replace("+", " "))  # type: ignore[arg-type]
    assert found == {"from_": PLANNED, "to": EDITED}
