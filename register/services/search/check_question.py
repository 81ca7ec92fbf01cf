"""Can the values of a question be read at all: asked while they are typed, before there is anything to log.

Nothing is looked up and nothing is kept; the search itself decides again.
"""

from __future__ import annotations

from register.core import Register
from register.pseudonyms.errors import SelectorRefused, TooManyKeys
from register.pseudonyms.query_keys import query_keys
from schemas.search.question import AskedSubject


def refusal_of_question(register: Register, subject: AskedSubject) -> str | None:
    """Return the code of the refusal if a value cannot be read (`phone-refused`) or too much is asked at once."""
    try:
        query_keys(subject, register.partition)
    except (SelectorRefused, TooManyKeys) as refused:
        return refused.code
    return None
