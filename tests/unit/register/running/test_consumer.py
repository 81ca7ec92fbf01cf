"""Who takes from the outbox: each consumer has a job of its own, and words for operators."""

from __future__ import annotations

from register.domain.running.consumer import Consumer, words_for
from schemas.codes import Partition


def test_each_consumer_has_a_job_and_words_of_its_own() -> None:
    assert len({one.job for one in Consumer}) == len({one.words for one in Consumer}) == len(Consumer)


def test_what_the_engine_refused_of_one_origin_has_the_words_of_the_index() -> None:
    for origin in Partition:
        assert words_for(f"index-{origin}") == Consumer.INDEX.words


def test_queue_that_nobody_takes_from_has_no_words() -> None:
    """A row that somebody wrote beside the register is shown by its name, and stops no list."""
    assert words_for("machine") == words_for("") == words_for("-") == ""
