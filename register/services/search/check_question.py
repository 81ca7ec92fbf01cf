"""Can the values of a question be read at all: asked while they are typed, before there is anything to log.

Nothing is looked up and nothing is kept; the search itself decides again.
"""

from __future__ import annotations

from register.core import Register
from register.errors import CallerError
from register.pseudonyms.errors import SelectorRefused, TooManyKeys
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.query_keys import keys_by_value
from register.pseudonyms.readings import asked_with, what_would_do
from schemas.codes import Partition
from schemas.search.question import AskedSubject


class NothingToAsk(CallerError):
    """Nothing of the question can be compared: it has no match key, so no country was asked anything."""

    code = "nothing-to-ask"
    advice = "Add what the message names, and ask again; nothing was looked up and nothing was logged."


def values_to_ask(subject: AskedSubject, country: Partition) -> list[tuple[MatchKey, ...]]:
    """Return the values that a question looks up, each by its match keys.

    Raises:
        NothingToAsk: there are none; says what would make one.
        SelectorRefused, TooManyKeys: a value cannot be read, or too much is asked at once.
    """
    values = keys_by_value(subject, country)
    if not values:
        readings = asked_with(subject, country)
        raise NothingToAsk(what_would_do(readings), read_as=[one.read_as.value for one in readings])
    return values


def refusal_of_question(register: Register, subject: AskedSubject) -> str | None:
    """Return the code of the refusal if a value cannot be read (`phone-refused`) or too much is asked at once."""
    refused = refused_question(register, subject)
    return None if refused is None else refused.code


def refused_question(register: Register, subject: AskedSubject) -> CallerError | None:
    """Return why a question would be refused; None where it can be asked."""
    try:
        values_to_ask(subject, register.partition)
    except (NothingToAsk, SelectorRefused, TooManyKeys) as refused:
        return refused
    return None
