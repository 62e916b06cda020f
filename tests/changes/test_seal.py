"""The approval seal: what differs and who is asked again, as a table and through the doors."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.approvals.models import Approval, Decision
from apps.changes.domain.content import (
    FIELDS_IN_WORDS,
    OPTIONAL_FIELDS,
    ExecutionGroup,
    ScopeLine,
    differences,
    material,
)
from apps.changes.domain.policy import DELIVERED, PolicyInput, slots_for
from apps.changes.domain.seal import (
    GROUPS,
    ROW_CODES,
    Reopening,
    answering,
    concerned,
    differing,
    group_digests,
    points,
    reopening,
    rows_between,
    version_family,
)
from apps.changes.models import ChangeRequest
from apps.changes.selectors import differences_since, facts_of
from apps.changes.services import requests
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from tests.changes.worlds import SCOPE_LINE, Bank, approved, sign, small_bank, submitted
from tests.factories import actor, make_user
from tests.support import commit_now, once_a_module

OWNER, DB2, CICS, BOARD = "application_owner", "technical_lead:db2", "technical_lead:cics", "board"
MANAGER = "release_manager"

COPYBOOK = ScopeLine("copybook::CVACT01Y", "change", "01.14", "01.15", family="source")
TABLE = ScopeLine("db2_table:DBP1:CARD", "change", "01.03", "01.04", family="db2")
SCREEN = ScopeLine("cics_mapset::COACTVW", "change", "01.01", "01.02", family="cics")
SCOPE = (COPYBOOK, TABLE, SCREEN)

FIELDS: dict[str, Any] = {
    "title": "Account record",
    "change_type": "normal",
    "application": "CARD",
    "reason": "The regulator wants it.",
    "declared_risk": "high",
    "impact": "degraded",
    "downtime_minutes": 30,
    "irreversible": False,
    "implementation_summary": "Phase in.",
    "backout_summary": "Restore the members.",
    "validation_summary": "Smoke job and control totals.",
    "incident_ref": "",
}


def content(scope: tuple[ScopeLine, ...] = SCOPE, **fields: Any) -> dict[str, Any]:
    return material(FIELDS | fields, scope)


def edited(
    new: dict[str, Any],
    band: str = "high",
    old_band: str = "",
    old: dict[str, Any] | None = None,
) -> Reopening:
    """What the edit means for a change that is signed as the delivered policy asks."""
    before = old or content()
    old_band = old_band or band
    families = frozenset(line["family"] for line in new["scope"])

    def asked(band: str, *changed: str) -> Any:
        facts = PolicyInput(new["change_type"], band, "CARD", families, changed=frozenset(changed))
        return slots_for(DELIVERED, facts)

    was = frozenset(line["family"] for line in before["scope"])
    live = slots_for(DELIVERED, PolicyInput(before["change_type"], old_band, "CARD", was))
    rows = rows_between(before, new, old_band, band)
    return reopening(before, new, rows, band, live, asked(band, *rows), asked(band, *ROW_CODES))


def asks(found: Reopening) -> set[str]:
    return {spec.code for spec in found.ask}


ADDED = ScopeLine("db2_index:DBP1:XCARD", "new", "", "01.01", family="db2")


@pytest.mark.parametrize(
    ("new", "asked"),
    [
        pytest.param(content((*SCOPE, ADDED)), {OWNER, DB2, BOARD}, id="asset added"),
        pytest.param(content((COPYBOOK, replace(TABLE, action="convert"), SCREEN)),
                     {OWNER, DB2, BOARD}, id="another action"),
        pytest.param(content((COPYBOOK, replace(TABLE, to_version="02.01"), SCREEN)),
                     {OWNER, DB2, BOARD}, id="another version family"),
        pytest.param(content((replace(COPYBOOK, to_version="02.01"), TABLE, SCREEN)),
                     {OWNER, BOARD}, id="another version family, no lead answers for it"),
        pytest.param(content((COPYBOOK, replace(TABLE, to_version="01.05"), SCREEN)),
                     {DB2}, id="rebuilt in the same family"),
        pytest.param(content((COPYBOOK, replace(TABLE, scm_ref="a1b2"), SCREEN)),
                     {DB2}, id="rebuilt: another footprint"),
        pytest.param(content((replace(COPYBOOK, to_version="01.16"), TABLE, SCREEN)),
                     {OWNER}, id="rebuilt, no lead answers for it"),
        pytest.param(content((COPYBOOK, SCREEN)), {OWNER}, id="asset removed"),
        pytest.param(content(backout_summary="None."), {OWNER, MANAGER, BOARD}, id="backout"),
        pytest.param(content(irreversible=True), {OWNER, MANAGER, BOARD}, id="irreversible"),
        pytest.param(content(downtime_minutes=31), {OWNER, MANAGER, BOARD}, id="downtime up"),
        pytest.param(content(impact="outage"), {OWNER, MANAGER, BOARD}, id="impact up"),
        pytest.param(content(validation_summary="Smoke job."), {OWNER}, id="validation weaker"),
        pytest.param(content(change_type="standard"), {OWNER, DB2, CICS, BOARD}, id="type"),
        pytest.param(content(application="AUTH"), {OWNER, DB2, CICS, BOARD}, id="application"),
        pytest.param(content(incident_ref="INC1"), {OWNER, DB2, CICS, BOARD}, id="incident"),
        pytest.param(content(downtime_minutes=5), set(), id="downtime down"),
        pytest.param(content(impact="none"), set(), id="impact down"),
        pytest.param(content(validation_summary=FIELDS["validation_summary"] + " More."), set(),
                     id="validation stronger"),
        pytest.param(content(title="Acount record"), set(), id="title"),
        pytest.param(content(reason="Law."), set(), id="business context"),
        pytest.param(content(implementation_summary="Another way."), set(), id="implementation"),
    ],
)  # fmt: skip
def test_who_is_asked_again(new: dict[str, Any], asked: set[str]) -> None:
    found = edited(new)
    assert asks(found) == asked
    assert found.void == asked - {MANAGER}
    assert found.kept == {OWNER, DB2, CICS, BOARD} - asked


@pytest.mark.parametrize(
    ("new", "asked"),
    [
        (content((*SCOPE, ADDED)), {OWNER, DB2}),
        (content(backout_summary="None."), {OWNER, MANAGER}),
    ],
)
def test_below_high_risk_the_board_is_not_asked_again(new: dict[str, Any], asked: set[str]) -> None:
    assert asks(edited(new, "medium")) == asked


@pytest.mark.parametrize(
    ("old_band", "band", "asked"),
    [
        ("low", "medium", {DB2, CICS}),
        ("medium", "high", {BOARD}),
        ("low", "high", {DB2, CICS, BOARD}),
        ("high", "critical", set()),
        ("high", "low", set()),
    ],
)
def test_a_higher_band_asks_whom_only_it_needs(old_band: str, band: str, asked: set[str]) -> None:
    found = edited(content(declared_risk=band), band, old_band)
    assert asks(found) == asked
    assert found.void == frozenset()


def test_an_emergency_made_normal_forgets_the_emergency_board() -> None:
    found = edited(content(), old=content(change_type="emergency"))
    assert found.void == {"ecab"}
    assert asks(found) == {OWNER, DB2, CICS, BOARD}


# What execution hands in.

CHAIR = "board_chair"
PLAN: dict[str, Any] = {
    "fallback:strategy": ("restore", ()),
    "fallback:irreversible:CONVERT_DATA:1": ("1", ()),
    "validation:V1": ("job_rc", (4,)),
    "steps:COPY_LOAD": ("COPY_LOAD", ()),
    "window:class": ("monthly", ()),
    "window:night": ("2026-12-05", ()),
}


def planned(*without: str, **more: Any) -> dict[str, Any]:
    """The content with a plan: without some groups, and with others, ":" written as "__"."""
    told = {name: value for name, value in PLAN.items() if name not in without}
    told |= {name.replace("__", ":"): value for name, value in more.items()}
    groups = {
        name: ExecutionGroup(name, str(what), str(what), tuple(map(Decimal, slack))).as_content()
        for name, (what, slack) in told.items()
    }
    return content() | {"execution": groups}


@pytest.mark.parametrize(
    ("new", "asked"),
    [
        pytest.param(planned(fallback__strategy=("none", ())), {OWNER, MANAGER, BOARD},
                     id="another backout strategy"),
        pytest.param(planned("fallback:strategy"), {OWNER, MANAGER, BOARD}, id="no strategy"),
        pytest.param(planned(fallback__irreversible__CONVERT_DATA__2=("2", ())),
                     {OWNER, MANAGER, BOARD}, id="one more irreversible step"),
        pytest.param(planned("fallback:irreversible:CONVERT_DATA:1"), set(),
                     id="one irreversible step less"),
        pytest.param(planned(steps__DDL=("DDL", ())), {DB2, CICS}, id="another type of step"),
        pytest.param(planned("steps:COPY_LOAD"), set(), id="a type of step less"),
        pytest.param(planned("validation:V1"), {OWNER}, id="a mandatory check less"),
        pytest.param(planned(validation__V1=("job_rc", (8,))), {OWNER}, id="threshold relaxed"),
        pytest.param(planned(validation__V1=("job_rc", (0,))), set(), id="threshold tightened"),
        pytest.param(planned(validation__V1=("manual", ())), {OWNER}, id="another check"),
        pytest.param(planned(validation__V2=("sql", ())), set(), id="one more check"),
        pytest.param(planned(window__night=("2026-12-12", ())), set(), id="another night"),
        pytest.param(planned(window__class=("midweek", ())), {CHAIR}, id="another class"),
        pytest.param(planned(window__month_end=("", ())), {CHAIR}, id="near a month's end"),
        pytest.param(planned(window__too_early=("", (3,))), {CHAIR}, id="too early"),
        pytest.param(planned(scope__of_nobody=("1", ())), set(), id="what the table does not name"),
    ],
)  # fmt: skip
def test_who_is_asked_again_about_a_plan(new: dict[str, Any], asked: set[str]) -> None:
    found = edited(new, old=planned())
    assert asks(found) == asked
    assert found.void == asked - {MANAGER, CHAIR}
    assert found.kept == {OWNER, DB2, CICS, BOARD} - asked


@pytest.mark.parametrize(
    ("day", "asked", "rows"),
    [
        pytest.param("2026-12-01", {CHAIR}, ("window_harder",), id="earlier"),
        pytest.param("", {CHAIR}, ("window_harder",), id="any day"),
        pytest.param("2027-01-10", set(), ("night_moved",), id="later"),
        pytest.param("2026-12-10", set(), (), id="the same"),
    ],
)
def test_a_day_before_the_approved_earliest_one_asks_the_chair(
    day: str, asked: set[str], rows: tuple[str, ...]
) -> None:
    found = edited(content(earliest_on=day), old=content(earliest_on="2026-12-10"))
    assert (asks(found), found.rows, found.void) == (asked, rows, frozenset())


def test_a_change_that_named_no_day_may_name_one() -> None:
    found = edited(content(earliest_on="2026-12-10"), old=content())
    assert (found.rows, asks(found)) == (("night_moved",), set())
    assert group_digests(content(earliest_on="")) == group_digests(content())


def test_a_night_that_moved_is_told_although_nobody_is_asked() -> None:
    assert edited(planned(window__night=("2026-12-12", ())), old=planned()).rows == ("night_moved",)


def test_the_first_plan_adds_freely_what_nobody_was_asked_about() -> None:
    found = edited(planned(window__month_end=("", ())), old=content())
    assert (found.rows, found.void) == ((), frozenset())


def test_not_even_the_first_plan_may_be_earlier_than_the_change_allows() -> None:
    assert asks(edited(planned(window__too_early=("", (3,))), old=content())) == {CHAIR}


def test_a_night_less_early_than_the_chair_agreed_to_asks_nobody() -> None:
    early = planned(window__too_early=("", (3,)))
    assert asks(edited(planned(window__too_early=("", (2,))), old=early)) == set()
    assert asks(edited(planned(window__too_early=("", (4,))), old=early)) == {CHAIR}


def test_below_high_risk_a_worse_plan_does_not_ask_the_board() -> None:
    found = edited(planned(fallback__strategy=("none", ())), "medium", old=planned())
    assert asks(found) == {OWNER, MANAGER}


def test_words_are_no_difference() -> None:
    new = planned()
    new["execution"]["steps:COPY_LOAD"]["words"] = "Copy the modules"
    assert group_digests(new) == group_digests(planned())
    assert differences(planned(), new) == []


def test_a_plan_differs_in_the_words_that_execution_handed_in() -> None:
    found = differences(planned(), planned("steps:COPY_LOAD", fallback__strategy=("none", ())))
    assert [str(line) for line in found] == [
        "fallback:strategy: restore → none",
        "steps:COPY_LOAD: removed COPY_LOAD",
    ]


@pytest.mark.parametrize(
    ("version", "family"), [("01.16", "01"), ("V2.1.9", "V2.1"), ("13", "13"), ("", "")]
)
def test_the_version_family_is_what_stands_before_the_level(version: str, family: str) -> None:
    assert version_family(version) == family


def test_every_material_field_is_in_one_group() -> None:
    grouped = sorted(name for names in GROUPS.values() for name in names)
    assert sorted({*grouped, *OPTIONAL_FIELDS}) == sorted(FIELDS_IN_WORDS)
    assert grouped == sorted({*grouped})


lines = st.builds(
    ScopeLine,
    asset=st.sampled_from(["db2_table::A", "cics_file::B", "copybook::C", "job::D", "mq_queue::E"]),
    action=st.sampled_from(["change", "new", "delete"]),
    from_version=st.just("01.01"),
    to_version=st.sampled_from(["01.02", "01.03", "02.01"]),
    family=st.just(""),
).map(
    lambda line: replace(
        line,
        family={"db": "db2", "ci": "cics", "co": "source", "jo": "jcl", "mq": "mq"}[line.asset[:2]],
    )
)
scopes = st.lists(lines, max_size=6, unique_by=lambda line: (line.asset, line.action)).map(tuple)
contents = st.builds(
    content,
    scope=scopes,
    title=st.sampled_from(["one", "two"]),
    backout_summary=st.sampled_from(["Restore.", "None."]),
    downtime_minutes=st.integers(0, 3),
    impact=st.sampled_from(["none", "degraded", "outage"]),
    validation_summary=st.sampled_from(["Smoke", "Smoke and totals"]),
    change_type=st.sampled_from(["normal", "emergency"]),
)
bands = st.sampled_from(["low", "medium", "high", "critical"])


@given(contents, contents, bands)
def test_who_is_void_answers_for_a_group_that_differs(
    old: dict[str, Any], new: dict[str, Any], band: str
) -> None:
    """Nobody is asked twice without a reason in what they answer for."""
    found = edited(new, band, old=old)
    families = frozenset(line["family"] for line in old["scope"])
    live = slots_for(DELIVERED, PolicyInput(old["change_type"], band, "CARD", families))
    changed = differing(group_digests(old), group_digests(new))
    touched = answering(live, changed, band)
    # What nobody answers for falls to the owner, and where there is none, to everybody.
    last = {OWNER, "ecab"}
    assert found.void <= touched | last
    assert found.void | found.kept == {spec.code for spec in live}


@given(contents, contents, bands)
def test_whoever_a_row_names_is_void(old: dict[str, Any], new: dict[str, Any], band: str) -> None:
    families = frozenset(line["family"] for line in old["scope"])
    live = slots_for(DELIVERED, PolicyInput(old["change_type"], band, "CARD", families))
    named = (concerned(live, point.row.asks, point.families, band) for point in points(old, new))
    assert frozenset[str]().union(*named) <= edited(new, band, old=old).void


@given(contents, contents, bands)
def test_a_material_difference_always_asks_somebody(
    old: dict[str, Any], new: dict[str, Any], band: str
) -> None:
    rows = rows_between(old, new, band, band)
    assert bool(rows) == bool(edited(new, band, old=old).ask)


@given(contents, bands)
def test_the_same_content_asks_nobody(same: dict[str, Any], band: str) -> None:
    assert edited(same, band, old=same).ask == ()


@given(scopes)
def test_the_order_of_the_lines_is_no_difference(scope: tuple[ScopeLine, ...]) -> None:
    assert group_digests(content(scope)) == group_digests(content(scope[::-1]))


# Through the doors.

LINE = {"action": "change", "from_version": "01.01", "to_version": "01.02"}


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


def fully_signed(bank: Bank) -> ChangeRequest:
    """Of high risk, signed by the owner, the lead and two of the board."""
    change = submitted(
        bank, "high", assets=[LINE | {"asset": bank.table}, SCOPE_LINE | {"asset": bank.copybook}]
    )
    return sign(change, bank.owner, bank.db2_lead, *bank.board)  # type: ignore[no-any-return]


def edit(bank: Bank, change: ChangeRequest, assets: Any = None, **values: Any) -> ChangeRequest:
    done = requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values=values,
        parts={"assets": assets} if assets else None,
    )  # fmt: skip
    commit_now()
    return done


def states(change: ChangeRequest) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for slot in Approval.objects.filter(about=change.subject).order_by("requested_at", "pk"):
        found.setdefault(slot.slot, []).append(slot.state)
    return found


def told(change: ChangeRequest) -> Any:
    return body_of(EvidenceEntry.objects.filter(subject=change.subject).latest("seq"))


def is_approved(change: ChangeRequest) -> bool:
    return facts_of([change.pk])[change.pk].approved_for_current_content


def test_a_rebuild_asks_the_lead_alone_and_approves_when_he_has_signed(bank: Bank) -> None:
    change = fully_signed(bank)
    rebuilt = [LINE | {"asset": bank.table, "to_version": "01.03"},
               SCOPE_LINE | {"asset": bank.copybook}]  # fmt: skip
    edit(bank, change, rebuilt)
    assert states(change) == {
        "application_owner": ["approved"],
        "board": ["approved"],
        "technical_lead:db2": ["superseded", "requested"],
    }
    assert not is_approved(change)
    change = sign(change, bank.db2_lead)
    assert change.state == "approved"
    assert is_approved(change)


def test_the_evidence_tells_the_policy_the_groups_and_the_slots(bank: Bank) -> None:
    change = fully_signed(bank)
    edit(bank, change, [LINE | {"asset": bank.table, "to_version": "01.03"},
                        SCOPE_LINE | {"asset": bank.copybook}])  # fmt: skip
    body = told(change)
    assert body["action"] == "change.invalidated"
    assert body["rows"] == ["rebuilt"]
    assert body["groups"] == ["scope:db2"]
    assert body["asked_again"] == ["technical_lead:db2"]
    assert body["kept"] == ["application_owner", "board"]
    assert body["policy_version"] == "BASE v1"


def test_a_typo_asks_nobody_and_says_so(bank: Bank) -> None:
    change = fully_signed(bank)
    done = edit(bank, change, title="Account record 300 → 340")
    assert done.state == "approved"
    assert is_approved(done)
    body = told(change)
    assert body["action"] == "change.edited_unasked"
    assert (body["asked_again"], body["kept"]) == (
        [], ["application_owner", "board", "technical_lead:db2"],
    )  # fmt: skip
    assert body["content_digest"] == done.fingerprint == done.current_fingerprint()


def test_an_earlier_day_asks_the_chair_and_a_later_one_is_told_only(bank: Bank) -> None:
    change = sign(submitted(bank, earliest_on="2026-12-10"), bank.owner)
    later = edit(bank, change, earliest_on="2026-12-12")
    assert (later.state, told(change)["action"]) == ("approved", "change.night_moved")
    assert is_approved(later)
    earlier = edit(bank, change, earliest_on="2026-12-11")
    assert states(earlier) == {"application_owner": ["approved"], "board_chair": ["requested"]}
    assert told(change)["voided_by"] == "earliest day: 2026-12-12 → 2026-12-11"
    change = sign(earlier, make_user("chair", "cab_chair"))
    assert change.state == "approved" and is_approved(change)


def test_an_open_slot_is_asked_about_the_content_as_it_is(bank: Bank) -> None:
    change = submitted(bank)
    edit(bank, change, title="Another title")
    change = sign(change, bank.owner)
    assert Decision.objects.get().content_digest == change.fingerprint
    assert change.state == "approved"


def test_half_a_quorum_stays_when_the_edit_does_not_concern_it(bank: Bank) -> None:
    line = {"asset": bank.table, **LINE}
    change = sign(submitted(bank, "high", assets=[line]), bank.board[0])
    edit(bank, change, [line | {"to_version": "01.03"}])
    change = sign(change, bank.owner, bank.db2_lead, bank.board[1])
    assert change.state == "approved"


def test_a_worse_way_back_asks_the_release_manager_too_and_does_not_forget_it(bank: Bank) -> None:
    change = fully_signed(bank)
    edit(bank, change, backout_summary="There is none.")
    edit(bank, change, validation_summary="A look at it.")
    assert states(change)["release_manager"] == ["requested"]
    assert states(change)["application_owner"] == ["superseded", "superseded", "requested"]
    change = sign(change, bank.owner, *bank.board, make_user("duty", "release_manager"))
    assert change.state == "approved"


def test_an_impact_that_gets_less_keeps_every_signature(bank: Bank) -> None:
    change = edit(bank, approved(bank, downtime_minutes=60), downtime_minutes=10)
    assert is_approved(change)
    slot = Approval.objects.get(about=change.subject)
    assert slot.content_digest == Decision.objects.get().content_digest != change.fingerprint


def test_content_that_was_changed_past_the_doors_is_not_approved(bank: Bank) -> None:
    change = approved(bank)
    slot = Approval.objects.get(about=change.subject)
    assert is_approved(change)
    assert slot.seal == group_digests(change.content())
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE changes_changeasset SET to_version = '09.09'")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE interlock_app")
    assert not is_approved(change)


def test_the_difference_since_somebody_s_own_signature(bank: Bank) -> None:
    change = fully_signed(bank)
    change = edit(bank, change, downtime_minutes=45)
    change = sign(change, bank.owner)
    change = edit(bank, change, validation_summary="A look at it.")
    owner, board = (
        Decision.objects.filter(by=person).latest("decided_at")
        for person in (bank.owner, bank.board[0])
    )
    assert [d.what for d in differences_since(change, owner)] == ["validation"]
    assert [d.what for d in differences_since(change, board)] == ["downtime", "validation"]
