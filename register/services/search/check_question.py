"""Can the values of a question be read at all: asked while they are typed, before there is anything to log.

Nothing is looked up and nothing is kept; the search itself decides again.
"""

from __future__ import annotations

from register.core import Register
from register.errors import CallerError
from register.pseudonyms.errors import SelectorRefused, TooManyKeys
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.query_keys import query_keys
from register.pseudonyms.readings import asked_with, what_would_do
from schemas.codes import Partition
from schemas.search.question import AskedSubject


class NothingToAsk(CallerError):
    """Nothing of the question can be compared: it has no match key, so no country was asked anything."""

    code = "nothing-to-ask"
    advice = "Add what the message names, and ask again; nothing was looked up and nothing was logged."


def keys_to_ask(subject: AskedSubject, country: Partition) -> list[MatchKey]:
    """Return the match keys of a question.

    Raises:
        NothingToAsk: there are none; says what would make one.
        SelectorRefused, TooManyKeys: a value cannot be read, or too much is asked at once.
    """
    keys = query_keys(subject, country)
    if not keys:
        readings = asked_with(subject, country)
        raise NothingToAsk(what_would_do(readings), read_as=[one.read_as.value for one in readings])
    return keys


def refusal_of_question(register: Register, subject: AskedSubject) -> str | None:
    """Return the code of the refusal if a value cannot be read (`phone-refused`) or too much is asked at once."""
    refused = refused_question(register, subject)
    return None if refused is None else refused.code


def refused_question(register: Register, subject: AskedSubject) -> CallerError | None:
    """Return why a question would be refused; None where it can be asked."""
    try:
        keys_to_ask(subject, register.partition)
    except (NothingToAsk, SelectorRefused, TooManyKeys) as refused:
        return refused
    return None
