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
from register.domain.typed_day import Written, read_month, read_written
from schemas.codes import code_list
from schemas.codes.countries import COUNTRIES
from schemas.form import NAME_MAX, NOTE_MAX, VALUE_MAX, Name, Note, Value
from schemas.signals.signal import ACCOUNT_MAX, Account

Typed = Mapping[str, Any]
"""The fields of one page: texts, and lists of texts for groups of boxes."""

_TEXTS: Final[Mapping[str, tuple[TypeAdapter[str], int]]] = {
    "account": (TypeAdapter(Account), ACCOUNT_MAX),
    "note": (TypeAdapter(Note), NOTE_MAX),
    "name": (TypeAdapter(Name), NAME_MAX),
    "value": (TypeAdapter(Value), VALUE_MAX),
}
"""What each kind of text takes, and how many characters of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the field that it leads to, and what to do.

    Attributes:
        sure: where it is a question, the box that says yes, and what it then says: yes to these very answers.
    """

    field: str
    says: Text
    sure: tuple[str, str] | None = None


@dataclass(slots=True)
class Reader:
    """Reads the fields of one page and gathers what is wrong with them.

    Attributes:
        today: on the island's calendar.
        beside: what was typed on the other pages, by page.
    """

    typed: Typed
    today: date
    beside: Mapping[str, Any] = field(default_factory=dict)
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
        written = read_written(value, latest=self.today)
        if len(written) > 1:
            self.which_day(name, written)
            return None
        found = written[0].whole if written else None
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

    def which_day(self, name: str, written: Sequence[Written]) -> None:
        """Ask which of two days was meant."""
        says = N_("Is it %(first)s or %(second)s? Write the month by its name.")
        self.fault(name, Text(says.message, {"first": written[0].whole, "second": written[1].whole}))

    def ask(self, name: str, sure: str, about: str, says: Text) -> None:
        """Ask whether an odd answer is right, unless its box says so of this very answer."""
        if self.text(sure) != about and all(known.field != name for known in self.faults):
            self.faults.append(Fault(name, says, (sure, about)))

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

    def account(self, name: str, empty: Text) -> str | None:
        """A story, in its teller's words; `empty` is what to say where there is none."""
        if not self.text(name):
            self.fault(name, empty)
            return None
        return self._of("account", name)

    def note(self, name: str, empty: Text | None = None) -> str:
        """A remark or a reason; `empty` is what to say where it must not be left out."""
        if not self.text(name):
            if empty is not None:
                self.fault(name, empty)
            return ""
        return self._of("note", name) or ""

    def line(self, name: str, kind: str, empty: Text | None) -> str | None:
        """One line of text; `empty` is what to say where it must not be left out."""
        if not self.text(name):
            if empty is not None:
                self.fault(name, empty)
            return None
        return self._of(kind, name)

    def fault(self, name: str, says: Text) -> None:
        """Note a fault, once a field."""
        if all(known.field != name for known in self.faults):
            self.faults.append(Fault(name, says))

    def _of(self, kind: str, name: str) -> str | None:
        # Nothing is cut, here or in the browser: whoever pastes a long text sees all of it, and by how much it is over.
        adapter, most = _TEXTS[kind]
        text = self.text(name)
        if len(text) > most:
            says = N_("Use at most %(most)s characters. This has %(over)s too many; nothing of it was cut.")
            self.fault(name, Text(says.message, {"most": most, "over": len(text) - most}))
            return None
        try:
            return adapter.validate_python(text)
        except ValidationError:
            self.fault(name, N_("This holds characters that cannot be read. Use those only that a keyboard gives."))
            return None
