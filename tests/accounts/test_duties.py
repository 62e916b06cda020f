"""Which duties one person may not combine: as pure tables, and at the grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.accounts.domain.authority import DELEGABLE
from apps.accounts.domain.duties import Duty, Part, Parts, conflicts
from apps.accounts.domain.roles import READ_ONLY_ROLES, ROLE_CODES, forbidden_combinations
from apps.accounts.models import RoleGrant, User
from apps.accounts.selectors import actor_for
from apps.accounts.services.people import create_user, edit_user, end_role, grant_role
from apps.core import clock
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now, refused, refused_by_database

PART_FIELD: dict[Part, str] = {
    "requester": "requesters",
    "author": "authors",
    "approver": "approvers",
    "implementer": "implementers",
    "owner": "owners",
}


@pytest.mark.parametrize(
    ("duty", "part", "free"),
    [
        ("approve", "requester", False),
        ("approve", "author", False),
        ("approve", "approver", True),
        ("approve", "implementer", False),
        ("approve", "owner", True),
        ("implement", "requester", True),
        ("implement", "author", True),
        ("implement", "approver", False),
        ("implement", "implementer", True),
        ("implement", "owner", True),
        ("verify", "requester", True),
        ("verify", "author", True),
        ("verify", "approver", True),
        ("verify", "implementer", False),
        ("validate", "requester", True),
        ("validate", "author", True),
        ("validate", "approver", True),
        ("validate", "implementer", False),
    ],
)
def test_a_duty_excludes_who_has_a_part(duty: Duty, part: Part, free: bool) -> None:
    parts = Parts(**{PART_FIELD[part]: frozenset({"me"})})  # type: ignore[arg-type]
    assert (conflicts(duty, "me", parts) == ()) is free
    assert conflicts(duty, "somebody else", parts) == ()


@pytest.mark.parametrize("role", sorted(ROLE_CODES - READ_ONLY_ROLES))
def test_an_auditor_holds_no_role_that_writes(role: str) -> None:
    assert list(forbidden_combinations(["auditor", role]))


@pytest.mark.parametrize("role", sorted({*DELEGABLE, "change_manager"}))
def test_who_keeps_accounts_decides_nothing(role: str) -> None:
    assert list(forbidden_combinations(["site_admin", role]))


@pytest.mark.parametrize(
    "roles",
    [
        ("developer", "requester"),
        ("release_manager", "application_owner"),
        ("implementer", "technical_lead"),
        ("cab_chair", "change_manager"),
        ("auditor", "viewer"),
    ],
)
def test_duties_that_one_person_may_combine(roles: tuple[str, str]) -> None:
    assert not list(forbidden_combinations(roles))


@pytest.mark.django_db
class TestGrants:
    def test_a_grant_that_combines_duties_is_refused(self) -> None:
        user = make_user("carla", "release_coordinator")
        with refused("duties_combined"):
            grant_role(actor=SETUP, user=user, role="cab_member")

    def test_nobody_grants_to_themselves(self) -> None:
        admin = make_user("admin", "site_admin")
        with refused("own_role"):
            grant_role(actor=actor(admin), user=admin, role="developer")

    def test_the_database_knows_that_too(self) -> None:
        admin = make_user("admin", "site_admin")
        with refused_by_database("accounts_nobody_grants_to_self"):
            RoleGrant.objects.create(
                user=admin, role="developer", granted_by=admin, granted_at=clock.now(),
                created_at=clock.now(), changed_at=clock.now(), evidence_head=b"x",
            )  # fmt: skip

    def test_only_a_site_administrator_grants(self) -> None:
        user, other = make_user("one", "cab_chair"), make_user("two")
        with refused("role_missing"):
            grant_role(actor=actor(user), user=other, role="developer")

    def test_a_service_account_never_gets_a_role_that_decides(self) -> None:
        robot = make_user("svc.build", kind=User.Kind.SERVICE)
        with refused("service_account"):
            grant_role(actor=SETUP, user=robot, role="application_owner")

    def test_a_scope_of_the_wrong_form_is_named(self) -> None:
        with refused("invalid") as caught:
            grant_role(actor=SETUP, user=make_user("one"), role="developer", scope="everything!")
        assert caught.value.blockers[0].field == "scope"  # type: ignore[attr-defined]

    def test_an_ended_role_is_no_longer_held(self) -> None:
        user = make_user("one", "developer")
        end_role(pk=RoleGrant.objects.get(user=user).pk, actor=SETUP, comment="Left the team.")
        commit_now()
        assert not actor_for(user).holds("developer")
        assert not user.groups.exists()

    def test_a_role_for_a_time_is_ended_before_its_time(self) -> None:
        user = make_user("one")
        until = clock.now() + timedelta(days=30)
        grant = grant_role(actor=SETUP, user=user, role="developer", until=until)
        end_role(pk=grant.pk, actor=SETUP, comment="Left the team.")
        commit_now()
        assert not actor_for(user).holds("developer")

    def test_a_role_ends_once(self) -> None:
        user = make_user("one", "developer")
        grant = RoleGrant.objects.get(user=user)
        end_role(pk=grant.pk, actor=SETUP, comment="Left the team.")
        with refused("ended"):
            end_role(pk=grant.pk, actor=SETUP, comment="Left the team.")

    def test_groups_follow_the_grants(self) -> None:
        user = make_user("one", "developer")
        assert list(user.groups.values_list("name", flat=True)) == ["developer"]

    def test_a_deactivated_person_holds_nothing(self) -> None:
        user = make_user("one", "developer")
        edit_user(pk=user.pk, actor=SETUP, values={"is_active": False}, comment="Left.")
        assert not actor_for(User.objects.get(pk=user.pk)).roles

    def test_a_weak_password_is_refused(self) -> None:
        with refused() as caught:
            create_user(actor=SETUP, username="one", password="secret")
        assert caught.value.blockers[0].field == "password"  # type: ignore[attr-defined]
