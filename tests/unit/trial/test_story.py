"""The story is played step by step: a refusal breaks it off, and a false word makes it fail."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from register.domain.partition import PARTITIONS
from register.errors import Conflict
from rtr_trial.demo.scene import ORDER, Scene, asked, months
from rtr_trial.demo.steps.entering import answered
from rtr_trial.demo.story import ALONE, WHOLE, play
from rtr_trial.demo.telling import Step, same
from schemas.codes import Partition


def a_scene(*countries: Partition) -> Scene:
    machine = SimpleNamespace(countries=countries, opened_s=5.0, ceremony_s=2.0)
    return Scene(cast("Any", machine), lambda *_: None)


def good(_: Scene, step: Step) -> None:
    step.say("good", same("x", 1, 1))


def false(_: Scene, step: Step) -> None:
    step.say("false", same("x", 2, 1))


def refused(_: Scene, step: Step) -> None:
    step.say("before", same("x", 1, 1))
    raise Conflict("somebody was faster")


def test_all_ten_steps_are_played_for_the_five_and_six_for_one() -> None:
    assert len(WHOLE) == 10
    assert len(ALONE) == 6


def test_a_false_word_fails_the_story_but_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtr_trial.demo.story.WHOLE", (good, false, good))
    seen: list[int] = []
    told = play(a_scene(*PARTITIONS), lambda step: seen.append(step.number))
    assert seen == [1, 2, 3]
    assert [step.holds for step in told.steps] == [True, False, True]
    assert not told.holds


def test_a_refusal_ends_the_story_there_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtr_trial.demo.story.ALONE", (good, refused, good))
    told = play(a_scene(Partition.AW), lambda _: None)
    assert [step.number for step in told.steps] == [1, 2]
    assert told.steps[1].broke == "somebody was faster (conflict)"
    assert [line.text for line in told.steps[1].lines] == ["before"]
    assert not told.holds


def test_a_story_without_a_false_word_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtr_trial.demo.story.WHOLE", (good, good))
    assert play(a_scene(*PARTITIONS), lambda _: None).holds


def test_the_story_names_every_country_once() -> None:
    assert sorted(ORDER) == sorted(PARTITIONS)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-01", "2026-03", "Jan-Mar 2026"),
        ("2026-02", "2026-02", "Feb 2026"),
        ("2025-12", "2026-01", "Dec 2025-Jan 2026"),
    ],
)
def test_months_are_said_as_people_say_them(first: str, last: str, words: str) -> None:
    assert months(first, last) == words


def test_every_question_of_the_story_can_be_asked() -> None:
    scene = a_scene(*PARTITIONS)
    for question in scene.expected.question:
        sent = asked(question, edition="strict")
        assert (sent.case, sent.simulate_edition) == (question.case, "strict")
        assert sent.subject.name or sent.subject.selectors


def test_every_signal_answers_the_eight_questions() -> None:
    for one in a_scene(*PARTITIONS).signals:
        assert answered(one.form) == (True,) * 8


def test_one_country_alone_has_its_own_signals_only() -> None:
    assert {one.country for one in a_scene(Partition.AW).signals} == {Partition.AW}


def test_work_for_many_is_done_in_order_and_shown() -> None:
    shown: list[tuple[str, int, int | None]] = []
    scene = a_scene(Partition.AW)
    scene.show = lambda *what: shown.append(what)
    assert scene.each("Doubling", list(range(10)), lambda n: 2 * n) == [2 * n for n in range(10)]
    assert shown[0] == ("Doubling", 0, 10)
    assert shown[-1] == ("Doubling", 10, 10)


def test_waiting_ends_when_all_is_done_or_when_the_time_is_up() -> None:
    scene = a_scene(Partition.AW)
    found = iter([(1, 3), (2, 3), (3, 3)])
    assert scene.wait("Waiting", lambda: next(found), most_s=30) == (3, 3)
    assert scene.wait("Waiting", lambda: (1, 3), most_s=0) == (1, 3)
