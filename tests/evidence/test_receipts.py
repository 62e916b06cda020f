"""A decision answers with the receipt of its entry: on the page, over HTTP and by mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.domain import verify_pack as v
from apps.audit.services.pack_making import make_waiting_packs
from apps.audit.services.packs import ask_for_pack, path_of
from apps.changes.models import ChangeRequest
from apps.evidence.models import EvidenceEntry
from apps.notifications.models import Message
from apps.notifications.tasks import relay_outbox
from tests.changes.worlds import Bank, sign, small_bank, submitted
from tests.evidence.log import Log
from tests.factories import PASSWORD, actor, make_user


@pytest.fixture
def bank(db: None, settings: Any, tmp_path: Path) -> Bank:
    settings.INTERLOCK_PACKS_DIR = tmp_path / "packs"
    return small_bank()


def newest(change: ChangeRequest) -> str:
    entry = EvidenceEntry.objects.filter(subject=change.subject).order_by("-seq")[0]
    return bytes(entry.leaf).hex()


def test_a_signature_answers_with_its_receipt_on_the_page(bank: Bank) -> None:
    change = submitted(bank)
    bank.owner.set_password(PASSWORD)
    bank.owner.save(update_fields=["password"])
    client = Client()
    assert client.login(username="owner.card", password=PASSWORD)
    page = reverse("admin:changes_changerequest_change", args=[change.pk])
    answer = client.post(
        f"{page.removesuffix('change/')}move/approve/",
        {"evidence_seq": change.evidence_seq, "password": PASSWORD,
         "content_digest": change.current_fingerprint()},
        follow=True,
    )  # fmt: skip
    change = ChangeRequest.objects.get()
    assert f"Receipt: entry {change.evidence_seq} of its record" in answer.content.decode()
    assert newest(change) in answer.content.decode()


def test_a_receipt_is_found_in_the_pack_of_the_change(bank: Bank, tmp_path: Path) -> None:
    log = Log(tmp_path / "sealer")
    receipt = sign(submitted(bank), bank.owner).receipt
    change = ChangeRequest.objects.get()
    ask_for_pack(actor=actor(make_user("ines.auditor", "auditor")), change=change.code)
    log.seal()
    assert make_waiting_packs() == 1
    pack = path_of(make_user("ines.auditor").evidence_packs.get())
    keys = (str(log.vkey),)
    assert v.verify(str(pack), v.Options(keys, expect=(receipt.leaf,))).code == v.VERIFIED
    assert v.verify(str(pack), v.Options(keys, expect=("0" * 64,))).code == v.BROKEN


def test_the_news_of_a_decision_carries_its_receipt(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner)
    relay_outbox()
    told = Message.objects.filter(about=change.subject)
    entries = EvidenceEntry.objects.filter(subject=change.subject)
    assert told and any(entry.receipt.words in message.text for entry in entries
                        for message in told)  # fmt: skip
