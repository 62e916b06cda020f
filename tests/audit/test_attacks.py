"""Whoever has a pack, or the database, alters it: every attack is detected, no honest pack is."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.audit.domain import verify_pack as v
from apps.audit.domain.pack_file import Content, Line, Single
from tests.audit import logs
from tests.audit.logs import Log, Signer, altered, record_content, written

CHALLENGE = "violet cormorant 7 aside"
FILE = b"%PDF-1.7 all tests passed"
START, END = 13, 45  # of the period

Lines = list[bytes]


def journey(rewritten: int = -1) -> Log:
    """Records that grow side by side; the entry at `rewritten` says something else, and all that
    follows was made anew so that everything fits."""
    log = Log()
    for n in range(60):
        more = {"comment": "forged"} if n == rewritten else {"comment": f"step {n}"}
        if n == 30:
            log.exhibit("exhibit:1", FILE)
        else:
            log.add(f"change:{n % 4}", **more)
    return log


def of_record(log: Log, number: int) -> list[int]:
    subjects = [json.loads(body)["subject"] for body in log.bodies]
    return [n for n, told in enumerate(subjects) if told in (f"change:{number}", "exhibit:1")]


class Made:
    """An honest pack with what an auditor holds beside it."""

    def __init__(self, kind: str, path: Path, hidden: tuple[int, ...] = ()) -> None:
        self.log, self.kind, self.hidden = journey(), kind, hidden
        self.log_then = self.log.checkpoint(20)
        if kind == "record":
            self.indexes = of_record(self.log, 2)
            self.closing = logs.close_record(self.log, self.indexes, CHALLENGE)
            self.log.add("change:9")
            self.lines = [*self.indexes, self.closing]
        else:
            self.closing = logs.close_period(self.log, START, END, CHALLENGE)
            self.log.add("change:9")
            self.lines = [*range(START, END), self.closing]
        self.receipt = self.log.leaf(30).hex()
        self.path = written(path / f"{kind}.zip", self.content())

    def content(self) -> Content:
        sha256 = hashlib.sha256(FILE).hexdigest()
        more = {"attachments": [(sha256, [FILE])],
                "consistency": {20: logs.consistency(20, self.log.leaves)},
                "more": [("README.txt", b"read me")]}  # fmt: skip
        if self.kind == "record":
            return record_content(self.log, self.lines, hidden=self.hidden, **more)
        return logs.period_content(self.log, START, END, self.closing, hidden=self.hidden, **more)

    def options(self, **other: object) -> v.Options:
        return v.Options(
            vkeys=(self.log.signer.vkey,), pinned=self.log_then, challenge=CHALLENGE,
            expect=(self.receipt,),
        )._replace(**other)  # fmt: skip

    def verify(self, path: Path | None = None, **other: object) -> v.Report:
        return v.verify(str(path or self.path), self.options(**other))


@pytest.fixture(autouse=True)
def each_signature_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same notes are read hundreds of times here; their signatures take most of the time."""
    monkeypatch.setattr(v, "ed25519_verify", checked)


checked = functools.cache(v.ed25519_verify)


