"""What an entry says, and that the chain of a record has no gap."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Team
from apps.accounts.services.people import edit_team
from apps.changes.models import RiskWeights
from apps.core import clock
from apps.core.errors import Blocker, Refused
from apps.core.ids import uuid7
from apps.evidence.domain.canonical import (
    canonical,
    digest,
    field_diff,
    leaf_hash,
    plain,
    shape_digest,
)
from apps.evidence.events import Event, vocabulary
from apps.evidence.models import Comment, EvidenceEntry, shape_of
from apps.evidence.selectors import entries_about, is_sealed
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock
from apps.evidence.services.remarks import add_comment, add_exhibit
from apps.windows.models import ReleaseWindow
from tests.factories import SETUP, actor, make_team, make_user
from tests.support import commit_now, refused, refused_by_database

BODY_FIELDS = {
    "v", "subject", "seq", "prev", "action", "from", "to", "at", "actor", "on_behalf_of", "auth",
    "source", "outcome", "meaning", "content_digest", "diff", "attachments", "history",
    "policy_version", "nonce", "comment",
}  # fmt: skip


def told(subject: str, seq: int) -> dict[str, Any]:
    entry = EvidenceEntry.objects.get(subject=subject, seq=seq)
    return json.loads(bytes(entry.body))  # type: ignore[no-any-return]


class TestCanonical:
    def test_keys_are_sorted_and_there_are_no_spaces(self) -> None:
        assert canonical({"b": 1, "a": [True, None]}) == b'{"a":[true,null],"b":1}'

    def test_a_naive_time_cannot_enter(self) -> None:
        with pytest.raises(ValueError, match="naive"):
            plain(datetime(2026, 11, 22))  # noqa: DTZ001

    def test_a_float_enters_as_text(self) -> None:
        assert plain(0.1) == "0.1"

    def test_the_leaf_is_that_of_rfc_6962(self) -> None:
        assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()

    def test_a_difference_names_the_field_and_both_values(self) -> None:
        assert field_diff({"a": 1, "b": 2}, {"a": 1, "b": 3}) == [
            {"field": "b", "old": 2, "new": 3}
        ]

    def test_a_long_text_enters_as_its_hash(self) -> None:
        (change,) = field_diff({"a": ""}, {"a": "x" * 2000})
        assert change["old"] == "" and len(change["new_sha256"]) == 64

    def test_equal_values_have_equal_digests_whatever_their_order(self) -> None:
        assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


class TestValues:
    def test_a_number_has_the_decimals_that_the_database_keeps(self) -> None:
        window = ReleaseWindow(capacity_points=2)
        assert window.governed_values()["capacity_points"] == "2.0"

    def test_a_share_is_told_as_the_database_tells_it(self) -> None:
        assert RiskWeights(kappa=6).governed_values()["kappa"] == "6.0"

    def test_the_shape_tells_which_columns_a_digest_is_over(self) -> None:
        assert shape_of(Team) == shape_digest(Team(code="OPS").governed_values())
        assert shape_of(Team) != shape_of(Comment)


@pytest.mark.django_db
class TestEntries:
    def test_an_entry_tells_who_what_when_and_how(self) -> None:
        admin = make_user("admin", "site_admin")
        team = make_team("OPS")
        edit_team(pk=team.pk, actor=actor(admin), values={"name": "Operations"}, comment="Typo.")
        body = told(team.subject, 2)
        assert body["action"] == "team.edited" and body["comment"] == "Typo."
        assert body["actor"] == {
            "id": str(admin.pk), "username": "admin", "printed_name": "admin", "kind": "human",
            "roles_at_time": [["site_admin", ""]],
        }  # fmt: skip
        assert body["diff"] == [{"field": "name", "old": "OPS", "new": "Operations"}]
        assert body["auth"]["methods"] == ["password"] and body["source"]["channel"] == "admin"

    def test_every_entry_has_every_field(self) -> None:
        team, outsider = make_team("OPS"), make_user("outsider", "developer")
        with refused("role_missing"):
            edit_team(pk=team.pk, actor=actor(outsider), values={"name": "Mine"})
        kinds = EvidenceEntry.objects.order_by("action", "id").distinct("action")
        bodies = [json.loads(bytes(entry.body)) for entry in kinds]
        assert {"access.refused", "team.created"} <= {body["action"] for body in bodies}
        for body in bodies:
            assert body.keys() >= BODY_FIELDS, body["action"]
            assert body["actor"].keys() == {
                "id", "username", "printed_name", "kind", "roles_at_time",
            }  # fmt: skip
            assert body["auth"].keys() == {"methods", "at", "session_hash"}
            assert body["source"].keys() == {"ip", "channel", "request_id"}

    def test_each_entry_names_the_leaf_before_it(self) -> None:
        team = make_team("OPS")
        edit_team(pk=team.pk, actor=SETUP, values={"name": "Operations"})
        first = EvidenceEntry.objects.get(subject=team.subject, seq=1)
        assert told(team.subject, 1)["prev"] is None
        assert told(team.subject, 2)["prev"] == bytes(first.leaf).hex()
        assert is_sealed(team.subject, 2) and not is_sealed(team.subject, 3)

    def test_the_history_row_has_the_digest_that_the_entry_tells(self) -> None:
        team = make_team("OPS")
        row = team.history.get()
        values = {k: getattr(row, k) for k in ("code", "name", "kind", "capacity", "contact")}
        assert told(team.subject, 1)["history"] == {
            "model": "accounts.team",
            "sha256": digest({**values, "id": team.pk}),
            "shape": shape_of(Team),
        }

    def test_two_equal_acts_have_different_leaves(self) -> None:
        make_team("ONE"), make_team("TWO")
        leaves = [bytes(leaf) for leaf in EvidenceEntry.objects.values_list("leaf", flat=True)]
        assert len(set(leaves)) == len(leaves)

    def test_times_never_go_back_on_one_record(self) -> None:
        moment = datetime(2026, 11, 22, tzinfo=UTC)
        with clock.at(moment):
            team = make_team("OPS")
        with clock.at(moment - timedelta(hours=1)):
            edit_team(pk=team.pk, actor=SETUP, values={"name": "Operations"})
        assert EvidenceEntry.objects.get(subject=team.subject, seq=2).at == moment
        commit_now()

    def test_the_database_writes_its_own_time_too(self) -> None:
        with clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
            team = make_team("OPS")
        entry = EvidenceEntry.objects.get(subject=team.subject)
        assert entry.at.year == 2020 and entry.recorded_at.year > 2020  # type: ignore[union-attr]


@pytest.mark.django_db
class TestRefusals:
    def test_nothing_but_the_refusal_is_recorded(self) -> None:
        team, outsider = make_team("OPS"), make_user("outsider")
        before = EvidenceEntry.objects.count()
        with refused("role_missing"):
            edit_team(pk=team.pk, actor=actor(outsider), values={"name": "Mine"})
        entry = EvidenceEntry.objects.latest("id")
        assert EvidenceEntry.objects.count() == before + 1
        assert (entry.action, entry.about) == ("access.refused", team.subject)
        assert json.loads(bytes(entry.body))["blockers"][0]["code"] == "role_missing"
        assert Team.objects.get(pk=team.pk).name == "OPS"

    def test_an_unknown_key_is_not_found(self) -> None:
        with refused("not_found"):
            edit_team(pk=uuid7(), actor=SETUP, values={})

    def test_a_key_that_is_none_is_not_found(self) -> None:
        with refused("not_found"):
            edit_team(pk="'; DROP TABLE teams", actor=SETUP, values={})  # type: ignore[arg-type]

    def test_an_old_version_is_refused_with_the_difference(self) -> None:
        team = make_team("OPS")
        edit_team(pk=team.pk, actor=SETUP, values={"name": "Operations"}, expected_seq=1)
        with refused("stale") as caught:
            edit_team(pk=team.pk, actor=SETUP, values={"name": "Mine"}, expected_seq=1)
        (change,) = caught.value.blockers[0].details["changes"]  # type: ignore[attr-defined]
        assert change["diff"] == [{"field": "name", "old": "OPS", "new": "Operations"}]

    def test_the_first_kind_decides_the_status(self) -> None:
        state = Blocker("a", "a", kind="state")
        permission = Blocker("b", "b", kind="permission")
        assert Refused([state, permission]).status == 403
        assert Refused(state).status == 409

    def test_a_refusal_without_a_reason_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="at least one reason"):
            Refused([])

    def test_a_crash_leaves_nothing(self) -> None:
        team = make_team("OPS")

        @door("team")
        def crash(*, pk: Any, actor: Any) -> None:
            lock(Team, pk)
            add = edit_team.__wrapped__  # type: ignore[attr-defined]
            add(pk=pk, actor=actor, values={"name": "Half done"})
            raise RuntimeError("power cut")

        with pytest.raises(RuntimeError, match="power cut"):
            crash(pk=team.pk, actor=SETUP)
        assert Team.objects.get(pk=team.pk).name == "OPS"
        assert EvidenceEntry.objects.filter(subject=team.subject).count() == 1


@pytest.mark.django_db
class TestRemarks:
    def test_a_comment_is_kept_with_its_own_entry(self) -> None:
        team, user = make_team("OPS"), make_user("one")
        add_comment(about=team.subject, actor=actor(user), text="  Called the desk.\r\n")
        assert Comment.objects.get().text == "Called the desk."
        assert entries_about(team.subject).first().action == "comment.added"  # type: ignore[union-attr]

    def test_a_comment_is_never_changed(self) -> None:
        add_comment(about=make_team("OPS").subject, actor=actor(make_user("one")), text="So.")
        with refused_by_database("append-only|permission denied"):
            Comment.objects.update(text="Not so.")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "required"),
            (" \n ", "required"),
            ("x" * 1_000_000, "too_long"),
            ("a\x07b", "control_character"),
            ("a\u202eb", "control_character"),
            ("a\x00b", "control_character"),
        ],
    )
    def test_a_bad_comment_is_refused(self, text: str, code: str) -> None:
        team, user = make_team("OPS"), make_user("one")
        with refused(code):
            add_comment(about=team.subject, actor=actor(user), text=text)

    def test_a_comment_on_nothing_is_refused(self) -> None:
        with refused("invalid"):
            add_comment(about=f"team:{uuid7()}", actor=actor(make_user("one")), text="Hello?")

    def test_an_exhibit_is_bound_to_its_hash(self) -> None:
        exhibit = add_exhibit(
            about=make_team("OPS").subject, actor=actor(make_user("one")), kind="sit",
            title="Run 12", text="RC=0000", tested_version="01.15",
        )  # fmt: skip
        assert exhibit.sha256 == hashlib.sha256(b"RC=0000").hexdigest()

    def test_an_exhibit_needs_a_text_or_a_link(self) -> None:
        with refused("invalid"):
            add_exhibit(
                about=make_team("OPS").subject, actor=actor(make_user("one")), kind="sit", title="x"
            )


class TestVocabulary:
    def test_every_event_is_named_after_its_subject_in_the_past(self) -> None:
        for code, event in vocabulary().items():
            subject, _, act = code.partition(".")
            assert subject and act and event.sentence, code

    def test_two_events_cannot_share_a_code(self) -> None:
        with pytest.raises(ValueError, match="Two events"):
            Event("team.created", "Another")
