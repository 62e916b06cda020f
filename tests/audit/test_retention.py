"""Terms, holds, and the only two ways in which bytes of evidence go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.accounts.services.people import edit_team
from apps.audit.domain.retention import gone_before, is_held, versions_of
from apps.audit.models import LegalHold, Redaction, RetentionClass
from apps.audit.services import retention
from apps.audit.services.purge import purge
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.models import Erasure, EvidenceEntry
from apps.evidence.selectors import body_of, is_sealed
from apps.evidence.services.files import path_of
from apps.evidence.services.reconciliation import reconcile
from apps.evidence.services.remarks import add_exhibit, open_exhibit
from tests.factories import PASSWORD, SETUP, actor, make_team, make_user
from tests.support import (
    commit_now,
    invariants_hold,
    refused,
    refused_by_database,
    seal_everything,
    without_guards,
)

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHY = "A person asked for it, case 12."


class TestPure:
    @pytest.mark.parametrize(
        ("scopes", "held"),
        [
            ([], False),
            ([""], True),
            (["change:1"], True),
            (["change:2"], False),
            (["change"], True),
            (["exhibit"], True),
            (["exhibit:7"], True),
            (["chang"], False),
        ],
    )
    def test_a_hold_covers_everything_a_kind_or_a_record(
        self, scopes: list[str], held: bool
    ) -> None:
        assert is_held(scopes, "exhibit:7", "change:1") is held

    def test_no_hold_covers_what_is_about_nothing(self) -> None:
        assert not is_held(["change"], "team:1", "")

    def test_a_term_ends_in_its_year(self) -> None:
        assert gone_before(datetime(2033, 3, 1, tzinfo=UTC), 7) == datetime(2026, 3, 1, tzinfo=UTC)
        assert gone_before(datetime(2028, 2, 29, tzinfo=UTC), 1).day == 28

    @pytest.mark.parametrize(
        ("text", "versions"),
        [("3", [3]), ("3, 5-7", [3, 5, 6, 7]), ("7-5", None), ("a", None), ("", None), ("0", None),
         ("1-99999999", None), ("1,,2", None)],
    )  # fmt: skip
    def test_versions_are_read(self, text: str, versions: list[int] | None) -> None:
        assert versions_of(text) == versions

    @given(st.text(max_size=20))
    def test_any_text_is_versions_or_none(self, text: str) -> None:
        found = versions_of(text)
        assert found is None or (found == sorted(set(found)) and found[0] >= 1)


class World:
    """A team whose second version told something that has to go, and who decides it."""

    def __init__(self) -> None:
        with clock.at(BEGAN):
            self.team = make_team("OPS")
            edit_team(pk=self.team.pk, actor=SETUP, values={"contact": "J. Doe, 555-0100"})
            edit_team(pk=self.team.pk, actor=SETUP, values={"contact": ""})
        self.keeper: Actor = actor(make_user("keeper", "site_admin"))
        self.manager: Actor = actor(make_user("manager", "change_manager"))
        self.about = self.team.subject
        seal_everything()

    def entry(self, seq: int) -> EvidenceEntry:
        return EvidenceEntry.objects.get(subject=self.about, seq=seq)

    def hold(self, scope: str | None = None) -> LegalHold:
        values = {"scope": self.about if scope is None else scope, "reason": WHY}
        return retention.place_hold(actor=self.manager, values=values)

    def propose(self, **values: Any) -> Redaction:
        asked = {"about": self.about, "versions": "2-3", "basis": "Art. 17 GDPR", "reason": WHY}
        return retention.propose_redaction(actor=self.keeper, values={**asked, **values})


@pytest.fixture
def world() -> World:
    return World()


def the_erasing_entry(action: str = "evidence.redacted") -> dict[str, Any]:
    return body_of(EvidenceEntry.objects.get(action=action))


@pytest.mark.django_db
class TestRedaction:
    def test_two_persons_erase_the_bytes_and_the_hash_stays(self, world: World) -> None:
        leaves = [bytes(world.entry(seq).leaf) for seq in (2, 3)]
        asked = world.propose()
        retention.do_redaction(pk=asked.pk, actor=world.manager)
        commit_now()
        assert [world.entry(seq).body is None for seq in (1, 2, 3)] == [False, True, True]
        assert [bytes(world.entry(seq).leaf) for seq in (2, 3)] == leaves
        assert is_sealed(world.about, 3)

    def test_an_entry_of_its_own_tells_the_basis_and_who_decided(self, world: World) -> None:
        leaf = bytes(world.entry(2).leaf).hex()
        asked = world.propose(versions="2")
        retention.do_redaction(pk=asked.pk, actor=world.manager)
        told = the_erasing_entry()
        assert told["erased"] == [leaf] and told["basis"] == "Art. 17 GDPR"
        assert told["approvers"] == [str(world.keeper.id), str(world.manager.id)]
        assert told["about"] == world.about
        assert Erasure.objects.get(digest=leaf).entry.action == "evidence.redacted"

    def test_nothing_else_is_disturbed(self, world: World) -> None:
        asked = world.propose()
        retention.do_redaction(pk=asked.pk, actor=world.manager)
        invariants_hold()
        check = reconcile()
        assert check.is_clean and check.counts["erased"] >= 2

    def test_the_pages_tell_what_is_left(self, world: World) -> None:
        asked = world.propose()
        retention.do_redaction(pk=asked.pk, actor=world.manager)
        make_user("auditor", "auditor", password=PASSWORD)
        browser = Client()
        browser.login(username="auditor", password=PASSWORD)
        entry = browser.get(f"/admin/evidence/evidenceentry/{world.entry(2).pk}/change/")
        assert "Erased" in entry.content.decode() and "555-0100" not in entry.content.decode()
        team = browser.get(f"/admin/accounts/team/{world.team.pk}/history/")
        assert team.status_code == 200
        assert (
            browser.get(reverse("admin:audit_redaction_change", args=[asked.pk])).status_code == 200
        )

    def test_nobody_decides_alone(self, world: World) -> None:
        asked = world.propose()
        with refused("role_missing", "second_person"):
            retention.do_redaction(pk=asked.pk, actor=world.keeper)
        with refused("role_missing"):
            retention.propose_redaction(actor=world.manager, values={"about": world.about})

    def test_it_is_refused_with_a_reason_and_everything_stays(self, world: World) -> None:
        asked = world.propose()
        with refused("required"):
            retention.refuse_redaction(pk=asked.pk, actor=world.manager)
        retention.refuse_redaction(pk=asked.pk, actor=world.manager, comment="No such duty.")
        assert world.entry(2).body is not None
        with refused("wrong_state"):
            retention.do_redaction(pk=asked.pk, actor=world.manager)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"versions": "9"}, "versions"),
            ({"versions": "x"}, "versions"),
            ({"versions": ""}, "versions"),
            ({"about": "team:nothing"}, "about"),
            ({"basis": ""}, "basis"),
            ({"reason": "Short."}, "reason"),
        ],
    )
    def test_bad_input_names_its_field(
        self, world: World, values: dict[str, str], field: str
    ) -> None:
        with refused() as caught:
            world.propose(**values)
        assert field in {blocker.field for blocker in caught.value.blockers}  # type: ignore[attr-defined]

    def test_what_tells_of_an_erasure_is_never_erased(self, world: World) -> None:
        asked = world.propose()
        done = retention.do_redaction(pk=asked.pk, actor=world.manager)
        with refused("invalid"):
            world.propose(about=done.subject, versions="2")


@pytest.mark.django_db
class TestHolds:
    def test_a_hold_blocks_an_erasure_and_says_whose_it_is(self, world: World) -> None:
        world.hold()
        asked = world.propose()
        with refused("legal_hold") as caught:
            retention.do_redaction(pk=asked.pk, actor=world.manager)
        assert caught.value.blockers[0].who == "manager"  # type: ignore[attr-defined]

    def test_released_by_another_it_blocks_no_more(self, world: World) -> None:
        hold = world.hold()
        with refused("second_person"):
            retention.release_hold(pk=hold.pk, actor=world.manager, comment="Settled.")
        retention.release_hold(pk=hold.pk, actor=world.keeper, comment="Settled.")
        retention.do_redaction(pk=world.propose().pk, actor=world.manager)
        assert world.entry(2).body is None

    def test_what_is_held_has_to_be_there(self, world: World) -> None:
        with refused("invalid"):
            world.hold("team:nothing")
        with refused("invalid"):
            world.hold("nothing")
        assert world.hold("team").scope == "team" and world.hold("").scope == ""

    def test_a_record_is_named_by_its_code_and_listed_by_it(self, world: World) -> None:
        assert world.hold("ops").scope == world.about
        assert world.propose(about=" OPS ").about == world.about
        browser = Client()
        browser.force_login(User.objects.get(username="keeper"))
        for name in ("legalhold", "redaction"):
            listed = browser.get(reverse(f"admin:audit_{name}_changelist")).content.decode()
            assert world.about not in listed and "OPS" in listed
            form = browser.get(reverse(f"admin:audit_{name}_add")).content.decode()
            assert "The code of a change, release, window or team" in form


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["place", "release", "propose", "erase", "refuse", "class"])
def test_each_asks_who_it_is_again(world: World, what: str) -> None:
    hold, asked = world.hold("team"), world.propose()
    stale = {who: replace(getattr(world, who), auth_at=None) for who in ("keeper", "manager")}
    attempts: dict[str, Callable[[], Any]] = {
        "place": lambda: retention.place_hold(
            actor=stale["manager"], values={"scope": "", "reason": WHY}
        ),
        "release": lambda: retention.release_hold(
            pk=hold.pk, actor=stale["keeper"], comment="Settled."
        ),
        "propose": lambda: retention.propose_redaction(
            actor=stale["keeper"],
            values={"about": world.about, "versions": "1", "basis": "GDPR", "reason": WHY},
        ),
        "erase": lambda: retention.do_redaction(pk=asked.pk, actor=stale["manager"]),
        "refuse": lambda: retention.refuse_redaction(
            pk=asked.pk, actor=stale["manager"], comment="No."
        ),
        "class": lambda: retention.edit_class(
            pk=RetentionClass.objects.first().pk,  # type: ignore[union-attr]
            actor=stale["keeper"],
            values={"years": 9},
        ),
    }
    with refused() as caught:
        attempts[what]()
    assert "step_up_needed" in {blocker.code for blocker in caught.value.blockers}  # type: ignore[attr-defined]


YEARS = 7
LAST_DAY = BEGAN.replace(year=BEGAN.year + YEARS)


@pytest.mark.django_db
class TestPurge:
    def purge_at(self, moment: datetime) -> dict[str, int]:
        with clock.at(moment):
            return purge()

    def test_the_day_before_the_term_ends_everything_is_kept(self, world: World) -> None:
        self.purge_at(LAST_DAY - timedelta(days=1))
        assert world.entry(1).body is not None

    def test_the_day_after_it_only_the_bytes_are_gone(self, world: World) -> None:
        before = EvidenceEntry.objects.filter(subject=world.about).values_list("leaf", flat=True)
        leaves = [bytes(leaf) for leaf in before]
        self.purge_at(LAST_DAY + timedelta(days=1))
        commit_now()
        rows = EvidenceEntry.objects.filter(subject=world.about)
        assert {row.body for row in rows} == {None}
        assert [bytes(row.leaf) for row in rows] == leaves
        told = the_erasing_entry("evidence.purged")
        assert set(told["erased"]) >= {leaf.hex() for leaf in leaves}
        assert told["facts"]["class"] == "RECORDS" and "7 years" in told["basis"]

    def test_a_hold_keeps_what_it_covers(self, world: World) -> None:
        world.hold()
        self.purge_at(LAST_DAY + timedelta(days=1))
        assert world.entry(1).body is not None

    def test_a_class_of_its_own_has_its_own_term(self, world: World) -> None:
        with clock.at(BEGAN), refused():
            edit_team(pk=world.team.pk, actor=actor(make_user("outsider")), values={})
        seal_everything()
        refusal = EvidenceEntry.objects.get(action="access.refused")
        self.purge_at(BEGAN + timedelta(days=2 * 365 + 2))
        refusal.refresh_from_db()
        assert refusal.body is None and world.entry(1).body is not None

    def test_another_term_is_acted_on_after_a_month(self, world: World) -> None:
        row = RetentionClass.objects.get(code="RECORDS")
        later = BEGAN + timedelta(days=500)
        with clock.at(later):
            retention.edit_class(pk=row.pk, actor=world.keeper, values={"years": 1})
        self.purge_at(later + timedelta(days=29))
        assert world.entry(1).body is not None
        self.purge_at(later + timedelta(days=31))
        assert world.entry(1).body is None

    def test_a_second_run_has_nothing_to_do(self, world: World) -> None:
        self.purge_at(LAST_DAY + timedelta(days=1))
        assert self.purge_at(LAST_DAY + timedelta(days=1)) == {}

    def test_the_command_says_so(self, world: World, capsys: Any) -> None:
        call_command("purge_evidence")
        assert "Nothing is over its term." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("values", "code"),
        [({"kinds": ["refusal"]}, "invalid"), ({"kinds": ["nothing"]}, "invalid"),
         ({"kinds": []}, "invalid"), ({"years": 0}, "invalid")],
    )  # fmt: skip
    def test_a_bad_class_is_refused(self, world: World, values: Any, code: str) -> None:
        given = {
            "code": "X",
            "name": "X",
            "kinds": ["team"],
            "years": 3,
            "basis": "Ours.",
            **values,
        }
        with refused(code):
            retention.create_class(actor=world.keeper, values=given)


@pytest.mark.django_db
class TestFiles:
    @pytest.fixture(autouse=True)
    def _folder(self, settings: Any, tmp_path: Path) -> None:
        settings.INTERLOCK_EXHIBITS_DIR = str(tmp_path)

    def exhibit(self, world: World, at: datetime = BEGAN) -> Any:
        with clock.at(at):
            made = add_exhibit(
                about=world.about, actor=world.keeper, kind="job_log", title="Log",
                upload=SimpleUploadedFile("log.txt", b"J. Doe was on shift."),
            )  # fmt: skip
        seal_everything()
        return made

    def test_the_file_goes_and_its_record_tells_why(
        self, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        exhibit = self.exhibit(world)
        asked = world.propose(versions="", files=True)
        with django_capture_on_commit_callbacks(execute=True):
            retention.do_redaction(pk=asked.pk, actor=world.manager)
        assert not path_of(exhibit.sha256).exists()
        with refused("file_erased") as caught:
            open_exhibit(exhibit=exhibit, actor=world.keeper)
        assert "Art. 17 GDPR" in str(caught.value)  # type: ignore[attr-defined]

    def test_a_file_goes_with_its_term_unless_it_is_held(
        self, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        exhibit = self.exhibit(world)
        hold = world.hold()
        over = LAST_DAY + timedelta(days=2)
        with clock.at(over):
            purge()
        assert path_of(exhibit.sha256).exists()
        retention.release_hold(pk=hold.pk, actor=world.keeper, comment="Settled.")
        with clock.at(over), django_capture_on_commit_callbacks(execute=True):
            purge()
        assert not path_of(exhibit.sha256).exists()

    def test_a_file_stays_while_a_younger_exhibit_shows_it(self, world: World) -> None:
        exhibit = self.exhibit(world)
        self.exhibit(world, at=BEGAN + timedelta(days=900))
        with clock.at(LAST_DAY + timedelta(days=2)):
            purge()
        assert path_of(exhibit.sha256).exists()


def erasing_entry(told: dict[str, Any], at: datetime) -> int:
    """An entry of its own, as the application's role could write it."""
    subject = "system:0198-made-up"
    body = json.dumps(
        {"subject": subject, "seq": 1, "prev": None, "at": at.isoformat(),
         "actor": {"id": None}, **told}, sort_keys=True,
    ).encode()  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO evidence_evidenceentry (subject, seq, action, from_state, to_state, about,"
            " at, body, leaf) VALUES (%s, 1, %s, '', '', '', %s, %s, %s) RETURNING id",
            [subject, told["action"], at, body, sha256(b"\x00" + body).digest()],
        )
        (pk,) = cursor.fetchone()
    return int(pk)