@pytest.fixture(params=["record", "period"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    return Made(request.param, tmp_path)


def edit_lines(made: Made, change: Callable[[Lines], Lines]) -> Path:
    def other(old: bytes) -> bytes:
        return b"".join(line + b"\n" for line in change(old.splitlines()))

    return altered(made.path, "entries.jsonl", other)


def test_an_honest_pack_is_verified(made: Made) -> None:
    report = made.verify()
    assert (report.broken, report.reservations, report.code) == ("", [], v.VERIFIED)
    assert {what for what, _ in report.checked} == {
        "signature", "tree", "records", "closing", "challenge", "attachments",
        "earlier checkpoint", "receipt",
    }  # fmt: skip


@pytest.mark.parametrize("at", range(START, END + 1))
def test_a_period_is_told_against_a_checkpoint_of_any_size(tmp_path: Path, at: int) -> None:
    made = Made("period", tmp_path)
    assert made.verify(pinned=made.log.checkpoint(at)).code == v.VERIFIED
    assert made.verify(pinned=journey(rewritten=5).checkpoint(at)).code == v.BROKEN


def test_an_edit_of_any_line_is_detected_with_the_line(made: Made) -> None:
    for at in range(len(made.lines)):

        def change(lines: Lines, at: int = at) -> Lines:
            return [*lines[:at], lines[at].replace(b"10.0.0.1", b"10.0.0.2"), *lines[at + 1 :]]

        report = made.verify(edit_lines(made, change))
        assert (report.code, report.line) == (v.BROKEN, at + 1)


def test_dropping_any_line_is_detected(made: Made) -> None:
    for at in range(len(made.lines)):
        report = made.verify(edit_lines(made, lambda old, at=at: old[:at] + old[at + 1 :]))
        assert report.code == v.BROKEN and report.line


def test_an_inserted_line_is_detected(made: Made) -> None:
    new = made.log.bodies[1]
    for at in (0, 3, len(made.lines)):
        report = made.verify(edit_lines(made, lambda old, at=at: [*old[:at], new, *old[at:]]))
        assert report.code == v.BROKEN


def test_two_lines_that_change_places_are_detected(made: Made) -> None:
    for at in range(len(made.lines) - 1):

        def change(old: Lines, at: int = at) -> Lines:
            return [*old[:at], old[at + 1], old[at], *old[at + 2 :]]

        assert made.verify(edit_lines(made, change)).code == v.BROKEN


def test_a_cut_end_is_detected(made: Made) -> None:
    for kept in range(1, len(made.lines)):
        assert made.verify(edit_lines(made, lambda old, kept=kept: old[:kept])).code == v.BROKEN
    cut = altered(made.path, "entries.jsonl", lambda old: old[:-1])
    assert made.verify(cut).code == v.BROKEN


def without(made: Made, gone: set[int]) -> Content:
    """The pack of an exporter who leaves lines out and puts everything else in order."""
    content = made.content()
    kept = [single for single in content.singles if single.index not in gone]
    if content.period is None:
        return dataclasses.replace(content, singles=kept)
    return dataclasses.replace(content, singles=kept)


def test_an_exporter_who_leaves_out_entries_of_a_record_is_detected(tmp_path: Path) -> None:
    made = Made("record", tmp_path)
    for at, index in enumerate(made.lines):
        report = made.verify(written(tmp_path / "less.zip", without(made, {index})))
        assert report.code == v.BROKEN, at
    tail = set(made.lines[-4:-1])
    assert "some were taken out" in made.verify(
        written(tmp_path / "less.zip", without(made, tail)), expect=()
    ).broken  # fmt: skip


def test_an_exporter_who_adds_another_record_is_detected(tmp_path: Path) -> None:
    made = Made("record", tmp_path)
    content = made.content()
    more = sorted([*content.singles, made.log.single(0)], key=lambda single: single.index)
    report = made.verify(written(tmp_path / "more.zip", dataclasses.replace(content, singles=more)))
    assert "some were taken out or added" in report.broken


@pytest.mark.parametrize(("start", "end"), [(START + 1, END), (START, END - 1), (START, END - 9)])
def test_an_exporter_who_cuts_the_period_is_detected(tmp_path: Path, start: int, end: int) -> None:
    made = Made("period", tmp_path)
    content = logs.period_content(made.log, start, end, made.closing)
    report = made.verify(written(tmp_path / "short.zip", content), expect=(), pinned=None)
    assert "the period was cut" in report.broken


def test_an_entry_swapped_for_that_of_another_record_is_detected(tmp_path: Path) -> None:
    made = Made("record", tmp_path)
    content = made.content()
    for other in (0, 3):
        swapped = [made.log.single(other), *content.singles[1:]]
        pack = dataclasses.replace(content, singles=sorted(swapped, key=lambda one: one.index))
        assert made.verify(written(tmp_path / "swap.zip", pack)).code == v.BROKEN


def test_an_older_pack_is_no_answer_to_a_new_challenge(made: Made) -> None:
    report = made.verify(challenge="another one, chosen today")
    assert "does not answer your challenge" in report.broken
    report = made.verify(challenge=None)
    assert report.code == v.VERIFIED
    assert any("not proven" in note for note in report.notes)


def test_a_log_that_was_put_back_is_detected_by_the_checkpoint_of_last_time(made: Made) -> None:
    later = Made(made.kind, made.path.parent)
    for n in range(5):
        later.log.add(f"change:{n}")
    report = made.verify(pinned=later.log.checkpoint())
    assert "the log was put back" in report.broken


def test_a_rewritten_and_newly_signed_log_is_detected_by_the_checkpoint_of_last_time(
    made: Made,
) -> None:
    """Somebody with the database and with the sealer's key makes everything anew."""
    for size in (20, 30, len(made.log.bodies)):
        forged = journey(rewritten=7)
        while len(forged.bodies) < len(made.log.bodies):
            forged.add("change:9")
        report = made.verify(pinned=forged.checkpoint(size))
        # A record pack proves the way from the sizes it was asked for; of another it says so.
        asked_for = made.kind == "period" or size != 30
        assert report.code == (v.BROKEN if asked_for else v.RESERVED), size


def test_a_rewritten_log_under_another_key_is_detected(tmp_path: Path, made: Made) -> None:
    forger = Signer(seed=b"f" * 32)
    genuine = made.log.signer
    made.log.signer = forger
    pack = written(tmp_path / "forged.zip", made.content())
    report = made.verify(pack, vkeys=(genuine.vkey,))
    assert "not signed with the key" in report.broken
    assert made.verify(pack, vkeys=()).code == v.RESERVED


def test_a_checkpoint_that_was_altered_is_detected(made: Made) -> None:
    for old, new in ((b"\n62\n", b"\n63\n"), (b"log/1", b"log/2"), (b"=\n\n", b"=\nmore\n\n")):
        pack = altered(
            made.path, "checkpoint.txt", lambda data, o=old, n=new: data.replace(o, n, 1)
        )
        assert made.verify(pack).code == v.BROKEN
    other = Made(made.kind, made.path.parent).log
    other.add("change:1")
    assert made.verify(altered(made.path, "checkpoint.txt", lambda _: other.checkpoint())).code == (
        v.BROKEN
    )
    older = altered(made.path, "checkpoint.txt", lambda _: made.log.checkpoint(50))
    assert made.verify(older).code == v.BROKEN


def test_a_file_that_was_altered_taken_out_or_added_is_detected(made: Made) -> None:
    name = f"attachments/{hashlib.sha256(FILE).hexdigest()}"
    assert "was altered" in made.verify(altered(made.path, name, lambda old: old + b"!")).broken
    gone = made.verify(altered(made.path, name, lambda _: None))
    if made.kind == "record":
        assert ("was taken out" in gone.broken, gone.line) == (True, made.lines.index(30) + 1)
    else:
        assert any("not enclosed" in note for note in gone.notes)
    more = [(hashlib.sha256(data).hexdigest(), [data]) for data in (FILE, b"forged")]
    pack = dataclasses.replace(made.content(), attachments=more)
    report = made.verify(written(made.path.with_name("more.zip"), pack))
    assert "No entry tells of the file" in report.broken


def test_a_file_that_is_withheld_is_told_with_its_reason(tmp_path: Path) -> None:
    made = Made("record", tmp_path)
    sha256 = hashlib.sha256(FILE).hexdigest()
    pack = dataclasses.replace(made.content(), attachments=[], withheld={sha256: "confidential"})
    report = made.verify(written(tmp_path / "less.zip", pack))
    assert report.code == v.RESERVED
    assert "is withheld: confidential" in report.reservations[0]


def test_a_line_that_the_exporter_hides_is_told(made: Made) -> None:
    for at in range(1, len(made.lines) - 1):
        if made.lines[at] == 30:
            continue
        hidden = Made(made.kind, made.path.parent, hidden=(made.lines[at],))
        report = hidden.verify()
        assert report.code == v.RESERVED
        assert f"the first on line {at + 1}" in report.reservations[0]
        assert hidden.verify(allow_withheld=True).code == v.VERIFIED


def test_a_hidden_line_with_another_hash_is_detected(made: Made) -> None:
    def change(old: Lines) -> Lines:
        return [*old[:2], b"#" + b"0" * 64, *old[3:]]

    assert made.verify(edit_lines(made, change), allow_withheld=True).code == v.BROKEN


def test_the_entry_of_asking_cannot_be_hidden(made: Made) -> None:
    def change(old: Lines) -> Lines:
        return [*old[:-1], b"#" + made.log.leaf(made.closing).hex().encode()]

    assert "being asked for" in made.verify(edit_lines(made, change)).broken


def test_a_lawful_redaction_is_explained_by_its_entry(tmp_path: Path) -> None:
    made = Made("record", tmp_path)
    log = journey()
    gone = of_record(log, 2)[3]
    log.add("redaction:1", "evidence.redacted", leaves=[log.leaf(gone).hex()], basis="Art. 17")
    indexes = [*of_record(log, 2), 60]
    closing = logs.close_record(log, indexes, CHALLENGE)
    sha256 = hashlib.sha256(FILE).hexdigest()
    pack = record_content(log, [*indexes, closing], hidden=(gone,),
                          attachments=[(sha256, [FILE])])  # fmt: skip
    report = made.verify(written(tmp_path / "redacted.zip", pack), pinned=None)
    assert report.code == v.VERIFIED
    assert ("withheld", "1 entries are withheld: only their hash is here, and an entry tells why "
            "for each.") in report.checked  # fmt: skip


def test_a_receipt_of_an_entry_that_was_deleted_before_it_was_sealed_is_detected(
    made: Made,
) -> None:
    report = made.verify(expect=("ab" * 32,))
    assert "the entry of your receipt" in report.broken.lower()


@pytest.mark.parametrize("quorum", [1, 2])
def test_a_checkpoint_without_its_witnesses_is_detected(made: Made, quorum: int) -> None:
    witnesses = [Signer(f"w{n}.example", bytes([n]) * 32, v.COSIGNATURE) for n in (1, 2)]
    keys = tuple(witness.vkey for witness in witnesses)
    assert made.verify(witnesses=keys, quorum=quorum).code == v.BROKEN

    def cosigned(old: bytes) -> bytes:
        text = old.decode().rpartition("\n\n")[0] + "\n"
        return old + witnesses[0].line(text).encode()

    signed = altered(made.path, "checkpoint.txt", cosigned)
    assert (made.verify(signed, witnesses=keys, quorum=quorum).code == v.VERIFIED) == (quorum == 1)


@pytest.mark.parametrize("proof", ["short", "long", "other"])
def test_a_wrong_proof_is_detected_with_its_line(tmp_path: Path, proof: str) -> None:
    made = Made("record", tmp_path)
    content = made.content()
    old = content.singles[4]
    steps = {"short": list(old.proof)[:-1], "long": [*old.proof, b"x" * 32],
             "other": [b"x" * 32, *list(old.proof)[1:]]}[proof]  # fmt: skip
    singles = list(content.singles)
    singles[4] = Single(Line(old.line.body, old.line.leaf), old.index, steps)
    report = made.verify(written(tmp_path / "p.zip", dataclasses.replace(content, singles=singles)))
    assert (report.code, report.line) == (v.BROKEN, 5)


def test_a_base_that_is_not_the_beginning_is_detected(tmp_path: Path) -> None:
    made = Made("period", tmp_path)
    forged = journey(rewritten=2)
    pack = altered(made.path, "base.txt", lambda _: forged.checkpoint(START))
    assert "not those of base.txt" in made.verify(pack).broken
    pack = altered(made.path, "base.txt", lambda _: made.log.checkpoint(START - 1))
    assert "not the checkpoint at which the period begins" in made.verify(pack).broken


def test_many_processes_find_what_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v, "PARALLEL_MIN", 1)
    made = Made("period", tmp_path)
    assert made.verify(processes=3).code == v.VERIFIED
    bad = edit_lines(made, lambda old: [*old[:20], b"[" + old[20], *old[21:]])
    report = made.verify(bad, processes=3)
    assert (report.code, report.line) == (v.BROKEN, 21)
