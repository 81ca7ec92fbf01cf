"""What is known of persons, phones, documents and other marks: one page for each thing added, one entry in the draft.

An entry is the page's fields as typed with its kind and its id; it can be changed, and stays whose it is. The id is
given once in a draft, so a page that was opened before means the same entry or none, wherever the others have moved.
A thing may belong to a person of the same report: who takes that person off says of each what becomes of it. Nothing
moves to nobody by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from api.web.frame.languages import N_, Text
from api.web.signals.reporting.answers import Reader, Typed
from register.domain.signals.protection import Spoken, age_contradicted
from register.domain.typed_day import Written, read_month, read_written, read_year
from schemas.codes.countries import ISSUERS, NATIONALITIES
from schemas.signals.parts import IDENTITY_DOCUMENTS, SELECTORS_MAX, SUBJECTS_MAX, Birth

Item = Mapping[str, Any]

PERSON_FIELDS: Final = ("role", "name", "year", "month", "day", "nationality", "minor")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "person": PERSON_FIELDS,
        "phone": ("number", "owner"),
        "document": ("document_type", "number", "country", "use", "owner"),
        "plate": ("number", "country", "owner"),
        "online": ("platform", "number", "owner"),
        "mark": ("mark_type", "number", "country", "owner"),
    }
)
"""The kinds of things that can be added, with the fields of each page."""
EMAIL: Final = "EMAIL"
"""Stands beside the platforms on the page for things found online."""
MARKS: Final = ("BANK_ACCOUNT", "VESSEL", "COMPANY_REG", "ADDRESS", "TICKET_PNR")
"""What the page for other marks offers: some of it is found by other countries, all of it is kept."""
OF_NOBODY: Final = "nobody"
"""The owner of a thing of which somebody says that it belongs to none of the persons."""
OF_REPORTER: Final = "reporter"
"""The owner of a thing that belongs to whoever told this, who is none of the persons."""
SAID: Final = frozenset({OF_NOBODY, OF_REPORTER})
_DAY: Final = re.compile(r"[0-9]{1,2}")
ALONE: Final = "0"
"""The id of an entry that is read by itself, in no draft."""
OPEN: Final = "open"
"""What becomes of a thing of a person who is taken off: whose it is, is not known, and waits for a person's word."""
GONE: Final = "gone"
"""What becomes of a thing of a person who is taken off: it goes too."""
ITEMS_MAX: Final = SUBJECTS_MAX + 60

# What the normalising rules object to, in the words of a page; the field is always the value itself.
REFUSED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "phone-refused": N_("Type the whole number with its country code, for instance +297 000 0142."),
        "document-refused": N_("Type the document's number: 4 to 24 letters and digits, at least one digit."),
        "plate-refused": N_("Type the plate's letters and digits."),
        "company-refused": N_("Type the company's number in its register: letters and digits, at least one digit."),
        "email-refused": N_("Type one whole e-mail address, for instance name@example.org."),
        "handle-refused": N_("Type the name of the account only, without the address of the site."),
        "two-values": N_("These are two values. Add one here, and the other by itself."),
        "extension-beside": N_("Leave the extension out, and say in your text which one it was."),
        "remark-beside": N_("Type the number alone, and say the rest in your text."),
        "part-missing": N_(
            "Some of this number cannot be read, and what is left may be somebody else's. Type all of it, or say in "
            "your text what can be read."
        ),
        "no-account-shown": N_("This address shows no account. Open it, and type the name of the account there."),
        "number-cut": N_("A spreadsheet has cut this number. Type all its digits."),
        "value-says-none": N_("This says that it is not known. Leave it out, or type the value."),
        "person-refused": N_("Type the names of one person, or leave the name out."),
    }
)
UNREADABLE: Final = N_("This cannot be read. Type it as it is written, without other signs.")


def read_item(kind: str, reader: Reader, persons: Collection[str]) -> Item | None:
    """Check what was typed on a page; return the entry without an id, or None with the faults noted.

    Args:
        kind: one of `FIELDS`.
        reader: of the typed fields.
        persons: by what the persons are chosen, to one of whom a thing may belong.
    """
    _PAGES[kind](reader)
    owner = reader.text("owner")
    if owner and owner not in SAID and owner not in persons:
        reader.fault("owner", N_("Choose a person whom you have added, or nobody."))
    if reader.faults:
        return None
    return {"kind": kind, **{name: reader.text(name) for name in FIELDS[kind]}}


