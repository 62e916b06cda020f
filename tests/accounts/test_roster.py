"""Who of a team is on shift when: what a roster says, and what may be entered in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roster import Roster, Shift
from apps.accounts.models import TeamShift, User
from apps.accounts.selectors import AUTH_AT_KEY, on_shift_now, roster_of
from apps.accounts.services.roster import cancel_shift, change_shift, enter_shift
from apps.core import clock
from tests.factories import SETUP, actor, make_team, make_user
from tests.support import commit_now, refused, refused_by_database

HOUR = timedelta(hours=1)
NIGHT = datetime(2030, 6, 1, 20, 0, tzinfo=UTC)
OPS, ANNA, BERT, CLEO = (UUID(int=number) for number in range(1, 5))


def shift(person: UUID, first: float, last: float, role: str = "primary") -> Shift:
    return Shift(OPS, person, str(person)[-1], NIGHT + first * HOUR, NIGHT + last * HOUR, role)


def roster(*shifts: Shift) -> Roster:
    return Roster({OPS: shifts}, frozenset({OPS}))


def at(hours: float) -> datetime:
    return NIGHT + hours * HOUR


class TestRoster:
    def test_a_shift_begins_with_its_first_moment_and_is_over_at_its_end(self) -> None:
        told = roster(shift(ANNA, 0, 4))
        assert [len(told.on_shift(OPS, at(hour))) for hour in (-1, 0, 3.9, 4)] == [0, 1, 1, 0]

    def test_primaries_are_told_first(self) -> None:
        told = roster(shift(ANNA, 0, 4, "deputy"), shift(BERT, 0, 4))
        assert [each.person for each in told.on_shift(OPS, at(1))] == [BERT, ANNA]
        assert [each.person for each in told.primaries(OPS, at(1))] == [BERT]

    @pytest.mark.parametrize(
        ("first", "last", "covered"),
        [(0, 4, True), (3, 5, True), (-0.5, 1, False), (7, 8.5, False), (0, 8, True)],
    )
    def test_people_cover_a_span_one_after_the_other(
        self, first: float, last: float, covered: bool
    ) -> None:
        told = roster(shift(BERT, 4, 8), shift(ANNA, 0, 4))
        assert told.covers(OPS, {ANNA, BERT}, at(first), at(last)) is covered

    def test_whoever_else_is_there_does_not_count(self) -> None:
        assert not roster(shift(CLEO, 0, 8)).covers(OPS, {ANNA, BERT}, at(1), at(2))

    def test_a_gap_between_two_shifts_is_a_gap(self) -> None:
        told = roster(shift(ANNA, 0, 4), shift(ANNA, 4.5, 8))
        assert not told.covers(OPS, {ANNA}, at(3), at(5))

    @pytest.mark.parametrize(
        ("shifts", "hours"),
        [
            ([], 0),
            ([shift(ANNA, -2, 9)], 8),
            ([shift(ANNA, 0, 8), shift(BERT, 2, 4)], 10),
            ([shift(ANNA, 0, 8), shift(BERT, 0, 8, "deputy")], 8),
            ([shift(ANNA, 0, 4), shift(BERT, 2, 6, "deputy"), shift(CLEO, 2, 6, "deputy")], 6),
        ],
    )
    def test_a_deputy_gives_hours_only_where_no_primary_is(
        self, shifts: list[Shift], hours: int
    ) -> None:
        assert roster(*shifts).minutes(OPS, at(0), at(8)) == hours * 60


@pytest.fixture
def anna(db: None) -> User:
    return make_user("anna", teams=["OPS"])


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("keeper", "release_coordinator")


def enter(keeper: User, person: User, first: float = 0, last: float = 8, **more: Any) -> TeamShift:
    values = {"team": make_team("OPS"), "person": person, "starts_at": at(first),
              "ends_at": at(last)}  # fmt: skip
    return enter_shift(actor=actor(keeper), values=values | more)


def test_a_shift_is_entered_changed_and_cancelled(keeper: User, anna: User) -> None:
    team = make_team("OPS")
    found = enter(keeper, anna, phone="+31 20 555 01")
    change_shift(pk=found.pk, actor=actor(keeper), values={"ends_at": at(6), "role": "deputy"})
    commit_now()
    with clock.at(at(5)):
        assert [(one.person, one.role, one.phone) for one in on_shift_now(team.pk)] == [
            (anna.pk, "deputy", "+31 20 555 01")
        ]
    cancel_shift(pk=found.pk, actor=actor(keeper), comment="Anna is ill.")
    commit_now()
    told = roster_of([team.pk], at(0), at(8))
    assert (told.keeps(team.pk), told.on_shift(team.pk, at(5))) == (False, ())


def test_a_team_keeps_a_roster_while_its_last_shift_is_not_long_ago(
    keeper: User, anna: User
) -> None:
    enter(keeper, anna)
    team = make_team("OPS").pk
    kept = [
        roster_of([team], NIGHT + timedelta(days=days), NIGHT + timedelta(days=days + 1))
        for days in (30, 91)
    ]
    assert [told.keeps(team) for told in kept] == [True, False]
    assert not any(told.shifts for told in kept)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"ends_at": at(0)}, "ends_before_start", "ends_at"),
        ({"ends_at": at(24.1)}, "too_long", "ends_at"),
        ({"starts_at": at(-100_000), "ends_at": at(-99_999)}, "ended", "ends_at"),
        ({"starts_at": at(7.5), "ends_at": at(9)}, "overlap", "starts_at"),
    ],
)
def test_what_is_wrong_with_a_shift_is_told_at_its_field(
    keeper: User, anna: User, values: dict[str, Any], code: str, field: str
) -> None:
    enter(keeper, anna)
    with refused(*({code, "overlap"} if code == "too_long" else {code})) as caught:
        enter(keeper, anna, **values)
    wrong = next(each for each in caught.value.blockers if each.code == code)
    assert wrong.field == field
    assert wrong.fix


def test_only_people_of_the_team_are_on_shift_for_it(keeper: User, anna: User) -> None:
    with refused("not_in_team"):
        enter(keeper, make_user("bert"))
    with refused("not_a_person"):
        enter(keeper, make_user("robot", kind="service", teams=["OPS"]))


def test_a_shift_may_follow_another_and_run_beside_that_of_another_team(
    keeper: User, anna: User
) -> None:
    enter(keeper, anna)
    enter(keeper, anna, 8, 10)
    make_user("anna", teams=["DBA"])
    enter(keeper, anna, team=make_team("DBA"))
    assert TeamShift.objects.count() == 3


def test_only_who_keeps_rosters_enters_shifts(anna: User) -> None:
    with refused("role_missing"):
        enter(anna, anna)


def test_what_is_over_stays_as_it_was(keeper: User, anna: User) -> None:
    found = enter(keeper, anna)
    with clock.at(at(9)), refused("ended"):
        cancel_shift(pk=found.pk, actor=SETUP, comment="Too late.")
    cancel_shift(pk=found.pk, actor=SETUP, comment="Anna is ill.")
    with refused("cancelled"):
        change_shift(pk=found.pk, actor=SETUP, values={"ends_at": at(6)})


def test_the_database_keeps_nobody_on_shift_twice(keeper: User, anna: User) -> None:
    found = enter(keeper, anna)
    with refused_by_database("accounts_shift_of_a_person_once"):
        TeamShift.objects.create(
            team=found.team, person=anna, starts_at=at(1), ends_at=at(2), evidence_head=b"",
            created_at=NIGHT, changed_at=NIGHT,
        )  # fmt: skip


def test_a_console_form_tells_what_is_wrong_with_a_shift_at_its_field(
    keeper: User, anna: User, client: Client
) -> None:
    enter(keeper, anna)
    client.force_login(keeper)
    session = client.session
    session[AUTH_AT_KEY] = clock.now().isoformat()
    session.save()
    answer = client.post(
        reverse("admin:accounts_teamshift_add"),
        {"team": make_team("OPS").pk, "person": anna.pk, "role": "primary",
         "starts_at": "2030-06-02T00:00", "ends_at": "2030-06-02T01:00"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert "Enter a time beside it" in answer.content.decode()
