"""The verifier alone: signatures, notes, trees, and files that are no packs."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apps.audit.domain import verify_pack as v
from tests.audit import logs

# The test key and note that the specification of signed notes (C2SP) and Go's sumdb/note share.
C2SP_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
C2SP_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# RFC 8032, 7.1: public key, message, signature.
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"),
]  # fmt: skip


def test_needs_nothing_but_the_standard_library_of_python_3_9() -> None:
    source = Path(v.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}  # fmt: skip
    assert imported <= set(sys.stdlib_module_names)
    assert not imported & {"socket", "urllib", "http", "subprocess", "ssl"}


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_accepts_the_signatures_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, text, signed = map(bytes.fromhex, (public, message, signature))
    assert v.ed25519_verify(key, text, signed)
    assert not v.ed25519_verify(key, text + b"!", signed)
    assert not v.ed25519_verify(key, text, signed[:-1] + bytes([signed[-1] ^ 1]))


def test_rejects_a_second_form_of_a_signature() -> None:
    public, message, signature = map(bytes.fromhex, RFC_8032[1])
    s = int.from_bytes(signature[32:], "little") + v._L
    assert not v.ed25519_verify(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("raw", [b"\xff" * 32, (2).to_bytes(32, "little"), b"short"])
def test_rejects_what_is_no_point_of_the_curve(raw: bytes) -> None:
    assert not v.ed25519_verify(raw, b"", b"\x00" * 64)
    assert not v.ed25519_verify(logs.Signer().public, b"", (raw + b"\x00" * 64)[:64])


def test_opens_the_note_of_c2sp() -> None:
    key = v.parse_vkey(C2SP_KEY)
    assert v.signers(v.parse_note(C2SP_NOTE.encode()), [key]) == [key]
    with pytest.raises(v.Broken, match="altered"):
        v.signers(v.parse_note(C2SP_NOTE.replace("your", "our").encode()), [key])


def test_a_key_whose_own_hash_differs_is_no_key() -> None:
    for wrong in ("PeterNeumann+c74f20a4" + C2SP_KEY[21:], C2SP_KEY[:-4], "key", "", "a+b+c"):
        with pytest.raises(v.Unreadable):
            v.parse_vkey(wrong)


def test_passes_over_signatures_of_keys_that_it_does_not_know() -> None:
    ours, other = logs.Signer(), logs.Signer("other.example", b"o" * 32)
    text = "a\n1\n" + base64.b64encode(b"r" * 32).decode() + "\n"
    note = v.parse_note(f"{text}\n{other.line(text)}{ours.line(text)}".encode())
    assert [key.name for key in v.signers(note, [v.parse_vkey(ours.vkey)])] == [ours.name]


def test_counts_a_witness_with_the_time_it_signed() -> None:
    witness = logs.Signer("witness.example", b"w" * 32, v.COSIGNATURE)
    key = v.parse_vkey(witness.vkey)
    text = "a\n1\n" + base64.b64encode(b"r" * 32).decode() + "\n"
    line = witness.line(text)
    assert v.signers(v.parse_note(f"{text}\n{line}".encode()), [key]) == [key]
    blob = bytearray(base64.b64decode(line.split()[2]))
    blob[11] ^= 1
    moved = f"\u2014 {witness.name} {base64.b64encode(blob).decode()}\n"
    with pytest.raises(v.Broken):
        v.signers(v.parse_note(f"{text}\n{moved}".encode()), [key])


@pytest.mark.parametrize("raw", [
    b"", b"a\n1\n\n", b"\xff\n\n\xe2\x80\x94 a AAAAAAAA\n", b"a\n\n- name AAAAAAAA\n",
    "a\n\n\u2014 n ????\n".encode(), "a\n\n\u2014 n AAAAAAAA".encode(), b"a\r\n\n\n",
])  # fmt: skip
def test_what_is_no_note_is_told_so(raw: bytes) -> None:
    with pytest.raises(v.Broken):
        v.parse_note(raw)


@pytest.mark.parametrize("text", ["a\n-1\n", "a\n01\n", "a\nx\n", "\n1\n", "a\n1\nAAAA\n", "a\n"])
def test_what_is_no_checkpoint_is_told_so(text: str) -> None:
    with pytest.raises(v.Broken):
        v.parse_checkpoint(logs.Signer().note(text + "A" * 43 + "=\n"))


LEAVES = [logs.h(bytes([0, n])) for n in range(65)]


def test_knows_the_roots_of_rfc_6962() -> None:
    # The hash trees that Certificate Transparency's own tests use.
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    tree = v.Frontier(0, [])
    assert tree.root().hex().startswith("e3b0c44298fc1c14")
    leaves = [v.leaf_hash(bytes.fromhex(one)) for one in data]
    tree.extend(v.cover(0, leaves[:1]))
    assert tree.root().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    tree.extend(v.cover(1, leaves[1:]))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_accepts_every_place_in_every_tree_up_to_65_leaves_and_no_other() -> None:
    for size in range(1, 66):
        leaves, whole = LEAVES[:size], logs.root(LEAVES[:size])
        for index in range(size):
            proof = logs.inclusion(index, leaves)
            assert v.root_by_inclusion(index, size, leaves[index], proof) == whole
            if size > 1:
                other = (index + 1) % size
                with contextlib.suppress(v.Broken):
                    assert v.root_by_inclusion(other, size, leaves[index], proof) != whole
                with pytest.raises(v.Broken):
                    v.root_by_inclusion(index, size, leaves[index], proof[:-1])
            with pytest.raises(v.Broken):
                v.root_by_inclusion(index, size, leaves[index], [*proof, whole])


def test_accepts_every_growth_up_to_65_leaves_and_no_other() -> None:
    roots = [logs.root(LEAVES[:size]) for size in range(66)]
    for new in range(1, 66):
        for old in range(1, new + 1):
            proof = logs.consistency(old, LEAVES[:new])
            v.check_consistency(old, new, roots[old], roots[new], proof)
            with pytest.raises(v.Broken):
                v.check_consistency(old, new, roots[old - 1], roots[new], proof)
            with pytest.raises(v.Broken):
                v.check_consistency(old, new, roots[old], roots[new], [*proof, roots[1]])
            if proof:
                with pytest.raises(v.Broken):
                    v.check_consistency(old, new, roots[old], roots[new], proof[1:])
        with pytest.raises(v.Broken):
            v.check_consistency(new + 1, new, roots[new], roots[new], [])


def test_builds_the_same_tree_from_any_pieces() -> None:
    for start in range(20):
        for size in range(start, 40):
            tree = v.Frontier(start, logs.frontier(LEAVES[:start]))
            middle = (start + size) // 2
            tree.extend(v.cover(start, LEAVES[start:middle]))
            tree.extend(v.cover(middle, LEAVES[middle:size]))
            assert (tree.size, tree.root()) == (size, logs.root(LEAVES[:size]))


def honest(path: Path) -> tuple[Path, str]:
    log = logs.Log()
    for n in range(20):
        log.add(f"change:{n % 3}")
    closing = logs.close_record(log, range(20), "what the auditor chose")
    return logs.written(path / "pack.zip", logs.record_content(log, range(closing + 1))), (
        log.signer.vkey
    )


def test_a_person_reads_the_verdict_on_a_machine_without_the_project(tmp_path: Path) -> None:
    pack, vkey = honest(tmp_path)
    file = tmp_path / "verify_pack.py"
    file.write_bytes(Path(v.__file__).read_bytes())

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", file, *words], cwd=tmp_path, capture_output=True, text=True,
            env={},
        )  # fmt: skip

    told = run("pack.zip", "--vkey", vkey, "--challenge", "what the auditor chose")
    assert (told.returncode, told.stderr) == (v.VERIFIED, "")
    assert told.stdout.startswith("VERIFIED. Nothing in this pack was altered")
    assert "The last entry carries your challenge" in told.stdout
    assert "Each of the 21 entries is in the signed log." in told.stdout

    told = run("pack.zip")
    assert told.returncode == v.RESERVED
    assert "Who signed is not proven" in told.stdout

    logs.altered(pack, "entries.jsonl", lambda old: old.replace(b"admin", b"Admin", 1))
    told = run("altered-pack.zip", "--vkey", vkey)
    assert told.returncode == v.BROKEN
    assert "First break, at the check of the tree (line 1 of entries.jsonl)" in told.stdout

    told = run("nowhere.zip", "--vkey", vkey)
    assert (told.returncode, told.stdout) == (v.UNREADABLE, "")
    assert told.stderr == "NOT CHECKED. There is no file nowhere.zip.\n"


def test_a_challenge_that_is_too_long_is_told_so(tmp_path: Path) -> None:
    pack, vkey = honest(tmp_path)
    with pytest.raises(v.Unreadable, match="at most 200 characters; yours has 10000"):
        v.verify(str(pack), v.Options((vkey,), challenge="x" * 10_000))


def test_a_challenge_is_the_same_however_its_accents_and_outer_blanks_are_written(
    tmp_path: Path,
) -> None:
    log = logs.Log()
    log.add("change:1")
    closing = logs.close_record(log, range(1), "caf\u00e9 at dawn")  # as the portal keeps it
    pack = logs.written(tmp_path / "pack.zip", logs.record_content(log, range(closing + 1)))
    report = v.verify(str(pack), v.Options((log.signer.vkey,), challenge=" cafe\u0301 at dawn "))
    assert report.code == v.VERIFIED


def test_the_verdict_is_told_on_a_terminal_that_cannot_print_every_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, vkey = honest(tmp_path)
    pack = pack.rename(tmp_path / "\u2192.zip")
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, "latin-1", write_through=True))
    assert v.main([str(pack), "--vkey", vkey]) == v.VERIFIED
    assert rb"Pack      \u2192.zip" in out.getvalue()


@pytest.mark.parametrize(("options", "told"), [
    (["--vkey", ""], "--vkey: '' is neither a key (name+8 hex digits+base64) nor a file"),
    (["--vkey", "mistyped"], "--vkey: 'mistyped' is neither a key"),
    (["--vkey", "\udcff+00000000+" + "A" * 44], "is of a kind"),
    (["--vkey", "\udcff+00000000+AQ" + "A" * 42], "its hash differs"),
    (["--witness", "gone.txt"], "--witness: 'gone.txt' is neither a key"),
    (["--quorum", "1"], "--quorum counts witnesses, and you named none. Name them with --witness."),
    (["--witness", C2SP_KEY, "--quorum", "2"], "--quorum 2: you named 1 witness."),
    (["--witness", C2SP_KEY, "--witness", C2SP_KEY, "--quorum", "2"], "you named 1 witness."),
    (["--witness", C2SP_KEY, "--quorum", "-1"], "--quorum -1: Enter 1 or more."),
    (["--challenge", ""], "The challenge is empty."),
])  # fmt: skip
def test_an_option_that_cannot_be_is_told_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    pack, _ = honest(tmp_path)
    assert v.main([str(pack), *options]) == v.UNREADABLE
    assert told in capsys.readouterr().err


def test_a_pack_that_is_cut_anywhere_is_never_verified(tmp_path: Path) -> None:
    pack, vkey = honest(tmp_path)
    whole = pack.read_bytes()
    for part in range(1, 16):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[: len(whole) * part // 16])
        report = v.verify(str(cut), v.Options((vkey,)))
        assert report.code == v.BROKEN
        assert "at the check of the pack:" in v.tell(report, "cut.zip")


@pytest.mark.parametrize("name", [
    "../outside.txt", "/etc/passwd", "attachments/../../x", "C:\\x", "attachments/abc", "x.html",
])  # fmt: skip
def test_a_file_of_another_name_does_not_belong_in_a_pack(tmp_path: Path, name: str) -> None:
    pack, vkey = honest(tmp_path)
    with zipfile.ZipFile(pack, "a") as file:
        file.writestr(name, b"x")
    report = v.verify(str(pack), v.Options((vkey,)))
    assert "does not belong in a pack" in report.broken


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_told_so(tmp_path: Path) -> None:
    pack, vkey = honest(tmp_path)
    with zipfile.ZipFile(pack, "a") as file:
        file.writestr("checkpoint.txt", b"x")
    assert "there twice" in v.verify(str(pack), v.Options((vkey,))).broken


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    pack = tmp_path / "bomb.zip"
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("entries.jsonl", bytes(20 << 20))
    assert "zip bomb" in v.verify(str(pack)).broken


def told(**more: object) -> bytes:
    return json.dumps({"format": "interlock-pack/1", **more}).encode()


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{", b"[" * 100_000, b"9" * 10_000, b"\xff", told(),
    told(kind="subject", index={}, proofs=3), told(kind="subject", index=[0], proofs=[1]),
    told(**{"kind": "period", "index": [20], "proofs": [[]], "from": -1, "to": 2e400}),
])  # fmt: skip
def test_nonsense_in_pack_json_is_told_so(tmp_path: Path, content: bytes) -> None:
    pack, vkey = honest(tmp_path)
    report = v.verify(str(logs.altered(pack, "pack.json", lambda _: content)), v.Options((vkey,)))
    assert report.code == v.BROKEN


@pytest.mark.parametrize("line", [
    b"", b"#", b"#" + b"g" * 64, b"{}", b'{"subject":1}', b"[" * 5_000, b"\xff\x00", b"x" * 70_000,
    b'{"prev":null,"seq":1e9,"subject":"a"}', b'{"prev":null,"seq":true,"subject":"a"}',
    b'{"prev":null,"seq":1,"subject":"\\ud800"}', b'{"prev":"\\ud800","seq":2,"subject":"a"}',
])  # fmt: skip
def test_nonsense_in_an_entry_is_told_so(tmp_path: Path, line: bytes) -> None:
    pack, vkey = honest(tmp_path)
    report = v.verify(
        str(logs.altered(pack, "entries.jsonl", lambda old: line + b"\n" + old)),
        v.Options((vkey,)),
    )
    assert report.code == v.BROKEN


def test_what_a_pack_says_reaches_the_terminal_without_control_characters() -> None:
    report = v.Report()
    report.title, report.broken = v.shown("a\x1b[31m\nVERIFIED"), "no"
    assert "\x1b" not in v.tell(report, "p\x1b.zip")
    assert v.tell(report, "x").count("\nVERIFIED") == 0


def test_a_pack_that_somebody_packed_again_is_read_just_so(tmp_path: Path) -> None:
    pack, vkey = honest(tmp_path)
    again = io.BytesIO()
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    (tmp_path / "again.zip").write_bytes(again.getvalue())
    assert v.verify(str(tmp_path / "again.zip"), v.Options((vkey,))).code == v.VERIFIED
