"""Packs of records and periods: asked for, sealed, made, downloaded, and verified from outside."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.audit.domain import verify_pack as v
from apps.audit.models import EvidencePack
from apps.audit.services.pack_making import make_pack, make_waiting_packs
from apps.audit.services.packs import ask_for_pack, open_pack, path_of
from apps.changes.services.exhibits import attach_exhibit
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.evidence.models import EvidenceCheckpoint, EvidenceEntry
from tests.evidence.log import Log
from tests.factories import actor, make_user
from tests.releases.night import Night, night
from tests.support import refused

CHALLENGE = "violet cormorant 7 aside"
PDF = b"%PDF-1.7 every account keeps its balance"


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> Night:
    settings.INTERLOCK_PACKS_DIR = tmp_path / "packs"
    settings.INTERLOCK_EXHIBITS_DIR = tmp_path / "exhibits"
    return night()


@pytest.fixture
def log(world: Night, tmp_path: Path) -> Log:
    return Log(tmp_path / "sealer")


@pytest.fixture
def auditor(world: Night) -> Actor:
    return actor(make_user("ines.auditor", "auditor"))


def attach(world: Night, **values: Any) -> None:
    told = {"kind": "uat", "title": "Control totals", "verdict": "passed", **values}
    attach_exhibit(
        change=world.change.pk, actor=actor(world.bank.developer), values=told,
        upload=SimpleUploadedFile("totals.pdf", PDF),
    )  # fmt: skip


def made(log: Log, auditor: Actor, **asked: Any) -> EvidencePack:
    pack = ask_for_pack(actor=auditor, **asked)
    log.seal()
    assert make_waiting_packs() == 1
    pack.refresh_from_db()
    assert (pack.error, pack.state) == ("", "ready")
    return pack


def verified(log: Log, pack: EvidencePack, **options: Any) -> v.Report:
    return v.verify(str(path_of(pack)), v.Options((str(log.vkey),), **options))


def lines_of(pack: EvidencePack) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path_of(pack)) as file:
        return [json.loads(line) for line in file.read("entries.jsonl").splitlines()]


def test_a_release_is_packed_with_everything_in_it(world: Night, log: Log, auditor: Actor) -> None:
    step = world.step("A1", "completed", changes=[world.change])
    check, plan = world.check("C1", "passed"), world.plan("approved")
    attach(world)
    pack = made(log, auditor, release=world.package.code, challenge=CHALLENGE)
    report = verified(log, pack, challenge=CHALLENGE, expect=(pack.leaf,))
    assert (report.broken, report.reservations, report.code) == ("", [], v.VERIFIED)
    lines = lines_of(pack)
    subjects = {line["subject"] for line in lines}
    assert {world.package.subject, world.change.subject, step.subject, check.subject,
            plan.subject, world.window.subject} <= subjects  # fmt: skip
    assert {"approval", "exhibit"} <= {subject.partition(":")[0] for subject in subjects}
    assert "files are the ones that entries tell" in dict(report.checked)["attachments"]
    assert (lines[-1]["action"], lines[-1]["challenge"]) == ("pack.asked", CHALLENGE)
    assert "in flight" in report.title and pack.in_flight


def test_a_change_is_packed_without_what_is_about_others(
    world: Night, log: Log, auditor: Actor
) -> None:
    step = world.step("A1")
    pack = made(log, auditor, change=world.change.code)
    assert verified(log, pack).code == v.VERIFIED
    subjects = {line["subject"] for line in lines_of(pack)}
    assert world.change.subject in subjects and step.subject not in subjects


def test_a_period_is_packed_whole(world: Night, log: Log, auditor: Actor) -> None:
    log.seal()
    base = EvidenceCheckpoint.objects.get()
    begins = clock.now()
    world.step("A1")
    world.step("A2")
    pack = made(log, auditor, from_at=begins, challenge=CHALLENGE)
    report = verified(log, pack, challenge=CHALLENGE, pinned=base.note.encode())
    assert (report.broken, report.code) == ("", v.VERIFIED)
    assert dict(report.checked)["earlier checkpoint"].endswith(f"({base.size} entries).")
    actions = [line["action"] for line in lines_of(pack)]
    assert actions.count("activity.created") == 2 and actions[-1] == "pack.asked"
    assert pack.entries == len(actions)


def test_the_checkpoint_of_an_earlier_pack_is_continued_by_a_later(
    world: Night, log: Log, auditor: Actor
) -> None:
    first = made(log, auditor, change=world.change.code)
    with zipfile.ZipFile(path_of(first)) as file:
        kept = file.read("checkpoint.txt")
    world.step("A1")
    second = made(log, auditor, release=world.package.code)
    report = verified(log, second, pinned=kept)
    assert report.code == v.VERIFIED and "earlier checkpoint" in dict(report.checked)


def test_a_pack_waits_for_the_seal(world: Night, log: Log, auditor: Actor) -> None:
    log.seal()
    pack = ask_for_pack(actor=auditor, change=world.change.code)
    assert make_waiting_packs() == 0
    pack.refresh_from_db()
    assert pack.state == "waiting"
    with refused("not_ready"):
        open_pack(pack=pack, actor=auditor)


def test_a_pack_is_made_once(world: Night, log: Log, auditor: Actor) -> None:
    pack = made(log, auditor, change=world.change.code)
    assert make_pack(pk=pack.pk) is None
    EvidencePack.objects.filter(pk=pack.pk).update(state="building", began_at=clock.now())
    assert make_pack(pk=pack.pk) is None
    EvidencePack.objects.filter(pk=pack.pk).update(began_at=clock.now() - timedelta(hours=1))
    assert make_pack(pk=pack.pk) is not None


def test_asking_making_and_downloading_are_entries(world: Night, log: Log, auditor: Actor) -> None:
    pack = made(log, auditor, change=world.change.code)
    open_pack(pack=pack, actor=auditor).close()
    told = EvidenceEntry.objects.filter(subject=pack.subject).order_by("seq")
    assert [entry.action for entry in told] == ["pack.asked", "pack.made", "pack.fetched"]
    assert {entry.about for entry in told} == {world.change.subject}
    assert bytes(told[0].leaf).hex() == pack.leaf


def test_a_file_that_was_altered_on_the_disk_is_not_handed_out(
    world: Night, log: Log, auditor: Actor
) -> None:
    pack = made(log, auditor, change=world.change.code)
    place = path_of(pack)
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with refused("file_gone"):
        open_pack(pack=pack, actor=auditor)
    place.unlink()
    with refused("file_gone"):
        open_pack(pack=pack, actor=auditor)


def test_the_same_evidence_makes_the_same_report(world: Night, log: Log, auditor: Actor) -> None:
    pack = made(log, auditor, change=world.change.code)
    with zipfile.ZipFile(path_of(pack)) as file:
        first = file.read("report.pdf")
    EvidencePack.objects.filter(pk=pack.pk).update(state="waiting")
    make_pack(pk=pack.pk)
    with zipfile.ZipFile(path_of(pack)) as file:
        assert file.read("report.pdf") == first
        assert file.read("verify_pack.py") == Path(v.__file__).read_bytes()
        assert b"python3 -I verify_pack.py" in file.read("README.txt")
    assert first.startswith(b"%PDF")


def test_a_confidential_file_goes_to_auditors_alone(world: Night, log: Log, auditor: Actor) -> None:
    attach(world, is_confidential=True)
    whole = made(log, auditor, change=world.change.code)
    assert verified(log, whole).code == v.VERIFIED
    manager = actor(make_user("ch.manager", "change_manager"))
    report = verified(log, made(log, manager, change=world.change.code))
    assert report.code == v.RESERVED and "confidential" in report.reservations[0]


WRONG = (
    ({}, "release", "does not say what the pack is about"),
    ({"release": "RP-9999-99"}, "release", "There is no release"),
    ({"change": "CHG-1; DROP"}, "change", "There is no change"),
    ({"release": "RP-2611-01", "change": "x"}, "change", "about one thing"),
    ({"change": "x", "challenge": "c" * 10_000}, "challenge", "10,000 characters; 200 fit"),
    ({"change": "x", "challenge": "1"}, "challenge", "guessed"),
    ({"change": "x", "challenge": "one line\u2028and another"}, "challenge", "several lines"),
    ({"change": "x", "challenge": "nobody\u200bsees it"}, "challenge", "U+200B"),
    ({"change": "x", "earlier_size": 999_999}, "earlier_size", "sealed entries"),
)


def test_wrong_questions_are_refused_with_the_field(world: Night, auditor: Actor) -> None:
    for asked, field, says in WRONG:
        with pytest.raises(Refused) as caught:
            ask_for_pack(actor=auditor, **asked)  # type: ignore[arg-type]
        found = [blocker for blocker in caught.value.blockers if blocker.field == field]
        assert found and says in found[0].text and found[0].fix
    assert not EvidencePack.objects.exists()


def test_an_empty_period_is_refused_with_the_nearest_ones(world: Night, auditor: Actor) -> None:
    long_ago = clock.now() - timedelta(days=9_000)
    with pytest.raises(Refused) as caught:
        ask_for_pack(actor=auditor, from_at=long_ago, to_at=long_ago + timedelta(days=1))
    (blocker,) = caught.value.blockers
    assert (blocker.code, blocker.field) == ("empty_period", "from_at")
    assert "the nearest are of" in blocker.fix
    with refused("invalid"):
        ask_for_pack(actor=auditor, from_at=long_ago, to_at=long_ago)
    with refused("invalid"):
        ask_for_pack(actor=auditor, from_at=clock.now() + timedelta(days=1))


def test_who_is_no_auditor_has_no_pack(world: Night, log: Log, auditor: Actor) -> None:
    pack = made(log, auditor, change=world.change.code)
    for role in ("requester", "release_manager", "site_admin", "viewer"):
        nobody = actor(make_user(f"a.{role}", role))
        with refused("role_missing"):
            ask_for_pack(actor=nobody, change=world.change.code)
        with refused("role_missing"):
            open_pack(pack=pack, actor=nobody)


class TestCommand:
    def test_makes_a_pack_that_verifies(
        self,
        world: Night,
        log: Log,
        auditor: Actor,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("time.sleep", lambda _: log.seal())
        out, said = tmp_path / "p.zip", io.StringIO()
        call_command(
            "export_pack", release=world.package.code, user="ines.auditor", out=out,
            challenge=CHALLENGE, stdout=said,
        )  # fmt: skip
        given = v.Options((str(log.vkey),), challenge=CHALLENGE)
        assert v.verify(str(out), given).code == v.VERIFIED
        assert "more entries will follow" in said.getvalue()

    def test_says_what_is_wrong(self, world: Night, auditor: Actor, tmp_path: Path) -> None:
        for words, says in (
            ({"change": "X"}, "Name with --user"),
            ({"change": "X", "user": "nobody"}, "There is no user nobody"),
            ({"from_at": "yesterday", "user": "ines.auditor"}, "--from yesterday is no moment"),
            ({"from_at": "2026-13-01", "user": "ines.auditor"}, "is no moment"),
            ({"from_at": "0001-01-01T00:00", "user": "ines.auditor"}, "--from .* of a year in"),
            ({"to_at": "9999-12-31", "user": "ines.auditor"}, "--to 9999-12-31 is of a year in"),
            ({"change": "X", "user": "ines.auditor"}, "No pack was made"),
            ({"change": "X", "user": "ines.auditor", "out": tmp_path}, "Add the name of the file"),
            (
                {"change": "X", "user": "ines.auditor", "out": tmp_path / "a" / "b.zip"},
                "--out .*there is no folder",
            ),
            ({"verifier": tmp_path / "a" / "v.py"}, "--verifier .* cannot be written"),
            ({"change": world.change.code, "user": "ines.auditor", "wait": 0}, "Start the sealer"),
        ):
            with pytest.raises(CommandError, match=says):
                call_command("export_pack", **words, stderr=(said := io.StringIO()))
            if says == "No pack was made":
                assert said.getvalue().startswith("--change: There is no change 'X'. Enter its")

    def test_hands_out_the_verifier_with_the_key(
        self, world: Night, log: Log, tmp_path: Path
    ) -> None:
        log.seal()
        said = io.StringIO()
        call_command("export_pack", verifier=tmp_path / "verify_pack.py", stdout=said)
        assert (tmp_path / "verify_pack.py").read_bytes() == Path(v.__file__).read_bytes()
        assert said.getvalue().strip() == str(log.vkey)


class TestPages:
    @pytest.fixture
    def client(self, world: Night, auditor: Actor) -> Client:
        client = Client()
        client.force_login(make_user("ines.auditor"))
        return client

    def test_an_auditor_asks_follows_and_downloads(
        self, world: Night, log: Log, client: Client
    ) -> None:
        form = reverse("admin:audit_evidencepack_add")
        assert world.package.code in client.get(
            form, {"release": world.package.code}
        ).content.decode()  # fmt: skip
        answer = client.post(form, {"release": world.package.code, "challenge": CHALLENGE})
        page = answer.headers["Location"]
        assert "Waiting until the entry of asking is sealed" in client.get(page).content.decode()
        pack = EvidencePack.objects.get()
        progress = reverse("admin:audit_evidencepack_progress", args=[pack.pk])
        assert client.get(progress).json()["busy"] is True
        log.seal()
        make_waiting_packs()
        ready = client.get(page).content.decode()
        assert str(log.vkey) in ready and f"verify_pack.py {pack.file_name}" in ready
        assert all(label in ready for label in ("Receipt of asking", "SHA-256 of the file"))
        assert ready.count("data-file") == 2, "a file can be had twice from one page"
        download = reverse("admin:audit_evidencepack_download", args=[pack.pk])
        assert client.get(download).status_code == 405
        sent = b"".join(client.post(download).streaming_content)  # type: ignore[attr-defined]
        assert sent == path_of(pack).read_bytes()
        listed = client.get(reverse("admin:audit_evidencepack_changelist")).content.decode()
        assert world.package.code in listed
        assert "Ask for a pack</a>" in listed

    def test_a_wrong_question_is_told_at_its_field(self, world: Night, client: Client) -> None:
        answer = client.post(
            reverse("admin:audit_evidencepack_add"), {"change": "X", "challenge": "c" * 10_000}
        )
        assert answer.status_code == 400
        assert "10,000 characters; 200 fit. Choose a shorter one." in answer.content.decode()

    def test_others_do_not_see_that_there_are_packs(self, world: Night) -> None:
        client = Client()
        client.force_login(make_user("a.requester", "requester"))
        for name in ("changelist", "add"):
            assert client.get(reverse(f"admin:audit_evidencepack_{name}")).status_code == 403


def test_the_interface_asks_polls_and_downloads(world: Night, log: Log, auditor: Actor) -> None:
    client = Client()
    client.force_login(make_user("ines.auditor"))
    address = "/api/v1/packs/"
    asked = client.post(
        address, {"release": world.package.code, "challenge": CHALLENGE},
        content_type="application/json",
    )  # fmt: skip
    assert asked.status_code == 201, asked.content
    one = asked.headers["Location"]
    assert client.post(f"{one}download/").status_code == 409
    log.seal()
    make_waiting_packs()
    told = client.get(one).json()
    assert (told["state"], told["percent"], told["log_size"]) == ("ready", 100, told["log_size"])
    assert client.post(f"{one}download/").headers["Content-Type"] == "application/zip"
    wrong = client.post(address, {"change": "X"}, content_type="application/json")
    assert wrong.status_code == 400
    assert wrong.json()["blockers"][0]["field"] == "change"
    client.force_login(make_user("a.requester", "requester"))
    assert client.get(one).status_code == 404
    assert client.get(address).json()["results"] == []
