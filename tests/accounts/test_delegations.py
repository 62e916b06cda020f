"""Deciding for the holder of a role: what can be delegated, to whom, and what it gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Delegation, RoleGrant, User
from apps.accounts.selectors import actor_for, authorities_of
from apps.accounts.services.delegations import delegate_role, revoke_delegation
from apps.accounts.services.people import edit_user, end_role, grant_role
from apps.core import clock
from apps.core.actor import RoleHeld
from apps.core.errors import Refused
from tests.changes.test_races import at_once
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now, refused, refused_by_database

pytestmark = pytest.mark.django_db
CARD = "application:CARD"


@pytest.fixture
def owner(db: None) -> User:
    return make_user("owner", f"application_owner@{CARD}")


@pytest.fixture
def deputy(db: None) -> User:
    return make_user("deputy", "developer")


def give(owner: User, deputy: User, **more: Any) -> Delegation:
    call: dict[str, Any] = {
        "role": "application_owner",
        "ends_at": clock.now() + timedelta(days=10),
        "reason": "Holidays",
    }
    return delegate_role(actor=actor(owner), delegate=deputy, **(call | more))


def test_the_delegate_acts_by_the_right_of_the_delegator(owner: User, deputy: User) -> None:
    given = give(owner, deputy)
    commit_now()
    right = next(a for a in authorities_of(deputy.pk) if a.principal)
    grant = RoleGrant.objects.get(user=owner)
    assert right.held == RoleHeld("application_owner", CARD)
    assert (right.principal, right.grant, right.since) == (
        owner.pk, grant.subject, grant.granted_at,
    )  # fmt: skip
    assert (right.delegation, right.until) == (given.subject, given.ends_at)
    assert not actor_for(deputy).holds("application_owner")


@pytest.mark.parametrize("days", [-1, 11])
def test_it_gives_nothing_before_and_after_its_time(owner: User, deputy: User, days: int) -> None:
    give(owner, deputy)
    with clock.at(clock.now() + timedelta(days=days)):
        assert not [a for a in authorities_of(deputy.pk) if a.principal]


def test_it_ends_with_the_grant_it_rests_on(owner: User, deputy: User) -> None:
    give(owner, deputy)
    end_role(pk=RoleGrant.objects.get(user=owner).pk, actor=SETUP, comment="Left the team.")
    assert not [a for a in authorities_of(deputy.pk) if a.principal]


def test_it_ends_when_either_is_deactivated(owner: User, deputy: User) -> None:
    give(owner, deputy)
    edit_user(pk=owner.pk, actor=SETUP, values={"is_active": False}, comment="Left.")
    assert not [a for a in authorities_of(deputy.pk) if a.principal]


@pytest.mark.parametrize("who", ["owner", "deputy", "keeper"])
def test_it_is_revoked_by_who_gave_or_got_it_or_keeps_people(
    owner: User, deputy: User, who: str
) -> None:
    make_user("keeper", "site_admin")
    given = give(owner, deputy)
    person = User.objects.get(username=who)
    revoke_delegation(pk=given.pk, actor=actor(person), comment="Back again.")
    commit_now()
    assert not [a for a in authorities_of(deputy.pk) if a.principal]


def test_nobody_else_revokes_it_and_nobody_twice(owner: User, deputy: User) -> None:
    given = give(owner, deputy)
    with refused("role_missing"):
        revoke_delegation(pk=given.pk, actor=actor(make_user("other")), comment="Mine now.")
    revoke_delegation(pk=given.pk, actor=actor(owner), comment="Back again.")
    with refused("ended"):
        revoke_delegation(pk=given.pk, actor=actor(owner), comment="Back again.")


def test_what_was_delegated_is_not_delegated_on(owner: User, deputy: User) -> None:
    give(owner, deputy)
    lead = make_user("deputy", "technical_lead@family:db2")
    with refused("not_yours"):
        give(lead, make_user("third"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"role": "cab_member"}, "not_yours"),
        ({"scope": "application:AUTH"}, "not_yours"),
        ({"scope": "everything!"}, "invalid"),
        ({"reason": " "}, "required"),
        ({"ends_at": clock.now() - timedelta(minutes=1)}, "invalid"),
        ({"ends_at": clock.now() + timedelta(days=61)}, "invalid"),
        ({"starts_at": clock.now() + timedelta(days=11)}, "invalid"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused(
    owner: User, deputy: User, more: dict[str, Any], code: str
) -> None:
    with refused() as caught:
        give(owner, deputy, **more)
    assert code in {blocker.code for blocker in caught.value.blockers}  # type: ignore[attr-defined]
    assert not Delegation.objects.exists()


def test_nobody_delegates_to_themselves(owner: User, deputy: User) -> None:
    with refused("own_delegation"):
        give(owner, owner)
    given = give(owner, deputy)
    with refused_by_database("accounts_nobody_delegates_to_self|without its evidence"):
        Delegation.objects.filter(pk=given.pk).update(delegate=owner)


def test_a_service_account_decides_for_nobody(owner: User) -> None:
    with refused("not_a_person"):
        give(owner, make_user("svc.build", kind=User.Kind.SERVICE))


def test_duties_that_one_person_may_not_hold_do_not_meet_by_delegation() -> None:
    member = make_user("member", "cab_member")
    coordinator = make_user("coordinator", "release_coordinator")
    with refused("duties_combined"):
        give(member, coordinator, role="cab_member")


@pytest.mark.parametrize("role", ["release_coordinator", "auditor", "site_admin"])
@pytest.mark.parametrize("starts_in", [timedelta(), timedelta(days=5)])
def test_nor_by_a_grant_to_somebody_who_acts_for_another(role: str, starts_in: timedelta) -> None:
    member, deputy = make_user("member", "cab_member"), make_user("deputy")
    give(member, deputy, role="cab_member", starts_at=clock.now() + starts_in)
    with refused("duties_combined"):
        grant_role(actor=SETUP, user=deputy, role=role)


def test_a_grant_follows_a_delegation_that_was_revoked() -> None:
    member, deputy = make_user("member", "cab_member"), make_user("deputy")
    given = give(member, deputy, role="cab_member")
    revoke_delegation(pk=given.pk, actor=actor(member), comment="Back again.")
    grant_role(actor=SETUP, user=deputy, role="release_coordinator")
    commit_now()
    assert actor_for(deputy).holds("release_coordinator")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(3))
def test_a_grant_and_a_delegation_at_once_do_not_combine_duties(round_number: int) -> None:
    member, deputy = make_user("member", "cab_member"), make_user("deputy")
    results = at_once(
        lambda: give(member, deputy, role="cab_member"),
        lambda: grant_role(actor=SETUP, user=deputy, role="release_coordinator"),
    )
    lost = [result for result in results if isinstance(result, Refused)]
    assert [blocker.code for refusal in lost for blocker in refusal.blockers] == ["duties_combined"]


def test_who_holds_nothing_that_decides_delegates_nothing(deputy: User) -> None:
    with refused("role_missing", "not_yours"):
        give(deputy, make_user("third"))


def test_the_form_names_field_and_remedy(owner: User, deputy: User) -> None:
    client = Client()
    client.force_login(owner)
    address = reverse("admin:accounts_delegation_add")
    empty = client.post(address, {})
    assert empty.context["adminform"].form.errors["delegate"] == [
        "The delegate is missing. Enter a delegate."
    ]
    turned = client.post(address, {
        "delegate": deputy.pk, "role": "application_owner", "scope": CARD, "reason": "Holidays",
        "starts_at": "2026-12-02T10:00", "ends_at": "2026-12-01T10:00",
    })  # fmt: skip
    assert turned.status_code == 400
    assert "It would end before it begins" in turned.text
    assert "Constraint" not in turned.text
