"""How a value was read: what is compared of it with other countries, or why nothing is.

Given back wherever a value is typed, since a value that was read otherwise than it was meant finds nobody, in silence.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.form import Form


class ReadAs(StrEnum):
    """What a value was read as; `KEPT` and what follows it are compared with nothing."""

    PHONE = "phone"
    EMAIL = "email"
    PASSPORT = "passport"
    NATIONAL_NUMBER = "national-number"
    DOCUMENT = "document"
    PLATE = "plate"
    ACCOUNT_NAME = "account-name"
    ACCOUNT_ID = "account-id"
    GROUP = "group"
    POST = "post"
    BANK_ACCOUNT = "bank-account"
    VESSEL = "vessel"
    COMPANY = "company"
    NAME_AND_BIRTH_DATE = "name-and-birth-date"
    NAME_AND_NATIONALITY = "name-and-nationality"
    KEPT = "kept"
    SAYS_NONE = "says-none"
    CHECK_FAILS = "check-fails"
    ISSUER_UNKNOWN = "issuer-unknown"
    NAME_ALONE = "name-alone"

    @property
    def is_compared(self) -> bool:
        """Whether a match key is made of it."""
        return self not in _NOT_COMPARED


_NOT_COMPARED = frozenset({ReadAs.KEPT, ReadAs.SAYS_NONE, ReadAs.CHECK_FAILS, ReadAs.ISSUER_UNKNOWN, ReadAs.NAME_ALONE})


class ReadingOut(Form):
    """One value as read.

    Attributes:
        pointer: the place in the form, for instance `/subjects/0/selectors/1`; of a person its `name`.
        read_as: what it was taken for, or why it is compared with nothing.
        value: the canonical value; None where there is none. Of a document's number the letters stand as typed, though
            some are compared as the digits that look like them (B as 8, O as 0).
        country: whose number, document, plate or company it is.
        platform: of an account.
        others: further readings that a question would ask for, as E.164; not empty where a number is of two countries.
            Of a name, the two persons whom it may name.
        beside: what was typed in the same field and nothing understands; it is left out of what is compared.
        says: the same in one sentence.
    """

    pointer: str = Field(max_length=60)
    read_as: ReadAs
    value: str | None = Field(default=None, repr=False)
    country: str | None = None
    platform: str | None = None
    others: tuple[str, ...] = Field(default=(), max_length=12, repr=False)
    beside: str | None = Field(default=None, repr=False)
    says: str = Field(repr=False)


class CannotFindOut(Form):
    """One thing that a question could not find, however it is registered: said, so that nothing is taken for "nobody".

    Attributes:
        code: stable, for programs.
        says: one sentence.
    """

    code: str
    says: str
