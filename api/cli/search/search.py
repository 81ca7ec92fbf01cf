"""`rtr search`: ask across the countries, as the person of the profile.

What is asked is read from a file, from standard input or as it is typed: whatever stands on a command line stands in
the list of processes too, where everybody on the machine reads it, and no program can hide it in time.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, at, desk_of
from register.errors import CallerError
from schemas.codes import LegalBasis, Purpose

if TYPE_CHECKING:
    from schemas.search.question import CountryAnswer, HitOut, SearchIn, SearchOut
    from schemas.signals.parts import Birth

app = typer.Typer()

_ONCE: Final = frozenset({"case", "name", "birth", "nationality"})
_SELECTORS: Final[Mapping[str, tuple[str, str | None]]] = MappingProxyType(
    {
        "phone": ("PHONE", None),
        "email": ("EMAIL", None),
        "account": ("BANK_ACCOUNT", None),
        "vessel": ("VESSEL", None),
        "address": ("ADDRESS", None),
        "passport": ("PASSPORT", "COUNTRY"),
        "plate": ("PLATE", "COUNTRY"),
        "company": ("COMPANY_REG", "COUNTRY"),
        "handle": ("SOCIAL_HANDLE", "PLATFORM"),
    }
)
"""Member of a question: the type of its value, and what stands before the value with a colon."""
_WHAT: Final = "What is known, one a line (phone +297 560 0100); an empty line asks"


class BadQuestion(CallerError):
    """What was asked for cannot be read."""

    code = "bad-question"
    advice = (
        "See `rtr search --help`; dates are as 3 apr 1979 or 1979-04-03, documents COUNTRY:NUMBER. Nothing was asked."
    )


@app.command()
def search(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE.json|FILE.toml|-", help="The question; without it you are asked.", allow_dash=True
        ),
    ] = None,
    *,
    basis: Annotated[LegalBasis, typer.Option(case_sensitive=False, help="On what ground; a law of your country.")],
    purpose: Annotated[Purpose, typer.Option(case_sensitive=False, help="For what; logged.")] = Purpose.COORDINATE,
    simulate: Annotated[str | None, typer.Option(help="Answer as another edition of the rules would.")] = None,
) -> None:
    """Ask whether a person, phone, document, plate or other mark is known anywhere; each country answers.

    The question is a file, standard input (-) or what you type when asked: `case = "2026-04117"`, then what is known of
    one person or thing: `phone = "+297 560 0100"`, or a list of several. Others are name (with birth or nationality),
    email, account, vessel, address, passport, plate and company (COUNTRY:NUMBER) and handle (PLATFORM:NAME).

    Nothing of it is a word of the command line, which everybody on the machine can read.
    """
    desk = desk_of(ctx)
    found = _read_typed_question() if file is None else _read_question_file(file)
    question = _build_question(found, purpose, basis, simulate)
    with open_client(desk) as client:
        answer = client.search(question)
    desk.answer(answer, *printed(answer), brief=" ".join(f"{c.country}:{c.answer}" for c in answer.countries))


def _somebody_types() -> bool:
    return sys.stdin.isatty()


def _read_question_file(file: Path) -> dict[str, list[str]]:
    """The members of a question's file, each as a list."""
    from api.cli.frame.forms import read_file

    found = {name: value if isinstance(value, list) else [value] for name, value in read_file(file).items()}
    if not all(isinstance(one, str) for values in found.values() for one in values):
        raise BadQuestion("expected text in quotes, or a list of such, for each member")
    return found


def _read_typed_question() -> dict[str, list[str]]:
    """The members of a question as somebody types them, line by line."""
    if not _somebody_types():
        raise typer.BadParameter("give the question in a file, or as - on standard input")
    found = {"case": [str(typer.prompt("Reference of the case", err=True))]}
    while line := typer.prompt(_WHAT if len(found) == 1 else "And", default="", show_default=False, err=True).strip():
        kind, _, value = line.partition(" ")
        found.setdefault(kind.lower(), []).append(value.strip())
    return found