def read_items(items: Sequence[Item]) -> dict[str, Any]:
    """The parts of a signal that hold these entries; for entries that `read_item` has let pass."""
    persons = persons_of(items)
    owned: dict[str, list[dict[str, Any]]] = {person["id"]: [] for person in persons}
    loose: list[dict[str, Any]] = []
    for item in items:
        if item["kind"] != "person":
            said = {"of_nobody": item["owner"] == OF_NOBODY, "of_reporter": item["owner"] == OF_REPORTER}
            owned.get(item["owner"], loose).append(selector_of(item) | said)
    subjects = [{**_build_person(item), "n": n, "selectors": owned[item["id"]]} for n, item in enumerate(persons, 1)]
    return {"subjects": subjects, "selectors": loose}


def found_in(items: Sequence[Item], entry: str) -> Item | None:
    """The entry of this id; None where it was taken off, or never was."""
    return next((item for item in items if item["id"] == entry), None)


def things_of(items: Sequence[Item], person: str) -> list[Item]:
    """What belongs to the person who is the entry of this id; nothing belongs to a thing."""
    return [item for item in items if item["kind"] != "person" and item["owner"] == person]


def heirs_of(items: Sequence[Item], person: str) -> list[tuple[int, Item]]:
    """The other persons, each with the number that the pages show."""
    return [(n, one) for n, one in enumerate(persons_of(items), 1) if one["id"] != person]


def without(items: Sequence[Item], entry: str, things: Mapping[str, str]) -> list[Item] | None:
    """The entries without one of them.

    Args:
        items: the entries.
        entry: the id of the one that goes.
        things: what becomes of what belonged to it, by the id of each: `GONE`, `OPEN`, one of `SAID`, or the id of
            another person.

    Returns:
        None where something belonged to the person, and nobody has said what becomes of it.
    """
    theirs = {item["id"] for item in things_of(items, entry)}
    known = {GONE, OPEN, *SAID, *(one["id"] for _, one in heirs_of(items, entry))}
    if any(things.get(one) not in known for one in theirs):
        return None
    left: list[Item] = []
    for item in items:
        if item["id"] in theirs:
            said = things[item["id"]]
            if said != GONE:
                left.append({**item, "owner": "" if said == OPEN else said})
        elif item["id"] != entry:
            left.append(item)
    return left


def put(items: Sequence[Item], item: Item) -> list[Item]:
    """The entries with one more, or in place of the one of its id: whatever belongs to that stays theirs."""
    if found_in(items, item["id"]) is None:
        return [*items, item]
    return [item if one["id"] == item["id"] else one for one in items]


def persons_of(items: Sequence[Item]) -> list[Item]:
    """The persons among the entries, in their order: the pages show the first as number 1."""
    return [item for item in items if item["kind"] == "person"]


def selector_of(item: Item) -> dict[str, Any]:
    """An entry as a selector of the form."""
    number = item["number"]
    match item["kind"]:
        case "phone":
            return {"type": "PHONE", "value": number}
        case "plate":
            return {"type": "PLATE", "value": number, "country": item["country"]}
        case "online" if item["platform"] == EMAIL:
            return {"type": "EMAIL", "value": number}
        case "online":
            return {"type": "SOCIAL_HANDLE", "value": number, "platform": item["platform"]}
        case "document":
            return _build_document(item)
        case "mark":
            return {"type": item["mark_type"], "value": number, "country": item["country"] or None}
        case kind:
            raise ValueError(f"no selector is made of an entry of kind {kind}")


def _build_document(item: Item) -> dict[str, Any]:
    document = item["document_type"]
    return {
        "type": document if document in IDENTITY_DOCUMENTS else "NATIONAL_ID",
        "document_type": document,
        "value": item["number"],
        "country": item["country"],
        "use": item["use"] or None,
    }


def has_room(items: Sequence[Item], kind: str, owner: str) -> bool:
    """Whether one more entry of this kind fits into a signal."""
    if kind == "person":
        return len(persons_of(items)) < SUBJECTS_MAX
    same = [item for item in items if item["kind"] != "person" and item["owner"] == owner]
    return len(items) < ITEMS_MAX and (not owner or len(same) < SELECTORS_MAX)


