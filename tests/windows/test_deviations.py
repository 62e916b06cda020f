"""Deviations from the calendar: who asks, who signs, and what one lets pass."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.approvals.models import Approval
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.portal.work import approvals
from apps.windows.domain import deviation as life
from apps.windows.models import ReleaseWindow, WindowDeviation
from apps.windows.moves import DEVIATION_MOVES
from apps.windows.policies import expire_blockers
from apps.windows.services import deviations, night, planning
from tests.factories import actor, make_user
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import (
    BEFORE,
    OPENS,
    Planners,
    as_door,
    draft_window,
    make_rule,
    planners,
)

pytestmark = pytest.mark.django_db
REASON = "The regulator's deadline is Monday; the change was rehearsed twice, Sunday is free."


@pytest.fixture
def people() -> Planners:
    return planners()


@pytest.fixture
def chair(people: Planners) -> User:
    with clock.at(BEFORE - timedelta(days=1)):
        return make_user("board.chair", "cab_chair")


@pytest.fixture
def window(people: Planners) -> ReleaseWindow:
    make_rule("FRZ", people)
    return draft_window(people)


def asked(people: Planners, about: ReleaseWindow, **more: Any) -> WindowDeviation:
    rule = about.site.calendar_rules.first()
    with clock.at(BEFORE):
        return deviations.request_deviation(
            actor=people.actors["release_coordinator"],
            values={"rule": rule, "window": about, "reason": REASON, **more},
        )


def sign(deviation: WindowDeviation, *signers: User, verdict: str = "approve") -> WindowDeviation:
    for signer in signers:
        deviation = fresh(deviation)
        with clock.at(BEFORE):
            getattr(deviations, f"{verdict}_deviation")(
                pk=deviation.pk, actor=actor(signer), expected_seq=deviation.evidence_seq,
                comment="Agreed.",
            )  # fmt: skip
    return fresh(deviation)


def fresh(deviation: WindowDeviation) -> WindowDeviation:
    return WindowDeviation.objects.select_related("rule", "window").get(pk=deviation.pk)


def open_it(people: Planners, window: ReleaseWindow) -> ReleaseWindow:
    with clock.at(BEFORE):
        return planning.open_window(pk=window.pk, actor=people.actors["release_manager"])


def test_a_window_is_drafted_in_a_freeze_and_does_not_open(
    people: Planners, window: ReleaseWindow
) -> None:
    with refused("closed_calendar") as caught:
        open_it(people, window)
    (blocker,) = caught.value.blockers  # type: ignore[attr-defined]
    assert blocker.text == (
        "Autumn freeze (FRZ) does not let the window pass, from 2026-11-19 00:00 to "
        "2026-11-24 00:00: The shops are full."
    )
    assert blocker.fix == "Choose another window, or ask for a deviation."
    assert blocker.details["rule"] == "FRZ"


def test_a_signature_on_a_version_nobody_named_is_refused(
    people: Planners, window: ReleaseWindow
) -> None:
    with clock.at(BEFORE), refused("version_needed"):
        deviations.approve_deviation(
            pk=asked(people, window).pk, actor=people.actors["release_manager"]
        )


def test_a_signature_on_other_content_is_refused(people: Planners, window: ReleaseWindow) -> None:
    deviation = asked(people, window)
    with clock.at(BEFORE), refused("old_content") as caught:
        deviations.approve_deviation(
            pk=deviation.pk, actor=people.actors["release_manager"],
            expected_seq=deviation.evidence_seq, content_digest="0" * 64,
        )  # fmt: skip
    assert caught.value.kind == "stale"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "more",
    [{"strength": "approval"}, {"strength": "advisory"}, {"dates": ["2026-11-23"]},
     {"families": ["db2"]}, {"is_active": False}],
)  # fmt: skip
def test_what_does_not_stop_it_lets_it_open(people: Planners, more: dict[str, Any]) -> None:
    make_rule("FRZ", people, **more)
    assert open_it(people, draft_window(people)).state == "open"


def test_two_people_approve_a_deviation_and_the_window_opens(
    people: Planners, chair: User, window: ReleaseWindow
) -> None:
    deviation = asked(people, window)
    assert sign(deviation, people.manager).state == "requested"
    assert sign(deviation, chair).state == "approved"
    commit_now()
    assert open_it(people, window).state == "open"
    told = EvidenceEntry.objects.filter(about=window.subject).values_list("action", flat=True)
    assert [a for a in told if a.startswith("window_deviation")] == [
        "window_deviation.approved", "window_deviation.signed", "window_deviation.requested",
    ]  # fmt: skip


def test_a_deviation_waits_among_the_approvals_of_its_signers(
    people: Planners, chair: User, window: ReleaseWindow
) -> None:
    asked(people, window)
    for signer, slot in ((people.manager, "Release manager"), (chair, "Chair of the board")):
        (waiting,) = approvals(actor(signer))
        assert (waiting.code, waiting.title, waiting.slot) == (
            "W-2611", "in Autumn freeze", slot,
        )  # fmt: skip
    assert approvals(people.actors["release_coordinator"]) == []


def test_one_person_with_both_roles_signs_once(people: Planners, window: ReleaseWindow) -> None:
    with clock.at(BEFORE - timedelta(days=1)):
        both = make_user("both", "release_manager", "cab_chair")
    deviation = sign(asked(people, window), both)
    with refused("second_person"):
        sign(deviation, both)


def test_who_asked_does_not_sign(people: Planners, window: ReleaseWindow) -> None:
    with clock.at(BEFORE):
        deviation = deviations.request_deviation(
            actor=people.actors["release_manager"],
            values={"rule": window.site.calendar_rules.first(), "window": window,
                    "reason": REASON},
        )  # fmt: skip
    with refused("separation_of_duties"):
        sign(deviation, people.manager)


def test_one_refusal_ends_it(people: Planners, chair: User, window: ReleaseWindow) -> None:
    deviation = sign(asked(people, window), chair, verdict="refuse")
    commit_now()
    assert deviation.state == "refused" and deviation.decided_at is not None
    slots = Approval.objects.filter(about=deviation.subject).values_list("state", flat=True)
    assert sorted(slots) == ["rejected", "withdrawn"]
    with refused("closed_calendar"):
        open_it(people, window)


def test_a_deviation_covers_the_time_that_was_signed_only(
    people: Planners, chair: User, window: ReleaseWindow
) -> None:
    sign(asked(people, window), people.manager, chair)
    with clock.at(BEFORE):
        planning.edit_window(
            pk=window.pk, actor=people.actors["release_coordinator"],
            values={"closes_at": window.closes_at + timedelta(hours=4)},
        )  # fmt: skip
    with refused("closed_calendar"):
        open_it(people, window)


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"reason": "Please."}, "invalid", "reason"),
        ({"rule": None}, "invalid", "rule"),
        ({"window": None}, "invalid", "window"),
    ],
)
def test_a_bad_field_is_named(
    people: Planners, window: ReleaseWindow, more: dict[str, Any], code: str, field: str
) -> None:
    with refused(code) as caught:
        asked(people, window, **more)
    assert field in {b.field for b in caught.value.blockers}  # type: ignore[attr-defined]


def test_only_what_is_stopped_asks_and_asks_once(people: Planners, window: ReleaseWindow) -> None:
    later = make_rule("LATER", people, dates=["2026-12-24"])
    with refused("not_needed"):
        asked(people, window, rule=later)
    asked(people, window)
    with refused("asked_already"):
        asked(people, window)


def test_a_used_deviation_is_told_when_the_night_begins(people: Planners, chair: User) -> None:
    make_rule("FRZ", people)
    window = draft_window(people)
    deviation = sign(asked(people, window), people.manager, chair)
    open_it(people, window)
    with clock.at(BEFORE):
        planning.lock_scope(pk=window.pk, actor=people.actors["release_manager"])
    with clock.at(OPENS):
        as_door(night.start)(pk=window.pk, actor=people.actors["release_manager"])
    commit_now()
    deviation = fresh(deviation)
    assert deviation.state == "used" and deviation.used_at == OPENS


def test_what_nobody_used_expires_when_its_time_is_over(
    people: Planners, chair: User, window: ReleaseWindow
) -> None:
    deviation = asked(people, window)
    with clock.at(OPENS):
        assert deviations.expire_due_deviations() == 0
        (blocker,) = expire_blockers(fresh(deviation))
    assert blocker.fix == "Wait until 2026-11-22 06:00; the portal then ends it."
    with clock.at(window.closes_at):
        assert deviations.expire_due_deviations() == 1
    commit_now()
    deviation = fresh(deviation)
    assert deviation.state == "expired"
    with clock.at(window.closes_at), refused("wrong_state", "over"):
        deviations.approve_deviation(
            pk=deviation.pk, actor=actor(chair), expected_seq=deviation.evidence_seq
        )


def test_no_side_door_approves_a_deviation(people: Planners, window: ReleaseWindow) -> None:
    deviation = asked(people, window)
    commit_now()
    with refused_by_database():
        WindowDeviation.objects.filter(pk=deviation.pk).update(state="approved")


def test_the_moves_and_the_database_know_every_transition() -> None:
    declared = {t.name for t in WindowDeviation().get_all_state_transitions()}
    assert declared == set(life.SOURCES) == set(life.TARGETS)
    assert {move.name for move in DEVIATION_MOVES} == {"approve", "refuse"}
    guards = import_module("apps.windows.migrations.0002_guards")
    assert sorted(guards.WINDOW_DEVIATION_MOVES) == sorted(life.PAIRS)


@pytest.mark.parametrize("state", [state for state, _ in life.STATES])
def test_a_deviation_is_decided_once_and_by_its_signers_only(
    people: Planners, chair: User, window: ReleaseWindow, state: str
) -> None:
    deviation = asked(people, window)
    if state in ("approved", "used"):
        sign(deviation, people.manager, chair)
    if state == "used":
        as_door(deviations.use_deviations)(about=window.subject, actor=actor(chair))
    if state == "refused":
        sign(deviation, chair, verdict="refuse")
    if state == "expired":
        with clock.at(window.closes_at):
            deviations.expire_due_deviations()
    deviation = fresh(deviation)
    assert deviation.state == state
    for move in DEVIATION_MOVES:
        for who in (actor(people.manager), people.actors["stranger"]):
            with clock.at(BEFORE):
                kinds = {blocker.kind for blocker in move.blockers(who, deviation)}
            assert ("state" in kinds) == (state != "requested")
            if state == "requested":
                assert ("permission" in kinds) == (who.id == people.stranger.pk)


def test_a_coordinator_asks_on_the_page_and_the_chair_reads_it(
    people: Planners, chair: User, window: ReleaseWindow
) -> None:
    client = Client()
    client.force_login(people.coordinator)
    rule = window.site.calendar_rules.get()
    with clock.at(BEFORE):
        response = client.post(
            "/admin/windows/windowdeviation/add/",
            {"window": str(window.pk), "rule": str(rule.pk), "reason": REASON},
        )
        assert response.status_code == 302
        deviation = WindowDeviation.objects.get()
        client.force_login(chair)
        page = client.get(f"/admin/windows/windowdeviation/{deviation.pk}/change/")
        assert client.get("/admin/windows/windowdeviation/").status_code == 200
    assert "Chair of the board" in page.content.decode()
