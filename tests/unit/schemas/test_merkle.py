"""Merkle trees of RFC 6962: known heads, and proofs that hold for what is true and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.merkle import (
    EMPTY_HEAD,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

# The leaves and heads that implementations of Certificate Transparency publish as test vectors.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
HEADS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_heads_are_the_published_ones(size: int) -> None:
    assert tree_head(leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]).hex() == HEADS[size - 1]


def test_head_of_nothing_is_the_hash_of_nothing() -> None:
    assert tree_head([]) == EMPTY_HEAD


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_inclusion_is_proven_for_the_leaf_at_its_place_only(place: tuple[int, int]) -> None:
    size, index = place
    leaves = leaves_of(size)
    proof, head = inclusion_proof(leaves, index), tree_head(leaves)
    assert verify_inclusion(leaves[index], index, size, proof, head)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, head)
    assert not verify_inclusion(leaves[index], index, size, (*proof, head), head)
    assert not verify_inclusion(leaves[index], size, size, proof, head)
    if size > 1:
        assert not verify_inclusion(leaves[index], (index + 1) % size, size, proof, head)
        assert not verify_inclusion(leaves[index], index, size, proof[:-1], head)


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_consistency_is_proven_where_the_tree_only_grew(sizes: tuple[int, int]) -> None:
    size, old_size = sizes
    leaves = leaves_of(size)
    old_head, head, proof = tree_head(leaves[:old_size]), tree_head(leaves), consistency_proof(leaves, old_size)
    assert verify_consistency(old_size, old_head, size, head, proof)
    rewritten = [leaf_hash(b"rewritten"), *leaves[1:]]
    assert not verify_consistency(old_size, tree_head(rewritten[:old_size]), size, head, proof)
    assert not verify_consistency(
        old_size, old_head, size, tree_head(rewritten), consistency_proof(rewritten, old_size)
    )
    assert not verify_consistency(old_size, old_head, size, head, (*proof, head))


@pytest.mark.parametrize("old_size", [0, 4])
def test_nothing_is_proven_about_an_empty_or_a_larger_tree(old_size: int) -> None:
    with pytest.raises(ValueError, match="no tree of"):
        consistency_proof(leaves_of(3), old_size)
    assert not verify_consistency(old_size, EMPTY_HEAD, 3, tree_head(leaves_of(3)), ())


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(leaves_of(3), 3)