def read_born(reader: Reader) -> None:
    """Check a birth date of which only the year, or the year and the month, may be known.

    A whole date that was typed into one of the three fields is read there and spread over them, as is a year of two
    digits; the page then shows it as it was read.
    """
    _spread_date(reader)
    if reader.faults:
        return
    year = reader.number("year", 1900, reader.today.year, N_("Give the year with four digits, or leave it out."))
    month = reader.month("month", N_("Give the month as a number from 1 to 12 or by its name, or leave it out."))
    day = reader.number("day", 1, 31, N_("Give the day as a number from 1 to 31, or leave it out."))
    if not reader.faults and (month or day) and not year:
        reader.fault("year", N_("A month or day of birth needs its year."))
    if year and not reader.faults:
        try:
            Birth(year=year, month=month, day=day)
        except ValidationError:
            reader.fault("day", N_("There is no such birth date. A day needs its month, and must exist in it."))


def _spread_date(reader: Reader) -> None:
    """Put a date that stands whole in one field where its parts belong; two that may be meant are asked about."""
    typed = {name: reader.text(name) for name in ("day", "month", "year")}
    if (year := read_year(typed["year"], latest=reader.today)) is not None:
        typed["year"] = str(year)
    name, text = next(((n, t) for n, t in typed.items() if t and not t.isalnum()), ("", ""))
    beside = Written(
        (read_year(typed["year"]) or 0) if name != "year" else 0,
        read_month(typed["month"]) if name != "month" else None,
        int(typed["day"]) if name != "day" and _DAY.fullmatch(typed["day"]) else None,
    )
    meant = [one for one in read_written(text, latest=reader.today) if _is_agreeing(one, beside)]
    if len(meant) > 1:
        reader.which_day(name, meant)
    elif meant:
        typed = {part: str(getattr(meant[0], part) or getattr(beside, part) or "") for part in typed}
    reader.typed = {**reader.typed, **typed}


def _is_agreeing(one: Written, other: Written) -> bool:
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(not this or not that or this == that for this, that in pairs)


def birth_of(item: Typed) -> dict[str, int | None] | None:
    """What is known of a birth date, for fields that `read_born` has let pass."""
    year, day = (int(item[name]) if item[name] else None for name in ("year", "day"))
    return {"year": year, "month": read_month(item["month"]), "day": day} if year else None


def _read_person(reader: Reader) -> None:
    reader.code("role", "subject_role", N_("Choose the role. It is the ground for registering the person."))
    reader.line("name", "name", None)
    read_born(reader)
    reader.country("nationality", needed=False, among=NATIONALITIES)
    known = None if reader.faults else birth_of(reader.typed)
    birth = Birth.model_validate(known) if known else None
    said = {"yes": True, "no": False}.get(reader.text("minor"))
    # By this page alone only a child of today is told; that somebody was an adult all along, by the whole report.
    if (
        birth
        and said is False
        and age_contradicted(said, Birth.model_validate(birth), Spoken(reader.today, reader.today))
    ):
        reader.fault("minor", N_("The birth date is a child's. Correct the date, or choose yes or not known."))


def _read_phone(reader: Reader) -> None:
    reader.line("number", "value", REFUSED["phone-refused"])


def _read_document(reader: Reader) -> None:
    reader.code("document_type", "document_type", N_("Choose the type of the document."))
    reader.line("number", "value", REFUSED["document-refused"])
    reader.country("country", needed=True, among=ISSUERS)
    reader.code("use", "document_use", N_("Choose how the document was used, or leave it open."), needed=False)


def _read_plate(reader: Reader) -> None:
    reader.line("number", "value", REFUSED["plate-refused"])
    reader.country("country", needed=True)


def _read_online(reader: Reader) -> None:
    if reader.text("platform") != EMAIL:
        reader.code("platform", "platform", N_("Choose where: e-mail, or the platform."))
    email = reader.text("platform") == EMAIL
    reader.line("number", "value", REFUSED["email-refused" if email else "handle-refused"])


def read_mark(reader: Reader) -> None:
    """Check a bank account, vessel, company number, address or ticket; a company number needs its country."""
    if reader.text("mark_type") not in MARKS:
        reader.fault("mark_type", N_("Choose what it is."))
    reader.line("number", "value", N_("Type the number, the name or the address."))
    reader.country("country", needed=reader.text("mark_type") == "COMPANY_REG")


_PAGES: Final[Mapping[str, Callable[[Reader], None]]] = MappingProxyType(
    {
        "person": _read_person,
        "phone": _read_phone,
        "document": _read_document,
        "plate": _read_plate,
        "online": _read_online,
        "mark": read_mark,
    }
)


def _build_person(item: Typed) -> dict[str, Any]:
    return {
        "role": item["role"],
        "kind": "person",
        "name": item["name"] or None,
        "birth": birth_of(item),
        "nationality": item["nationality"] or None,
        "minor": {"yes": True, "no": False}.get(item["minor"]),
    }
