"""Signed notes and checkpoints: the published examples, and what is refused."""

from __future__ import annotations

import pytest

from apps.evidence.domain.merkle import EMPTY_ROOT
from apps.evidence.domain.note import (
    Checkpoint,
    Note,
    NoteError,
    SigningKey,
    VerifierKey,
    sign_note,
)

# The example in the documentation of golang.org/x/mod/sumdb/note, the first implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
# The examples of c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
POEM = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
SOFA = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

ONE = SigningKey("evidence.example/1", bytes(32))
TWO = SigningKey("evidence.example/1", bytes([1] * 32))


def test_the_published_note_is_signed_and_verified_byte_for_byte() -> None:
    key = SigningKey.parse(PETER_SECRET)
    assert str(sign_note(TEXT, key)) == f"{TEXT}\n{LINE}"
    assert str(key.verifier) == PETER and key.secret_text == PETER_SECRET
    assert Note.parse(f"{TEXT}\n{LINE}").verified_by([VerifierKey.parse(PETER)])


def test_the_published_key_of_a_public_log_is_read() -> None:
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(VerifierKey.parse(text)) == text


def test_the_examples_of_the_specification_are_read() -> None:
    poem = Note.parse(POEM)
    assert poem.text.endswith("\n\ned è subito sera.\n") and str(poem) == POEM
    assert poem.signatures[0].key_id.hex() == "367ba04b"
    sofa = Note.parse(SOFA)
    checkpoint = Checkpoint.parse(sofa.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == sofa.text


def test_two_keys_sign_beside_each_other_and_either_is_enough() -> None:
    note = Note.parse(str(sign_note(TEXT, ONE, TWO)))
    assert note.verified_by([ONE.verifier]) == (ONE.verifier,)
    assert note.verified_by([ONE.verifier, TWO.verifier]) == (ONE.verifier, TWO.verifier)


def test_signatures_of_unknown_keys_are_ignored() -> None:
    note = Note.parse(str(sign_note(TEXT, ONE, TWO)))
    with pytest.raises(NoteError, match="No known key"):
        note.verified_by([VerifierKey.parse(PETER)])


def test_a_wrong_signature_of_a_known_key_rejects_the_note() -> None:
    good, other = sign_note(TEXT, ONE, TWO), sign_note("Another text.\n", TWO)
    note = Note(good.text, (good.signatures[0], other.signatures[0]))
    with pytest.raises(NoteError, match="wrong"):
        note.verified_by([ONE.verifier, TWO.verifier])
    assert note.verified_by([ONE.verifier])


def test_an_altered_text_is_told() -> None:
    altered = str(sign_note(TEXT, ONE)).replace("answer", "cause")
    with pytest.raises(NoteError, match="wrong"):
        Note.parse(altered).verified_by([ONE.verifier])


@pytest.mark.parametrize(
    "raw",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{LINE}",
        f"{TEXT}\n{LINE}"[:-1],
        f"{TEXT}\r\n\n{LINE}",
        f"{TEXT}\n{LINE.replace('— ', '- ')}",
        f"{TEXT}\n{LINE.replace('=', '')}",
        f"{TEXT}\n{LINE.replace('AM=', 'AN=')}",
        f"{TEXT}\n{LINE.replace('Peter', 'Peter+')}",
        f"{TEXT}\n— PeterNeumann AAAA\n",
        f"{TEXT}\n" + LINE * 101,
    ],
)
def test_what_is_no_note_is_refused(raw: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("Peter", "Peter "),
        PETER.replace("+AR", "+BR"),
        PETER[:-4],
        PETER_SECRET,
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n01\nAA==\n",
        f"origin\n01\n{'A' * 43}=\n",
        f"origin\n-1\n{'A' * 43}=\n",
        f"origin\n\u0661\n{'A' * 43}=\n",
        f"\n1\n{'A' * 43}=\n",
        "origin\n1\nAAAA\n",
        f"origin\n1\n{'A' * 43}=\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_says_the_same_there_and_back() -> None:
    checkpoint = Checkpoint("evidence.example/1", 0, EMPTY_ROOT)
    assert Checkpoint.parse(sign_note(checkpoint.text, ONE).text) == checkpoint


def test_a_signing_key_does_not_show_itself() -> None:
    assert "00" not in repr(ONE) and repr(ONE) == "SigningKey(name='evidence.example/1')"
