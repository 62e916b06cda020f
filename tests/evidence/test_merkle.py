"""Roots and proofs against RFC 6962 read word by word, for every tree up to 65 leaves."""

from __future__ import annotations

import hashlib

import pytest

from apps.evidence.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    consistency_spans,
    hash_spans,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(65)]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


ROOTS = [mth(LEAVES[:size]) for size in range(66)]


def test_a_root_is_that_of_rfc_6962() -> None:
    assert [root_of(LEAVES[:size]) for size in range(66)] == ROOTS
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


def test_the_published_roots_of_certificate_transparency_come_out() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert root_of(leaves[:1]).hex().startswith("6e340b9cffb37a98")
    assert root_of(leaves[:2]).hex().startswith("fac54203e7cc696c")
    assert root_of(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@pytest.mark.parametrize("size", range(1, 66))
def test_every_inclusion_is_proven_and_no_other(size: int) -> None:
    leaves, root = LEAVES[:size], ROOTS[size]
    for index in range(size):
        proof = inclusion_proof(leaves, index)
        assert proof == path(index, leaves)
        assert verify_inclusion(leaves[index], index, size, proof, root)
        assert not verify_inclusion(leaves[index], index + 1, size, proof, root)
        assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
        assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
        assert not proof or not verify_inclusion(leaves[index], index, size, proof[:-1], root)


@pytest.mark.parametrize("size", range(66))
def test_every_beginning_is_proven_and_no_other(size: int) -> None:
    leaves = LEAVES[:size]
    for old in range(size + 1):
        proof = consistency_proof(leaves, old)
        assert proof == (subproof(old, leaves, True) if old else [])
        assert verify_consistency(old, size, ROOTS[old], ROOTS[size], proof)
        assert not verify_consistency(old, size, leaf_hash(b"other"), ROOTS[size], proof)
        assert not verify_consistency(old, size, ROOTS[old], ROOTS[size], [*proof, ROOTS[old]])
        if 0 < old < size:
            assert not verify_consistency(old, size, ROOTS[old], leaf_hash(b"x"), proof)
            assert not verify_consistency(old, size, ROOTS[old], ROOTS[size], proof[:-1])


def test_a_frontier_goes_on_where_it_was_kept() -> None:
    for size in range(66):
        kept = Frontier().extended(LEAVES[:size])
        assert kept.root == ROOTS[size] and kept.extended(LEAVES[size:]).root == ROOTS[65]


@pytest.mark.parametrize(("size", "nodes"), [(3, 1), (-1, 0), (0, 1)])
def test_a_frontier_with_too_few_nodes_is_none(size: int, nodes: int) -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier(size, (EMPTY_ROOT,) * nodes)


def test_many_proofs_come_from_one_pass() -> None:
    spans = {span for index in range(65) for span in inclusion_spans(index, 65)}
    spans |= {span for old in range(66) for span in consistency_spans(old, 65)}
    found = hash_spans(iter(LEAVES), spans)
    assert all(found[start, stop] == mth(LEAVES[start:stop]) for start, stop in spans)


def test_a_tree_that_is_too_small_is_told() -> None:
    with pytest.raises(ValueError, match="no part of a proof"):
        hash_spans(LEAVES[:3], inclusion_spans(0, 5))
    with pytest.raises(ValueError, match="no leaf 5"):
        inclusion_spans(5, 5)
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_spans(6, 5)
