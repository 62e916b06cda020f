"""Test evidence of a change: attached with its file, kept once, and never served as good when it
is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.services.delegations import delegate_role
from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from apps.changes.services.exhibits import attach_exhibit, exhibits_for, open_file_of
from apps.core import clock
from apps.evidence.models import EvidenceEntry, Exhibit
from apps.evidence.services import files
from tests.changes.worlds import Bank, draft, small_bank, submitted
from tests.factories import actor, make_user
from tests.support import commit_now, refused

PDF = b"%PDF-1.7 every account keeps its balance"


@pytest.fixture
def bank(db: None, settings: Any, tmp_path: Path) -> Bank:
    settings.INTERLOCK_EXHIBITS_DIR = tmp_path / "exhibits"
    return small_bank()


def upload(data: bytes = PDF, name: str = "control-totals.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/html")


def attach(bank: Bank, change: ChangeRequest, data: Any = None, **values: Any) -> Exhibit:
    told = {"kind": "uat", "title": "Control totals", "verdict": "passed", **values}
    return attach_exhibit(
        change=change.pk, actor=actor(bank.developer), values=told, upload=data or upload()
    )


def kept(settings: Any) -> list[Path]:
    return [path for path in Path(settings.INTERLOCK_EXHIBITS_DIR).rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_digest_with_what_was_tested(bank: Bank, settings: Any) -> None:
    change = draft(bank)
    found = attach(bank, change, tested_version="01.15", tester="Test centre Utrecht")
    commit_now()
    assert found.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (found.file_name, found.content_type, found.size) == (
        "control-totals.pdf", "application/pdf", len(PDF),
    )  # fmt: skip
    assert [path.name for path in kept(settings)] == [found.sha256]
    assert kept(settings)[0].read_bytes() == PDF


def test_a_tester_is_a_person_of_the_system_or_a_laboratory(bank: Bank) -> None:
    change = draft(bank)
    assert attach(bank, change, tested_by=bank.owner).tested_by == bank.owner
    assert attach(bank, change, tested_by=bank.owner.pk).tested_by_whom == "owner.card"
    assert attach(bank, change, tester="Test centre Utrecht").tested_by is None
    commit_now()
    for told in ({"tested_by": bank.owner, "tester": "Test centre Utrecht"},
                 {"tested_by": uuid4()}):  # fmt: skip
        with refused("invalid"):
            attach(bank, change, **told)


def test_the_same_bytes_are_kept_once(bank: Bank, settings: Any) -> None:
    change = draft(bank)
    attach(bank, change)
    attach(bank, change, upload(name="again.pdf"))
    assert len(kept(settings)) == 1


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"MZ\x90", "run.exe", "wrong_type"),
        (b"<script>alert(1)</script>", "page.html", "wrong_type"),
        (b"<script>alert(1)</script>", "page.pdf", "wrong_type"),
        (b"a\x00b", "log.txt", "wrong_type"),
        (b"", "empty.txt", "empty_file"),
    ],
)
def test_what_is_no_evidence_is_refused_and_not_kept(
    bank: Bank, settings: Any, data: bytes, name: str, code: str
) -> None:
    with refused(code):
        attach(bank, draft(bank), upload(data, name))
    assert kept(settings) == [] and not Exhibit.objects.exists()


def test_a_file_that_is_larger_than_it_says_is_refused(
    bank: Bank, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    sent = upload()
    sent.size = 5
    with refused("too_large"):
        attach(bank, draft(bank), sent)
    assert kept(settings) == []


def test_a_path_in_the_name_of_a_file_leads_nowhere(bank: Bank, settings: Any) -> None:
    sent = upload()
    sent._name = "..\\..\\etc/totals.pdf"  # type: ignore[attr-defined]
    assert attach(bank, draft(bank), sent).file_name == "totals.pdf"


def test_an_altered_file_is_told_and_not_served(bank: Bank, settings: Any) -> None:
    change = draft(bank)
    found = attach(bank, change)
    place = files.path_of(found.sha256)
    place.chmod(0o600)
    place.write_bytes(PDF + b"!")
    with refused("file_altered"):
        open_file_of(change=change, exhibit=found.pk, actor=actor(bank.owner))
    assert EvidenceEntry.objects.filter(action="evidence.damaged", about=change.subject).exists()


def test_a_missing_file_is_told(bank: Bank) -> None:
    change = draft(bank)
    found = attach(bank, change)
    files.path_of(found.sha256).unlink()
    with refused("file_missing"):
        open_file_of(change=change, exhibit=found.pk, actor=actor(bank.owner))


def test_handing_the_same_file_in_again_mends_it(bank: Bank) -> None:
    change = draft(bank)
    found = attach(bank, change)
    place = files.path_of(found.sha256)
    place.chmod(0o600)
    place.write_bytes(b"something else")
    attach(bank, change)
    with open_file_of(change=change, exhibit=found.pk, actor=actor(bank.owner)).file as file:
        assert file.read() == PDF


def deputy_of(holder: User, role: str) -> User:
    deputy = make_user("deputy")
    delegate_role(actor=actor(holder), delegate=deputy, role=role, reason="Holidays",
                  ends_at=clock.now() + timedelta(days=5))  # fmt: skip
    return deputy


#: Who reads a confidential document, by what they are to the change.
READERS: dict[str, Callable[[Bank], Any]] = {
    "who attached it": lambda bank: bank.developer,
    "the requester": lambda bank: bank.requester,
    "an approver": lambda bank: bank.owner,
    "who decides for an approver": lambda bank: deputy_of(bank.owner, "application_owner"),
    "the owning team": lambda bank: make_user("mate", "implementer", teams=["CARD-DEV"]),
    "an auditor": lambda bank: make_user("auditor", "auditor"),
}
STRANGERS: dict[str, Callable[[Bank], Any]] = {
    "another developer": lambda bank: make_user("dev.other", "developer"),
    "the board": lambda bank: bank.board[0],
    "an administrator": lambda bank: make_user("admin.site", "site_admin"),
}


@pytest.mark.parametrize("who", READERS)
def test_a_confidential_file_is_read_by_whom_it_concerns(bank: Bank, who: str) -> None:
    change = submitted(bank)
    found = attach(bank, change, is_confidential=True)
    reader = actor(READERS[who](bank))
    assert exhibits_for(reader, change) == [found]
    open_file_of(change=change, exhibit=found.pk, actor=reader).file.close()
    assert EvidenceEntry.objects.filter(action="evidence.read", actor_id=reader.id).exists()


@pytest.mark.parametrize("who", STRANGERS)
def test_a_confidential_file_is_not_there_for_others(bank: Bank, who: str) -> None:
    change = submitted(bank)
    found = attach(bank, change, is_confidential=True)
    stranger = actor(STRANGERS[who](bank))
    assert exhibits_for(stranger, change) == []
    with refused("not_found"):
        open_file_of(change=change, exhibit=found.pk, actor=stranger)


def test_who_has_no_part_in_it_attaches_nothing(bank: Bank) -> None:
    with refused("role_missing"):
        attach_exhibit(
            change=draft(bank).pk, actor=actor(bank.board[0]),
            values={"kind": "uat", "title": "x"}, upload=upload(),
        )  # fmt: skip


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://host/file", "file:///etc/passwd"])
def test_a_link_leads_to_a_web_page_only(bank: Bank, url: str) -> None:
    with refused():
        attach(bank, draft(bank), url=url)
    with refused("invalid"):
        link = {"kind": "incident", "ref": "INC0098213", "url": url}
        requests.edit_change(
            pk=draft(bank).pk, actor=actor(bank.requester), values={}, parts={"links": [link]}
        )


@pytest.fixture
def browser(bank: Bank, client: Client) -> Client:
    client.force_login(bank.developer)
    return client


def test_the_page_takes_a_file_and_gives_it_back_as_an_attachment(
    bank: Bank, browser: Client
) -> None:
    change = draft(bank)
    sent = {"kind": "uat", "title": "Totals", "file": upload()}
    answer = browser.post(reverse("admin:changes_attach_exhibit", args=[change.pk]), sent)
    assert answer.status_code == 302
    found = Exhibit.objects.get()
    page = browser.get(reverse("admin:changes_changerequest_change", args=[change.pk]))
    address = reverse("admin:changes_exhibit_file", args=[change.pk, found.pk])
    assert address in page.content.decode()
    served = browser.get(address)
    assert b"".join(served.streaming_content) == PDF  # type: ignore[attr-defined]
    assert served["Content-Type"] == "application/pdf"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Disposition"] == 'attachment; filename="control-totals.pdf"'
    assert served["Content-Security-Policy"].startswith("sandbox")


def test_the_page_says_what_is_wrong_with_a_file(bank: Bank, browser: Client) -> None:
    sent = {"kind": "uat", "title": "Totals", "file": upload(b"MZ", "run.exe")}
    answer = browser.post(reverse("admin:changes_attach_exhibit", args=[draft(bank).pk]), sent)
    assert answer.status_code == 400 and "is of no kind that is kept" in answer.content.decode()


def test_the_page_tells_that_a_file_was_altered(bank: Bank, browser: Client) -> None:
    change = draft(bank)
    found = attach(bank, change)
    files.path_of(found.sha256).unlink()
    answer = browser.get(reverse("admin:changes_exhibit_file", args=[change.pk, found.pk]))
    assert answer.status_code == 409
    assert "not in its place any more" in answer.content.decode()


def test_the_interface_takes_a_file_and_gives_it_back(bank: Bank, browser: Client) -> None:
    change = draft(bank)
    address = f"/api/v1/changes/{change.pk}/documents/"
    sent = {"kind": "sit", "title": "Totals", "verdict": "passed", "file": upload()}
    made = browser.post(address, sent)
    assert made.status_code == 201, made.content
    listed = browser.get(address).json()
    assert [row["sha256"] for row in listed] == [hashlib.sha256(PDF).hexdigest()]
    served = browser.get(f"{address}{made.json()['id']}/file/")
    assert b"".join(served.streaming_content) == PDF  # type: ignore[attr-defined]


def test_every_change_for_a_reference_is_one_question(bank: Bank, browser: Client) -> None:
    links = [{"kind": kind, "ref": "INC0098213"} for kind in ("incident", "problem")]
    change = draft(bank)
    draft(bank)
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={}, parts={"links": links}
    )
    told = browser.get("/api/v1/changes/?ref=INC0098213").json()["results"]
    assert [row["id"] for row in told] == [str(change.pk)]


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("dev.other", 404)])
def test_the_register_of_evidence_keeps_what_is_confidential(
    bank: Bank, client: Client, who: str, status: int
) -> None:
    found = attach(bank, draft(bank), is_confidential=True)
    client.force_login(make_user(who, "auditor" if who == "auditor" else "developer"))
    page = client.get(reverse("admin:evidence_exhibit_change", args=[found.pk]), follow=True)
    assert page.status_code == status