@pytest.mark.django_db
class TestTheDatabaseItself:
    """The application's role tries what no service does."""

    def told(self, world: World, **more: Any) -> dict[str, Any]:
        return {
            "action": "evidence.redacted", "basis": "None.", "approvers": ["1", "2"],
            "erased": [bytes(world.entry(2).leaf).hex()], **more,
        }  # fmt: skip

    def attempt(self, world: World, told: dict[str, Any], digest: str = "") -> None:
        at = clock.now()
        pk = erasing_entry(told, at)
        leaf = digest or bytes(world.entry(2).leaf).hex()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO evidence_erasure (id, what, digest, entry_id, at) "
                "VALUES (gen_random_uuid(), 'body', %s, %s, %s)",
                [leaf, pk, at],
            )
            cursor.execute("SELECT evidence_erase(%s)", [pk])

    def test_the_honest_way_is_the_only_one(self, world: World) -> None:
        self.attempt(world, self.told(world))
        assert world.entry(2).body is None

    @pytest.mark.parametrize(
        ("more", "match"),
        [
            ({"approvers": ["1", "1"]}, "two persons"),
            ({"approvers": []}, "two persons"),
            ({"basis": ""}, "basis"),
            ({"erased": []}, "without an entry"),
            ({"action": "evidence.read"}, "without an entry"),
            ({"action": "evidence.purged", "facts": {"class": "RECORDS"}}, "not over"),
            ({"action": "evidence.purged", "facts": {"class": "ACCESS"}}, "not over"),
        ],
    )
    def test_less_is_refused(self, world: World, more: dict[str, Any], match: str) -> None:
        told = self.told(world, **more)
        with refused_by_database(match):
            self.attempt(world, told)

    def test_a_hold_is_asked_for_there_too(self, world: World) -> None:
        world.hold("team")
        told = self.told(world)
        with refused_by_database("legal hold on team"):
            self.attempt(world, told)

    def test_an_entry_of_another_time_erases_nothing(self, world: World) -> None:
        retention.do_redaction(pk=world.propose(versions="2").pk, actor=world.manager)
        without_guards("UPDATE evidence_evidenceentry SET txid = 1")
        entry = EvidenceEntry.objects.get(action="evidence.redacted")
        with refused_by_database("without an entry"):
            Erasure.objects.create(
                what="body", digest=bytes(world.entry(2).leaf).hex(), entry=entry, at=clock.now()
            )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE evidence_evidenceentry SET body = NULL",
            "UPDATE evidence_evidenceentry SET body = 'x'",
            "DELETE FROM evidence_erasure",
            "UPDATE evidence_erasure SET digest = 'x'",
            "DELETE FROM evidence_evidenceentry",
        ],
    )
    def test_nothing_goes_by_hand(self, world: World, statement: str) -> None:
        with refused_by_database("permission denied|append-only"), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_the_owner_is_refused_as_well(self, world: World) -> None:
        with refused_by_database("append-only"), connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("UPDATE evidence_evidenceentry SET body = NULL")
