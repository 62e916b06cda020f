"""Issues that people raise inside a night."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.errors import Refused
from apps.releases.models import RunIssue
from apps.releases.services.run_issues import (
    edit_issue,
    raise_issue,
    reopen_issue,
    resolve_issue,
)
from tests.factories import actor, make_user
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night() -> Night:
    night = small_night()
    night.started()
    return night


def issue_in(night: Night, **values: Any) -> RunIssue:
    with night.at(20):
        return raise_issue(
            actor=actor(night.operator),
            values={"window": night.window, "title": "Sort work is short", **values},
        )


def test_the_coordinator_sees_to_what_nobody_was_given(night: Night) -> None:
    issue = issue_in(night)
    assert (issue.owner, issue.raised_by, issue.state) == (
        night.coordinator, night.operator, "open",
    )  # fmt: skip


def test_an_issue_is_given_away_resolved_and_opened_again(night: Night) -> None:
    issue = issue_in(night, severity="stops")
    with night.at(30):
        edit_issue(pk=issue.pk, actor=actor(night.coordinator), values={"owner": night.operator})
        with pytest.raises(Refused):
            resolve_issue(pk=issue.pk, actor=actor(night.operator))
        done = resolve_issue(pk=issue.pk, actor=actor(night.operator), comment="More work files.")
        assert (done.state, done.resolution) == ("resolved", "More work files.")
        with pytest.raises(Refused) as refused:
            edit_issue(pk=issue.pk, actor=actor(night.operator), values={"title": "Other"})
        assert refused.value.status == 409
        again = reopen_issue(pk=issue.pk, actor=actor(night.manager), comment="It came back.")
    assert (again.state, again.resolution, again.resolved_at) == ("open", "", None)


def test_what_is_wrong_with_an_issue_is_told_at_its_field(night: Night) -> None:
    with pytest.raises(Refused) as refused:
        issue_in(night, title="", severity="awful")
    assert {blocker.field for blocker in refused.value.blockers} == {"title", "severity"}


def test_who_only_looks_raises_nothing_and_nobody_raises_in_a_night_to_come() -> None:
    night = small_night()
    night.planned()
    with pytest.raises(Refused) as refused:
        issue_in(night)
    assert [blocker.field for blocker in refused.value.blockers] == ["window"]
    with pytest.raises(Refused) as refused:
        raise_issue(actor=actor(make_user("reader", "viewer")), values={"window": night.window})
    assert refused.value.status == 403
