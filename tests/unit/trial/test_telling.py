"""A line stands only if its checks hold; what fails is named, with what came instead, and decides how the demo ends."""

from __future__ import annotations

import pytest

from rtr_trial.demo.story import NOT_BUILT, Told
from rtr_trial.demo.telling import Check, Step, holds_in, same, true


def a_step(*checks: Check, number: int = 1) -> Step:
    step = Step(number)
    step.say("24 notifications, 0 lost", *checks)
    return step


GOOD = same("lost", 0, 0)
BAD = same("lost", {"AW-2026-0031"}, set())


def test_a_step_whose_checks_hold_is_printed_without_a_mark() -> None:
    lines = list(a_step(GOOD).printed())
    assert len(lines) == 1
    assert lines[0].startswith("1 24 notifications, 0 lost ")
    assert lines[0].endswith("0.0 s")


def test_a_line_whose_check_fails_is_marked_and_followed_by_what_came_instead() -> None:
    lines = list(a_step(GOOD, BAD).printed())
    assert lines[0].startswith("! 1 24 notifications")
    assert lines[1] == "!     lost: expected [], came ['AW-2026-0031']"


def test_the_second_line_of_a_step_is_marked_by_itself() -> None:
    step = a_step(GOOD)
    step.say("kept at home", BAD)
    assert [line.startswith("!") for line in step.printed()] == [False, True, True]


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        (same("x", [1, 2], [1, 2]), True),
        (same("x", (1, 2), (2, 1)), False),
        (same("x", {"b", "a"}, {"a", "b"}), True),
        (true("x", holds=True), True),
        (true("x", holds=False), False),
        (holds_in("x", "boat", "boss of the boat"), True),
        (holds_in("x", "ship", "boss of the boat"), False),
    ],
)
def test_a_check_holds_if_and_only_if_what_came_is_what_must_come(check: Check, holds: bool) -> None:  # noqa: FBT001
    assert check.holds is holds
    assert a_step(check).holds is holds


def test_a_step_that_broke_off_does_not_hold_and_says_why() -> None:
    step = a_step(GOOD)
    step.broke = "the node did not answer (register-unreachable)"
    assert not step.holds
    assert any("register-unreachable" in line for line in step.printed())


def test_a_step_that_broke_off_before_its_first_line_can_be_printed() -> None:
    step = Step(3)
    step.broke = "gone"
    assert len(list(step.printed())) == 2


def test_a_document_names_each_assertion_with_what_was_wanted_and_what_came() -> None:
    document = a_step(GOOD, BAD).document()
    assert document["holds"] is False
    assert document["assertions"] == [
        {"what": "lost", "holds": True, "wanted": 0, "got": 0},
        {"what": "lost", "holds": False, "wanted": [], "got": ["AW-2026-0031"]},
    ]


def test_a_story_holds_only_if_all_its_steps_were_played_and_hold() -> None:
    assert Told(2, [a_step(GOOD), a_step(GOOD, number=2)]).holds
    assert not Told(2, [a_step(GOOD)]).holds
    assert not Told(2, [a_step(GOOD), a_step(BAD, number=2)]).holds
    assert not Told(0 + 1, []).holds


def test_the_last_lines_name_what_failed_and_what_is_not_built() -> None:
    text = "\n".join(Told(2, [a_step(GOOD), a_step(BAD, number=2)]).last_lines())
    assert "1 of 2 steps showed what they must." in text
    assert "step 2: lost: expected [], came ['AW-2026-0031']" in text
    assert all(part in text for part in NOT_BUILT)


def test_the_last_line_of_a_story_that_holds_says_so() -> None:
    *_, last = Told(1, [a_step(GOOD)], seconds=61.7).last_lines()
    assert last == "All 1 steps showed what they must, in 62 s."
