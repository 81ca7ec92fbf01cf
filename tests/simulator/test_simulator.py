"""Five nodes, a bad transport, crashes and restores: every promise holds at every moment (fault case 24).

Origins are dishonest about some objects: bodies that nobody can read come in every form, and must cost nothing else.
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from tests.simulator.node import Bugs
from tests.simulator.world import PromiseBroken, World, run

SEEDS_UNTIL_FOUND = 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_promises_hold_at_every_moment_and_all_roots_are_equal_after_healing(seed: int) -> None:
    counts = run(seed, 1_000).counts
    assert min(counts[fault] for fault in ("lost", "doubled", "corrupted", "crashed", "unreadable")) > 0


def test_a_run_is_repeated_exactly_by_its_seed() -> None:
    tips = [
        {(n.me, p): o.view.tip for n in run(7, 300).nodes.values() for p, o in n.outboxes.items()} for _ in range(2)
    ]
    assert tips[0] == tips[1]


def test_receivers_set_back_to_an_older_copy_catch_up_again() -> None:
    counts = run(11, 3_000).counts
    assert min(counts["restored"], counts["receipt-conflict"]) > 0


def test_a_world_without_faults_loses_nothing() -> None:
    world = World(5, faults=False)
    for _ in range(300):
        world.step()
    world.heal()
    world.check_healed()
    assert not world.counts.keys() & {"lost", "doubled", "corrupted", "crashed", "bad-signature"}


@pytest.mark.parametrize("bug", [field.name for field in fields(Bugs)])
def test_a_planted_bug_is_found(bug: str) -> None:
    def is_found(seed: int) -> bool:
        try:
            run(seed, 1_000, Bugs(**{bug: True}))
        except PromiseBroken:
            return True
        return False

    assert any(is_found(seed) for seed in range(SEEDS_UNTIL_FOUND))
