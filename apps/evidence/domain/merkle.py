"""The Merkle tree over the ledger (RFC 6962, section 2.1): roots and proofs, with flat memory.

Leaves are leaf *hashes* of 32 bytes, in order. A span is a half-open range (start, stop) of them;
the hash of a span is RFC 6962's MTH(D[start:stop]). What a proof consists of is told as spans, and
`hash_spans` finds any number of them in one pass over the leaves: many proofs of a large tree cost
one reading of it, and no more memory than the proofs themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.evidence.domain.canonical import leaf_hash

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "Span",
    "consistency_proof",
    "consistency_spans",
    "hash_spans",
    "inclusion_proof",
    "inclusion_spans",
    "leaf_hash",
    "node_hash",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]

Span = tuple[int, int]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to go on with a tree of `size` leaves: the roots of the perfect subtrees
    that it consists of, the largest first; one for each 1 in the binary form of `size`."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"{len(self.nodes)} nodes are no frontier of {self.size} leaves.")
        if any(len(node) != hashlib.sha256().digest_size for node in self.nodes):
            raise ValueError("A node of a frontier has 32 bytes.")

    def extended(self, leaves: Iterable[bytes]) -> Frontier:
        size, nodes = self.size, list(self.nodes)
        for leaf in leaves:
            node, full = leaf, size
            while full & 1:
                node = node_hash(nodes.pop(), node)
                full >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes))

    @property
    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        *others, root = self.nodes
        for node in reversed(others):
            root = node_hash(node, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    return Frontier().extended(leaves).root


def inclusion_spans(index: int, size: int) -> list[Span]:
    """What proves leaf `index` in a tree of `size`, nearest the leaf first: PATH of RFC 6962."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    spans: list[Span] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """What proves that the tree of `old` leaves is the beginning of that of `size`: PROOF of
    RFC 6962. Empty for two equal sizes, and for the empty tree, which begins every other."""
    if not 0 <= old <= size:
        raise ValueError(f"A tree of {old} is not the beginning of one of {size}.")
    if old == 0:
        return []
    spans: list[Span] = []
    start, stop = 0, size
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    # The verifier has the old root, so an old tree that is one whole subtree is left out.
    if start > 0:
        spans.append((start, stop))
    return spans[::-1]


def hash_spans(leaves: Iterable[bytes], spans: Iterable[Span]) -> dict[Span, bytes]:
    """The hash of each of `spans`, in one pass over all leaves of the tree.

    A span is one that the functions above tell for the number of leaves given: a perfect subtree,
    or the ragged right edge of one. Raises ValueError for another.
    """
    wanted = set(spans)
    found: dict[Span, bytes] = {}
    stack: list[tuple[int, bytes]] = []  # the frontier: where each subtree starts, and its hash
    size = 0
    for leaf in leaves:
        start, node = size, leaf
        size += 1
        full = size
        while True:
            if (start, size) in wanted:
                found[start, size] = node
            if full & 1:
                break
            start, left = stack.pop()
            node = node_hash(left, node)
            full >>= 1
        stack.append((start, node))
    edge: bytes | None = None
    for start, node in reversed(stack):
        edge = node if edge is None else node_hash(node, edge)
        if (start, size) in wanted:
            found[start, size] = edge
    if missing := wanted - found.keys():
        raise ValueError(f"{min(missing)} is no part of a proof in a tree of {size} leaves.")
    return found


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    spans = inclusion_spans(index, len(leaves))
    found = hash_spans(leaves, spans)
    return [found[span] for span in spans]


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    spans = consistency_spans(old, len(leaves))
    found = hash_spans(leaves, spans)
    return [found[span] for span in spans]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows leaf hash `leaf` at `index` of the tree (RFC 9162, 2.1.3.2)."""
    sides = _left_siblings(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None:
        return False
    node = leaf
    for sibling, is_left in zip(proof, sides, strict=True):
        node = node_hash(sibling, node) if is_left else node_hash(node, sibling)
    return node == root


def verify_consistency(
    old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the one tree begins the other (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    sides = _left_siblings(place, last, len(path) - 1)
    if sides is None:
        return False
    old_node = node = path[0]
    for sibling, is_left in zip(path[1:], sides, strict=True):
        if is_left:
            old_node = node_hash(sibling, old_node)
        node = node_hash(sibling, node) if is_left else node_hash(node, sibling)
    return old_node == old_root and node == root


def _left_siblings(place: int, last: int, count: int) -> list[bool] | None:
    """For each of `count` siblings on the way up from `place` whether it stands on the left, where
    `last` is the last place of that level; None when the way to the root is not `count` long."""
    sides: list[bool] = []
    for _ in range(count):
        if last == 0:
            return None
        is_left = bool(place & 1) or place == last
        while is_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        sides.append(is_left)
        place, last = place >> 1, last >> 1
    return sides if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
