"""Imports in the console: kept, previewed, confirmed, and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.evidence.models import EvidenceEntry
from apps.integrations.models import ImportRun, UploadedPart
from apps.integrations.selectors import PROGRESS_KEY, progress_of, told_of
from apps.integrations.services import runs
from apps.inventory.models import Asset
from tests.factories import actor, make_user
from tests.inventory.factories import keeper
from tests.support import refused

pytestmark = pytest.mark.django_db

JOBS = b"type,name\njob,NEWJOB\njob,OTHERJOB\n"


@pytest.fixture
def by() -> Actor:
    return keeper()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tasks that would have been sent; every file counts as large."""
    found: list[str] = []
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(runs, "enqueue_on_commit", lambda path, **_: found.append(path))
    return found


def file(content: bytes = JOBS, name: str = "jobs.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def start(by: Actor, *files: Any, file_format: str = "table", **more: Any) -> ImportRun:
    return runs.start_import(actor=by, file_format=file_format, files=files or [file()], **more)


def confirm(by: Actor, run: ImportRun, digest: str = "") -> ImportRun:
    return runs.confirm_import(pk=run.pk, actor=by, digest=digest or run.digest)


def test_small_files_are_previewed_at_once_and_nothing_is_imported(by: Actor) -> None:
    run = start(by)
    assert (run.state, run.feed, run.is_partial) == ("previewed", "table", False)
    assert [(told.kind.code, told.count) for told in told_of(run)] == [("assets_created", 2)]
    assert told_of(run)[0].lines == ["asset job NEWJOB", "asset job OTHERJOB"]
    assert not Asset.objects.exists()


def test_confirmed_it_is_imported_in_the_name_of_who_confirmed(by: Actor) -> None:
    other = actor(make_user("coordinator", "release_coordinator"))
    run = confirm(other, start(by))
    assert (run.state, run.confirmed_by_id, run.started_by_id) == ("imported", other.id, by.id)
    assert Asset.objects.count() == 2
    entry = EvidenceEntry.objects.get(action="import.inventory_imported")
    assert entry.actor_id == other.id
    assert not UploadedPart.objects.exists()


def test_only_the_files_of_the_preview_are_imported(by: Actor) -> None:
    run = start(by)
    with refused("stale"):
        confirm(by, run, digest="0" * 64)
    assert not Asset.objects.exists()


def test_an_import_is_confirmed_once(by: Actor) -> None:
    run = confirm(by, start(by))
    with refused("not_previewed"):
        confirm(by, run)


def test_bad_files_are_refused_with_every_problem_and_forgotten(by: Actor) -> None:
    run = start(by, file(b"type,name\njob,NINECHARS\nfloppy,X\n"))
    assert run.state == "refused"
    assert run.report["problems"] == [
        "jobs.csv:2: name: A member name has at most 8 characters; 'NINECHARS' has 9.",
        "jobs.csv:3: type: There is no asset type 'floppy'.",
    ]
    assert not UploadedPart.objects.exists()
    with refused("not_previewed"):
        confirm(by, run)


def test_what_became_wrong_since_the_preview_is_told_when_imported(by: Actor) -> None:
    run = start(by)
    ImportRun.objects.filter(pk=run.pk).update(file_format="csv")
    run = confirm(by, run)
    assert run.state == "refused"
    assert "The columns are" in run.report["problems"][0]
    assert not Asset.objects.exists()


def test_large_files_are_left_to_a_worker(by: Actor, sent: list[str]) -> None:
    run = start(by)
    assert (run.state, sent) == ("reading", ["apps.integrations.tasks.read_run"])
    runs.read_run(pk=run.pk)
    run.refresh_from_db()
    assert run.state == "previewed"
    run = confirm(by, run)
    assert (run.state, sent[-1]) == ("importing", "apps.integrations.tasks.import_run")
    runs.import_run(pk=run.pk)
    run.refresh_from_db()
    assert run.state == "imported"


def test_a_message_delivered_twice_imports_once(by: Actor, sent: list[str]) -> None:
    run = start(by)
    runs.read_run(pk=run.pk)
    runs.read_run(pk=run.pk)
    confirm(by, run)
    runs.import_run(pk=run.pk)
    runs.import_run(pk=run.pk)
    run.refresh_from_db()
    assert run.report["count"]["assets_created"] == 2


def test_a_worker_tells_how_far_it_is(by: Actor, sent: list[str]) -> None:
    run = start(by)
    assert progress_of(run).sentence == "Waiting for a worker"
    cache.set(PROGRESS_KEY.format(run.pk), {"what": "assets entered", "done": 1_000})
    told = progress_of(run)
    assert told.sentence == "1,000 assets entered"
    assert 60 <= told.percent <= 80
    runs.read_run(pk=run.pk)
    run.refresh_from_db()
    assert progress_of(run).percent == 100


def test_a_fault_inside_is_told_and_nothing_is_imported(
    by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(**_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "import_files", fault)
    run = start(by)
    assert run.state == "failed"
    assert "nothing was imported" in run.error


def test_the_same_bytes_are_read_whatever_their_size(
    by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PART_BYTES", 10)
    run = start(by)
    assert run.parts.count() == 4
    assert run.report["count"]["assets_created"] == 2


def test_a_feed_and_an_extent_are_chosen(by: Actor) -> None:
    run = start(by, feed="table-weekly", partial=True)
    assert (run.feed, run.is_partial) == ("table-weekly", True)
    built = start(by, file(b'{"records": [{"type": "X"}]}', "b.json"), file_format="dbb")
    assert built.is_partial


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ([], "files"),
        ([file(name=f"{n}.csv") for n in range(21)], "files"),
        ([file(), file()], "files"),
        ([file(name="x" * 121)], "files"),
    ],
    ids=["none", "many", "one name twice", "a long name"],
)
def test_files_that_are_not_taken(by: Actor, files: Sequence[Any], field: str) -> None:
    with refused() as caught:
        runs.start_import(actor=by, file_format="table", files=files)
    assert {blocker.field for blocker in caught.value.blockers} == {field}
    assert not ImportRun.objects.exists()


def test_too_many_bytes_are_not_taken(by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MAX_BYTES", 10)
    monkeypatch.setattr(runs, "MAX_TOTAL_BYTES", 40)
    with refused("invalid") as caught:
        start(by, file(), file(name="b.csv"))
    assert len(caught.value.blockers) == 3


@pytest.mark.parametrize("more", [{"file_format": "floppy"}, {"feed": "Not A Feed"}])
def test_unknown_formats_and_feeds_are_not_taken(by: Actor, more: dict[str, str]) -> None:
    with refused("invalid"):
        start(by, **more)


@pytest.mark.parametrize("role", ["auditor", "viewer", "implementer"])
def test_who_may_not(by: Actor, role: str) -> None:
    somebody = actor(make_user("somebody", role))
    with refused("role_missing"):
        start(somebody)
    run = start(by)
    with refused("role_missing"):
        confirm(somebody, run)


def test_the_portal_itself_hands_nothing_in() -> None:
    with refused("no_account"):
        start(system_actor("import"))


def test_files_are_forgotten_after_a_day(by: Actor, sent: list[str]) -> None:
    done, waiting = start(by), start(by)
    runs.read_run(pk=done.pk)
    confirm(by, done)
    runs.import_run(pk=done.pk)
    assert runs.discard_old_uploads() == 0
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert runs.discard_old_uploads() == 1
    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.state, done.state) == ("discarded", "imported")
    assert not UploadedPart.objects.exists()
