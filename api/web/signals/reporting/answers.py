"""What a page of the form may say back: faults that lead to their field, and readers of one field each.

Texts are kept as typed, also wrong ones, so that nobody types twice; what is read here is what the schema takes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from api.web.frame.languages import N_, Text
from register.domain.typed_day import read_day, read_month
from schemas.codes import code_list
from schemas.codes.countries import COUNTRIES
from schemas.form import Name, Value
from schemas.signals.signal import Account

Typed = Mapping[str, Any]
"""The fields of one page: texts, and lists of texts for groups of boxes."""

_ACCOUNT: Final[TypeAdapter[str]] = TypeAdapter(Account)
_LINE: Final[Mapping[str, TypeAdapter[str]]] = {"name": TypeAdapter(Name), "value": TypeAdapter(Value)}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the field that it leads to, and what to do."""

    field: str
    says: Text


@dataclass(slots=True)
class Reader:
    """Reads the fields of one page and gathers what is wrong with them.

    Attributes:
        today: on the island's calendar.
    """

    typed: Typed
    today: date
    faults: list[Fault] = field(default_factory=list)

    def text(self, name: str) -> str:
        """What was typed in a field; empty where nothing was."""
        value = self.typed.get(name, "")
        return value if isinstance(value, str) else ""

    def boxes(self, name: str, list_name: str) -> list[str]:
        """The ticked codes of a list; others are left out, since no box of ours sends them."""
        ticked = self.typed.get(name, ())
        chosen = set(ticked) if isinstance(ticked, Sequence) and not isinstance(ticked, str) else set()
        return [code for code in code_list(list_name).codes if code in chosen]

    def code(self, name: str, list_name: str, says: Text, *, needed: bool = True) -> str | None:
        """A code of a list."""
        value = self.text(name)
        if value in code_list(list_name):
            return value
        if needed or value:
            self.fault(name, says)
        return None

    def country(self, name: str, *, needed: bool, among: Collection[str] = COUNTRIES) -> str | None:
        """A country, or what stands for one on papers: of a nationality, of an issuer."""
        value = self.text(name)
        if value in among:
            return value
        if needed or value:
            self.fault(name, N_("Choose the country."))
        return None

    def day(self, name: str, *, needed: bool = True) -> date | None:
        """A day, not later than today."""
        value = self.text(name)
        if not value and not needed:
            return None
        found = read_day(value)
        if found is None:
            self.fault(name, N_("Give the day with its year, for instance 31-01-2026."))
            return None
        if found > self.today:
            self.fault(name, N_("This day is still to come. Give today or an earlier day."))
        elif found.year < 1900:  # noqa: PLR2004 - as the form of a signal has it
            self.fault(name, N_("This day is too long ago. Look at the year."))
        else:
            return found
        return None

    def month(self, name: str, says: Text) -> int | None:
        """A month by its number or its name, that may be left out."""
        value = self.text(name)
        found = read_month(value)
        if value and found is None:
            self.fault(name, says)
        return found

    def number(self, name: str, least: int, most: int, says: Text) -> int | None:
        """A whole number that may be left out."""
        value = self.text(name)
        if not value:
            return None
        if value.isascii() and value.isdigit() and least <= int(value[:9]) <= most:
            return int(value)
        self.fault(name, says)
        return None

    def account(self, name: str) -> str | None:
        """The story in the reporter's words."""
        value = self.text(name)
        if not value:
            self.fault(name, N_("Say in a few words what happened."))
            return None
        return self._of(_ACCOUNT, name, N_("Use at most 8,000 characters, and letters only that a keyboard gives."))

    def line(self, name: str, kind: str, empty: Text | None) -> str | None:
        """One line of text; `empty` is what to say where it must not be left out."""
        if not self.text(name):
            if empty is not None:
                self.fault(name, empty)
            return None
        return self._of(_LINE[kind], name, N_("This is too long, or holds characters that cannot be read."))

    def fault(self, name: str, says: Text) -> None:
        """Note a fault, once a field."""
        if all(known.field != name for known in self.faults):
            self.faults.append(Fault(name, says))

    def _of(self, adapter: TypeAdapter[str], name: str, says: Text) -> str | None:
        try:
            return adapter.validate_python(self.text(name))
        except ValidationError:
            self.fault(name, says)
            return None
