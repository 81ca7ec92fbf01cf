"""Merkle trees of RFC 6962: one head for a list, and short proofs that an element is in it or that it only grew.

Works on leaf hashes (32 bytes each); keeps nothing and signs nothing. The audit log and the live roots of the
exchange both use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

EMPTY_HEAD: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_head(leaves: Iterable[bytes]) -> bytes:
    """Return the head over leaf hashes in order; reads them once, in memory that grows with the tree's height only."""
    # Subtrees finished so far, left to right; their sizes are the powers of two in `count`, largest first.
    subtrees: list[bytes] = []
    for count, leaf in enumerate(leaves, start=1):
        head = leaf
        merged = count
        while merged % 2 == 0:
            head = node_hash(subtrees.pop(), head)
            merged //= 2
        subtrees.append(head)
    if not subtrees:
        return EMPTY_HEAD
    head = subtrees.pop()
    while subtrees:
        head = node_hash(subtrees.pop(), head)
    return head


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` (from 0), from the leaf upwards (RFC 6962 2.1.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    path: list[bytes] = []
    first, size = 0, len(leaves)
    while size > 1:
        left = _left_size(size)
        if index < first + left:
            path.append(tree_head(leaves[first + left : first + size]))
            size = left
        else:
            path.append(tree_head(leaves[first : first + left]))
            first, size = first + left, size - left
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Say whether `proof` shows that `leaf` is number `index` (from 0) of the `size` leaves under `head`."""
    if not 0 <= index < size:
        return False
    # RFC 9162 2.1.3.2: `at` and `last` are the leaf's and the last leaf's places on the level reached.
    at, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            reached = node_hash(sibling, reached)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            reached = node_hash(reached, sibling)
        at, last = at // 2, last // 2
    return last == 0 and reached == head


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of the first `old_size` leaves is a beginning of this one (RFC 6962 2.1.2).

    Raises:
        ValueError: the old tree is empty or larger than this one; neither can be proven anything about.
    """
    if not 0 < old_size <= len(leaves):
        raise ValueError(f"no tree of {old_size} leaves within one of {len(leaves)}")
    return tuple(_subproof(leaves, old_size, whole=True))


def verify_consistency(old_size: int, old_head: bytes, size: int, head: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether `proof` shows that the tree under `head` only added to the one under `old_head`."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_head == head
    # RFC 9162 2.1.4.2. A complete old tree is itself the first node, and is not sent.
    path = [old_head, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at % 2:
        at, last = at // 2, last // 2
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            new = node_hash(new, node)
        at, last = at // 2, last // 2
    return last == 0 and old == old_head and new == head


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [tree_head(leaves)]
    left = _left_size(len(leaves))
    if old_size <= left:
        return [*_subproof(leaves[:left], old_size, whole=whole), tree_head(leaves[left:])]
    return [*_subproof(leaves[left:], old_size - left, whole=False), tree_head(leaves[:left])]


def _left_size(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