def _build_question(found: dict[str, list[str]], purpose: Purpose, basis: LegalBasis, simulate: str | None) -> SearchIn:
    from pydantic import ValidationError

    from schemas.search.question import AskedSubject, SearchIn
    from schemas.signals.parts import SelectorIn

    if unknown := found.keys() - _ONCE - _SELECTORS.keys():
        those = "one member is" if len(unknown) == 1 else f"{len(unknown)} members are"
        raise BadQuestion(f"{those} not known; there are {', '.join([*sorted(_ONCE), *_SELECTORS])}")
    if several := sorted(name for name in _ONCE & found.keys() if len(found[name]) != 1):
        raise BadQuestion(f"expected one {several[0]}, as text")
    once = {name: found[name][0] for name in _ONCE & found.keys()}
    try:
        selectors = [
            SelectorIn.model_validate(_read_selector(name, value))
            for name in _SELECTORS
            for value in found.get(name, ())
        ]
        subject = AskedSubject(
            name=once.get("name"),
            birth=_read_birth(once.get("birth")),
            nationality=once.get("nationality"),
            selectors=tuple(selectors),
        )
        return SearchIn(
            purpose=purpose,
            legal_basis=basis,
            case=once.get("case", ""),
            subject=subject,
            simulate_edition=simulate,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadQuestion(f"{'.'.join(map(str, first['loc'])) or 'question'}: {first['msg']}") from None


def _read_selector(name: str, value: str) -> dict[str, str]:
    """A value as the search takes it; documents, plates, companies and accounts of platforms say whose they are."""
    kind, before = _SELECTORS[name]
    if before is None:
        return {"type": kind, "value": value}
    of, found, number = value.partition(":")
    if not found:
        raise BadQuestion(f"expected {before}:{'NAME' if before == 'PLATFORM' else 'NUMBER'} for {name}")
    return {"type": kind, "value": number, before.lower(): of.upper()}


def printed(answer: SearchOut) -> list[str | Table]:
    """The answer as lines: the own register first, then country by country."""
    from api.cli.signals.signal_view import read_as
    from register.domain.partition import FACTS

    head = f'Question {answer.id}, case {answer.case}, rules "{answer.edition}"' + (
        " (simulated)" if answer.simulated else ""
    )
    parts: list[str | Table] = [head]
    parts += read_as(answer.asked_with)
    parts += [f"Cannot find: {one.says}" for one in answer.cannot_find]
    if answer.degraded:
        parts.append(f"Without the search engine: exact matches only; off: {', '.join(answer.modes_off)}.")
    own = [
        (
            s.reference,
            s.organisation_name,
            s.signal_type,
            s.received_on,
            ", ".join(s.families),
            len(s.guarantees) or None,
        )
        for s in answer.own.signals
    ]
    title = f"Own register: {len(own)} signal{'' if len(own) == 1 else 's'}"
    columns = ("reference", "organisation", "type", "received", "matched by", "guarantees")
    parts.append(Table(title, columns, own, frozenset({"guarantees"})))
    parts += [f"Too common at home: {c.family}, {c.records} records." for c in answer.own.too_common]
    for one in answer.countries:
        parts.append("")
        # The words of a hit begin with the country's name by themselves.
        parts.append(f"{(name := FACTS[one.country].name)}: {_describe_answer(one).removeprefix(f'{name}: ')}")
        if one.hits:
            parts.append(Table("", _COLUMNS, [_build_row(h) for h in one.hits], frozenset({"bits"})))
    return parts


_COLUMNS = ("reference", "strength", "bits", "kind", "role", "from", "to", "ask", "note")


def _build_row(hit: HitOut) -> tuple[object, ...]:
    notes = ["do not contact"] if hit.do_not_contact else []
    notes += [f"document use {hit.document_use}"] if hit.document_use else []
    notes += [f"{hit.persons_seen} persons seen"] if hit.persons_seen else []
    ask = f"{hit.contact.unit} ({' or '.join(hit.contact.routes)})"
    return (
        hit.reference, hit.strength, hit.bits, hit.signal_type, hit.role, hit.month_from, hit.month_to, ask,
        "; ".join(notes),
    )  # fmt: skip


def _describe_answer(one: CountryAnswer) -> str:
    words = one.words
    if one.limit:
        words += f" {' '.join(one.reasons)}" + (f" Room again at {at(one.retry_at)}." if one.retry_at else "")
        words += f" {' '.join(one.ways)}"
    elif one.reasons:
        words += f" Rule {', '.join(one.rules)}: {' '.join(one.reasons)} What would allow it: {' '.join(one.ways)}"
    for common in one.too_common:
        words += f" {common.family}: {common.records} records, {common.month_from} to {common.month_to}."
    return words + (f" Stale since {at(one.stale_since)}." if one.stale_since else "")


def _read_birth(text: str | None) -> Birth | None:
    from register.domain.typed_day import read_written
    from schemas.signals.parts import Birth

    if text is None:
        return None
    found = read_written(text)
    if len(found) > 1:
        # A birth date is not repeated: whoever keeps what programs print would keep it.
        raise BadQuestion("the birth date may be two days: write the month by its name, for instance 3 apr 1979")
    if not found:
        raise BadQuestion("expected a birth date as YYYY-MM-DD, YYYY-MM or YYYY, or as people write it: 3 apr 1979")
    return Birth(year=found[0].year, month=found[0].month, day=found[0].day)
