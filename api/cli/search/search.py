"""`rtr search`: ask across the countries, as the person of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, at, desk_of
from register.errors import CallerError
from schemas.codes import LegalBasis, Purpose

if TYPE_CHECKING:
    from schemas.search.question import CountryAnswer, HitOut, SearchIn, SearchOut
    from schemas.signals.parts import Birth

app = typer.Typer()


class BadQuestion(CallerError):
    """What was asked for cannot be read from the command line."""

    code = "bad-question"
    advice = "See `rtr search --help`; dates are YYYY-MM-DD, documents COUNTRY:NUMBER."


@app.command()
def search(
    ctx: typer.Context,
    *,
    case: Annotated[str, typer.Option(help="Reference of the case this is asked for; it is logged.")],
    basis: Annotated[LegalBasis, typer.Option(case_sensitive=False, help="On what ground; a law of your country.")],
    purpose: Annotated[Purpose, typer.Option(case_sensitive=False, help="For what; logged.")] = Purpose.COORDINATE,
    name: Annotated[str | None, typer.Option(help="Name of a person, with --birth or --nationality.")] = None,
    birth: Annotated[str | None, typer.Option(help="Birth date, YYYY-MM-DD, or what is known of it.")] = None,
    nationality: Annotated[str | None, typer.Option(help="Two letters, for instance CO.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="A phone number.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="An e-mail address.")] = None,
    passport: Annotated[list[str] | None, typer.Option(help="COUNTRY:NUMBER.")] = None,
    plate: Annotated[list[str] | None, typer.Option(help="COUNTRY:PLATE.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="A bank account, as IBAN.")] = None,
    vessel: Annotated[
        list[str] | None, typer.Option(help="IMO number, MMSI or call sign, for instance 'IMO 9074729'.")
    ] = None,
    company: Annotated[list[str] | None, typer.Option(help="COUNTRY:NUMBER in its register of companies.")] = None,
    address: Annotated[
        list[str] | None, typer.Option(help="An address: kept in reports; other countries cannot find it yet.")
    ] = None,
    handle: Annotated[list[str] | None, typer.Option(help="PLATFORM:NAME, for instance INSTAGRAM:name.")] = None,
    simulate: Annotated[str | None, typer.Option(help="Answer as another edition of the rules would.")] = None,
) -> None:
    """Ask whether a person, phone, document, plate or other mark is known anywhere; each country answers."""
    from pydantic import ValidationError

    from schemas.search.question import AskedSubject, SearchIn
    from schemas.signals.parts import SelectorIn

    desk = desk_of(ctx)
    try:
        selectors = [SelectorIn(type="PHONE", value=v) for v in phone or ()]
        selectors += [SelectorIn(type="EMAIL", value=v) for v in email or ()]
        selectors += [SelectorIn(type="BANK_ACCOUNT", value=v) for v in account or ()]
        selectors += [SelectorIn(type="VESSEL", value=v) for v in vessel or ()]
        selectors += [SelectorIn(type="ADDRESS", value=v) for v in address or ()]
        for option, kind, values in (
            ("passport", "PASSPORT", passport),
            ("plate", "PLATE", plate),
            ("company", "COMPANY_REG", company),
        ):
            for value in values or ():
                country, found, number = value.partition(":")
                if not found:
                    raise BadQuestion(f"expected COUNTRY:NUMBER for {option}")
                selectors.append(SelectorIn(type=kind, value=number, country=country.upper()))
        for value in handle or ():
            platform, found, shown = value.partition(":")
            if not found:
                raise BadQuestion("expected PLATFORM:NAME for handle")
            selectors.append(SelectorIn(type="SOCIAL_HANDLE", value=shown, platform=platform.upper()))
        subject = AskedSubject(name=name, birth=_birth(birth), nationality=nationality, selectors=tuple(selectors))
        question: SearchIn = SearchIn(
            purpose=purpose, legal_basis=basis, case=case, subject=subject, simulate_edition=simulate
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadQuestion(f"{'.'.join(map(str, first['loc'])) or 'question'}: {first['msg']}") from None
    with open_client(desk) as client:
        answer = client.search(question)
    desk.answer(answer, *printed(answer), brief=" ".join(f"{c.country}:{c.answer}" for c in answer.countries))


def printed(answer: SearchOut) -> list[str | Table]:
    """The answer as lines: the own register first, then country by country."""
    from api.cli.signals.signal_view import read_as
    from register.domain.partition import FACTS

    head = f'Question {answer.id}, rules "{answer.edition}"' + (" (simulated)" if answer.simulated else "")
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
    title = f"Own register: {len(own)} signals"
    columns = ("reference", "organisation", "type", "received", "matched by", "guarantees")
    parts.append(Table(title, columns, own, frozenset({"guarantees"})))
    parts += [f"Too common at home: {c.family}, {c.records} records." for c in answer.own.too_common]
    for one in answer.countries:
        parts.append("")
        parts.append(f"{FACTS[one.country].name}: {_words(one)}")
        if one.hits:
            parts.append(Table("", _COLUMNS, [_row(h) for h in one.hits], frozenset({"bits"})))
    return parts


_COLUMNS = ("reference", "strength", "bits", "kind", "role", "from", "to", "ask", "note")


def _row(hit: HitOut) -> tuple[object, ...]:
    notes = ["do not contact"] if hit.do_not_contact else []
    notes += [f"document use {hit.document_use}"] if hit.document_use else []
    notes += [f"{hit.persons_seen} persons seen"] if hit.persons_seen else []
    ask = f"{hit.contact.unit} ({' or '.join(hit.contact.routes)})"
    return (
        hit.reference, hit.strength, hit.bits, hit.signal_type, hit.role, hit.month_from, hit.month_to, ask,
        "; ".join(notes),
    )  # fmt: skip


def _words(one: CountryAnswer) -> str:
    words = one.words
    if one.reasons:
        words += f" Rule {', '.join(one.rules)}: {' '.join(one.reasons)} What would allow it: {' '.join(one.ways)}"
    for common in one.too_common:
        words += f" {common.family}: {common.records} records, {common.month_from} to {common.month_to}."
    return words + (f" Stale since {at(one.stale_since)}." if one.stale_since else "")


def _birth(text: str | None) -> Birth | None:
    from register.domain.typed_day import read_day
    from schemas.signals.parts import Birth

    if text is None:
        return None
    if (whole := read_day(text)) is not None:
        return Birth(year=whole.year, month=whole.month, day=whole.day)
    try:
        year, month, day = [*(int(part) for part in text.split("-")), None, None][:3]
    except ValueError:
        raise BadQuestion("expected a birth date as YYYY-MM-DD, YYYY-MM or YYYY") from None
    return Birth(year=year, month=month, day=day)
