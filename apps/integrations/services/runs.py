"""Imports in the console: files are handed in, read for a preview, and imported when confirmed.

Files wait in the database, so that a worker on another machine reads the same bytes. Small ones
are read at once, large ones by a worker, which tells how far it is through the cache.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.selectors import actor_for
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, not_found, refuse_if_any
from apps.core.jobs import enqueue_on_commit
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.integrations.adapters.files import MAX_BYTES
from apps.integrations.adapters.formats import READERS
from apps.integrations.models import ImportRun, UploadedPart
from apps.integrations.selectors import PROGRESS_KEY
from apps.integrations.services.imports import import_files
from apps.inventory.domain.rows import ImportReport
from apps.inventory.policies import import_blockers
from apps.inventory.services.import_rows import ImportRefused, Progress, feed_blockers

#: Files of this size together are read while the page waits.
AT_ONCE_BYTES = 2_000_000
MAX_FILES = 20
MAX_TOTAL_BYTES = 2 * MAX_BYTES
PART_BYTES = 1_000_000
NAME_MAX = 120
KEPT = timedelta(days=1)
PROBLEMS_KEPT = 1_000
PROGRESS_SECONDS = 3_600

State = ImportRun.State
logger = logging.getLogger(__name__)


class Upload(Protocol):
    """A file as Django hands it over."""

    name: str
    size: int

    def seek(self, offset: int) -> int: ...

    def read(self, size: int) -> bytes: ...


def start_import(
    *,
    actor: Actor,
    file_format: str,
    files: Sequence[Upload],
    feed: str = "",
    partial: bool = False,
) -> ImportRun:
    """Keep the files and read them for a preview: at once when they are small, else by a worker."""
    run: ImportRun = _keep(
        actor=actor, file_format=file_format, files=files, feed=feed, partial=partial
    )
    if run.size <= AT_ONCE_BYTES:
        read_run(pk=run.pk, actor=actor)
        run.refresh_from_db()
    return run


@door("import")
def _keep(
    *, actor: Actor, file_format: str, files: Sequence[Upload], feed: str, partial: bool
) -> ImportRun:
    known = READERS.get(file_format)
    feed = feed.strip() or (known.feed if known else "")
    refuse_if_any(
        [
            *start_blockers(actor),
            *([] if known else [bad_input("file_format", "There is no such format.")]),
            *(feed_blockers(feed) if known else ()),
            *_file_blockers(files),
        ]
    )
    assert known is not None
    run = ImportRun.objects.create(
        file_format=file_format,
        feed=feed,
        is_partial=partial or known.partial,
        size=sum(file.size for file in files),
        started_by_id=actor.user_id,
        created_at=clock.now(),
    )
    run.files = [_keep_file(run, number, file) for number, file in enumerate(files)]
    told = "\n".join(f"{file['sha256']}  {file['name']}" for file in run.files)
    run.digest = hashlib.sha256(told.encode()).hexdigest()
    run.save(update_fields=["files", "digest"])
    if run.size > AT_ONCE_BYTES:
        enqueue_on_commit("apps.integrations.tasks.read_run", pk=str(run.pk))
    return run


def start_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from import_blockers(actor)
    if actor.id is None:
        text = "The portal itself hands in no files."
        yield Blocker(
            "no_account",
            text,
            "Use manage.py import_inventory.",
            "who runs the portal",
            kind="permission",
        )


def _file_blockers(files: Sequence[Upload]) -> Iterator[Blocker]:
    if not files:
        yield bad_input("files", "There is no file.", "Choose one or more.", "required")
    if len(files) > MAX_FILES:
        yield bad_input("files", f"{len(files)} files; {MAX_FILES} are taken at once.")
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        yield bad_input("files", "Two files have the same name.", "Rename one of them.")
    for file in files:
        yield from text_blockers("files", file.name, required=True, longest=NAME_MAX)
        if "/" in file.name or file.name in (".", ".."):
            yield bad_input("files", f"{file.name[:60]!r} is no name of a file.")
        if file.size > MAX_BYTES:
            yield bad_input(
                "files",
                f"{file.name[:60]} has {file.size / 1e6:,.0f} MB; {MAX_BYTES / 1e6:,.0f} fit.",
                "Split it into several files.",
            )
    total = sum(file.size for file in files)
    if total > MAX_TOTAL_BYTES:
        text = f"The files have {total / 1e6:,.0f} MB; {MAX_TOTAL_BYTES / 1e6:,.0f} fit."
        yield bad_input("files", text, "Import them one after the other, as a partial listing.")


def _keep_file(run: ImportRun, number: int, file: Upload) -> dict[str, Any]:
    digest = hashlib.sha256()
    file.seek(0)
    for part, content in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        digest.update(content)
        UploadedPart.objects.create(run=run, file=number, number=part, content=content)
    return {"name": file.name, "bytes": file.size, "sha256": digest.hexdigest()}


def confirm_import(*, pk: Any, actor: Actor, digest: str) -> ImportRun:
    """Import what was previewed: the bytes with the digest that the page showed."""
    run: ImportRun = _confirm(pk=pk, actor=actor, digest=digest)
    if run.size <= AT_ONCE_BYTES:
        import_run(pk=run.pk, actor=actor)
        run.refresh_from_db()
    return run


@door("import")
def _confirm(*, pk: Any, actor: Actor, digest: str) -> ImportRun:
    run = _locked(pk)
    refuse_if_any([*start_blockers(actor), *_confirm_blockers(run, digest)])
    run.state, run.confirmed_by_id = State.IMPORTING, actor.user_id
    run.save(update_fields=["state", "confirmed_by"])
    if run.size > AT_ONCE_BYTES:
        enqueue_on_commit("apps.integrations.tasks.import_run", pk=str(run.pk))
    return run


def _confirm_blockers(run: ImportRun, digest: str) -> Iterator[Blocker]:
    if run.state != State.PREVIEWED:
        yield Blocker(
            "not_previewed",
            f"This import is {run.get_state_display().lower()}; nothing is waiting.",
            "Hand the files in again.",
            "you",
            kind="state",
        )
    elif digest != run.digest:
        text = "The page showed other files than those that are kept."
        yield Blocker("stale", text, "Reload it and look at the preview again.", "you", "state")


def _locked(pk: Any) -> ImportRun:
    try:
        return ImportRun.objects.select_for_update().get(pk=pk)
    except (ImportRun.DoesNotExist, ValidationError):
        raise not_found("import") from None


def read_run(*, pk: Any, actor: Actor | None = None) -> None:
    """Read the files of a run and keep what they would change.

    Without `actor`, as in a worker, it acts for who started the run, with the roles of now.
    """
    run = ImportRun.objects.select_related("started_by").get(pk=pk)
    if run.state == State.READING:
        _work(run, actor or actor_for(run.started_by, channel="task"), dry_run=True)


def import_run(*, pk: Any, actor: Actor | None = None) -> None:
    """Import the files of a confirmed run. A message delivered twice imports nothing twice.

    Without `actor`, as in a worker, it acts for who confirmed the run, with the roles of now.
    """
    run = ImportRun.objects.select_related("confirmed_by").get(pk=pk)
    if run.state == State.IMPORTING:
        assert run.confirmed_by is not None
        _work(run, actor or actor_for(run.confirmed_by, channel="task"), dry_run=False)


def _work(run: ImportRun, actor: Actor, *, dry_run: bool) -> None:
    state, report, error = State.FAILED, None, ""
    try:
        with TemporaryDirectory(prefix="interlock-import-") as folder:
            report = import_files(
                actor=actor,
                file_format=run.file_format,
                paths=list(_unpacked(run, Path(folder))),
                feed=run.feed,
                partial=run.is_partial,
                dry_run=dry_run,
                progress=_progress(run) if run.size > AT_ONCE_BYTES else None,
            )
        done = State.PREVIEWED if dry_run else State.IMPORTED
        state = State.REFUSED if report.is_refused else done
    except ImportRefused as refusal:
        state, report = State.REFUSED, refusal.report
    except Refused as refusal:
        state, error = State.REFUSED, str(refusal)[:500]
    except Exception:
        logger.exception("import_failed", extra={"run": str(run.pk)})
        error = "The import failed inside, and nothing was imported. The fault was recorded."
    _finish(run, state, report, error)


def _unpacked(run: ImportRun, folder: Path) -> Iterator[Path]:
    """The files of the run, written out; each in a folder of its own, under its own name."""
    for number, file in enumerate(run.files):
        path = folder / str(number) / file["name"]
        path.parent.mkdir()
        parts = run.parts.filter(file=number).order_by("number")
        with path.open("wb") as target:
            for content in parts.values_list("content", flat=True).iterator(chunk_size=4):
                target.write(content)
        yield path


def _progress(run: ImportRun) -> Progress:
    def tell(what: str, done: int) -> None:
        cache.set(PROGRESS_KEY.format(run.pk), {"what": what, "done": done}, PROGRESS_SECONDS)

    return tell


def _finish(run: ImportRun, state: str, report: ImportReport | None, error: str) -> None:
    """Keep the outcome, unless another worker was first."""
    with transaction.atomic(durable=True):
        kept = _locked(run.pk)
        if kept.state != run.state:
            return
        kept.state, kept.error, kept.finished_at = state, error, clock.now()
        if report is not None:
            kept.report = _as_json(report)
        kept.save(update_fields=["state", "error", "finished_at", "report"])
        if state != State.PREVIEWED:
            kept.parts.all().delete()


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "count": report.count,
        "lines": report.lines,
        "problem_count": len(report.problems),
        "problems": [str(problem) for problem in report.problems[:PROBLEMS_KEPT]],
        "notice_count": len(report.notices),
        "notices": [str(notice) for notice in report.notices[:PROBLEMS_KEPT]],
    }


def discard_old_uploads() -> int:
    """Remove files that were not confirmed within a day; returns of how many imports."""
    old = ImportRun.objects.filter(
        created_at__lt=clock.now() - KEPT, state__in=(State.PREVIEWED, *ImportRun.BUSY)
    )
    discarded = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic(durable=True):
            run = _locked(pk)
            if run.state in (State.PREVIEWED, *ImportRun.BUSY):
                run.state, run.finished_at = State.DISCARDED, clock.now()
                run.save(update_fields=["state", "finished_at"])
                run.parts.all().delete()
                discarded += 1
    return discarded
