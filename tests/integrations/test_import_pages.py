"""The pages of an import, as people meet them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.integrations.models import ImportRun
from apps.integrations.services import runs
from apps.inventory.models import Asset
from tests.factories import actor, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/integrations/importrun/add/"
LIST = "/admin/integrations/importrun/"
JOBS = b"type,name,description\njob,NEWJOB,The <b>new</b> job\n"


def browser(role: str = "developer") -> Client:
    client = Client()
    client.force_login(make_user("somebody", role))
    return client


def post(client: Client, content: bytes = JOBS, **more: Any) -> Any:
    upload = SimpleUploadedFile("jobs.csv", content)
    return client.post(ADD, {"file_format": "table", "files": [upload], **more}, follow=True)


def page(run: ImportRun, what: str = "change") -> str:
    return reverse(f"admin:integrations_importrun_{what}", args=[run.pk])


def test_the_page_names_the_formats_and_takes_several_files() -> None:
    html = browser().get(ADD).content.decode()
    assert "Control-M DEFTABLE" in html and "always partial" in html
    assert 'type="file"' in html and "multiple" in html


def test_handing_in_shows_the_preview_and_the_button_imports() -> None:
    client = browser()
    html = post(client).content.decode()
    assert "Assets entered" in html and "asset job NEWJOB" in html
    assert not Asset.objects.exists()
    run = ImportRun.objects.get()
    done = client.post(page(run, "confirm"), {"digest": run.digest}, follow=True)
    assert done.status_code == 200
    assert "Imported" in done.content.decode()
    assert Asset.objects.get().name == "NEWJOB"


def test_a_forged_confirmation_imports_nothing() -> None:
    client = browser()
    post(client)
    run = ImportRun.objects.get()
    for digest in ("", "0" * 64, "\x00", "x" * 5_000):
        answer = client.post(page(run, "confirm"), {"digest": digest})
        assert answer.status_code == 409
    assert "other files than those that are kept" in answer.content.decode()
    assert client.get(page(run, "confirm")).status_code == 405
    assert not Asset.objects.exists()


def test_problems_are_told_line_by_line_and_escaped() -> None:
    html = post(browser(), b"type,name\njob,<script>\n").content.decode()
    assert "jobs.csv:2: name" in html
    assert "<script>&#x27;" not in html and "&lt;script&gt;" in html
    assert "Nothing was imported" in html


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"files": []}, "There is no file."),
        ({"file_format": ""}, "This field is required"),
        ({"file_format": "floppy"}, "Select a valid choice"),
        ({"feed": "Not A Feed"}, "is no name of a feed"),
        ({"feed": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_bad_input_stays_on_the_page_and_is_told(sent: dict[str, Any], told: str) -> None:
    answer = post(browser(), **sent)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "viewer"])
def test_who_does_not_import_is_told_why(role: str) -> None:
    client = browser(role)
    answer = client.get(ADD)
    assert answer.status_code == 403
    assert "does not import inventories" in answer.content.decode()
    assert post(client).status_code == 403


def test_an_auditor_reads_imports_and_gets_no_button() -> None:
    run = runs.start_import(
        actor=actor(make_user("dev", "developer")), file_format="table",
        files=[SimpleUploadedFile("jobs.csv", JOBS)],
    )  # fmt: skip
    html = browser("auditor").get(page(run)).content.decode()
    assert "asset job NEWJOB" in html
    assert "does not import inventories" in html
    assert ">Import</button>" not in html


def test_a_page_that_waits_follows_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    client = browser()
    html = post(client).content.decode()
    run = ImportRun.objects.get()
    assert page(run, "progress") in html and "console/imports.js" in html
    told = client.get(page(run, "progress")).json()
    assert told == {"busy": True, "percent": 0, "sentence": "Waiting for a worker"}
    runs.read_run(pk=run.pk)
    assert client.get(page(run, "progress")).json()["busy"] is False
    assert client.post(page(run, "progress")).status_code == 405


def test_the_list_costs_the_same_for_any_number_of_imports(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, by = browser(), actor(make_user("dev", "developer"))

    def hand_in(times: int) -> None:
        for _ in range(times):
            runs.start_import(
                actor=by, file_format="table", files=[SimpleUploadedFile("jobs.csv", JOBS)]
            )

    hand_in(1)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    hand_in(2)
    with django_assert_num_queries(len(one)):
        client.get(LIST)
