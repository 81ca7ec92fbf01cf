"""Who takes from the outbox what a transaction asked for: one member a consumer, with what holds of it."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Self


@unique
class Consumer(StrEnum):
    """A consumer of the outbox; its rows keep the value.

    Attributes:
        job: its line in the worker's table, by which beats and findings name it.
        about: what the objects are whose ids wait for it.
        words: what is to be done with them, for operators.
    """

    job: str
    about: str
    words: str

    def __new__(cls, value: str, job: str, about: str, words: str) -> Self:
        """One consumer, with its facts."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.job, member.about, member.words = job, about, words
        return member

    PSEUDONYMISE = "pseudonymise", "share", "own report", "to tell partners what they may have of a report"
    INDEX = "index", "index", "own or received extract", "to let searches find it as it now is, or no more"
    MATCH = "match", "match", "own or received extract", "to find what shares a value with it"
    WORDS = "words", "words", "the country", "to tell partners what is said on statistics"


def words_for(name: str) -> str:
    """What waits for a consumer, or at the engine of one origin (`index-CW`); empty for a name of none."""
    known = {one.value: one for one in Consumer}
    found = known.get(name) or known.get(name.partition("-")[0])
    return found.words if found else ""
