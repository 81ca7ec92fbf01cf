"""Figures that the country has itself published: told to the partners, printed exact, known to every attacker.

And the optional rows that the country keeps, declared before anything is contributed on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import chain

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.statistics.rows import KeptRow, SaidRow
from register.errors import CallerError, Conflict
from register.services.statistics.asked import period_of
from register.services.statistics.leaves import noted
from register.services.statistics.releases.sources import Sources, read_sources
from register.services.statistics.statements.contribute import TURN, SaidMeanwhile
from register.services.statistics.statements.words import place_text, signed_row, statement_of
from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Definition
from register.statistics.release.contribution import Contribution, ContributionRefused
from register.statistics.release.disagreement import (
    contributed_figure,
    contributed_range,
    keep_agreeing_facts,
    name_figure,
)
from register.statistics.release.ledger import OutsideFact
from register.statistics.release.statements import PublishedFact, read_statement
from register.store.work import Work
from schemas.statistics.entry import StatementKind


class NoSuchFigure(CallerError):
    """No registered table has such a figure, so nobody could compare it."""

    code = "no-such-figure"
    advice = "Name a population of the catalogue, and rows of the variables of one of its tables."


class FigureDeparts(Conflict):
    """The figure cannot be, by what the country's own register has contributed."""

    code = "figure-departs"
    advice = (
        "Compare the report with the register: correct the records and contribute again, or state the figure for the "
        "rows and the period that it counts. Nothing was told to the partners."
    )


class RowInUse(Conflict):
    """Tables of that variable have been contributed for a period from that day on: the row comes too late."""

    code = "row-in-use"
    advice = "Declare the row from the next period that nothing has been contributed to."


def publish_fact(
    register: Register,
    caller: Caller,
    *,
    population: str,
    period: str,
    where: Mapping[str, str],
    value: int,
    source: str,
) -> tuple[PublishedFact, SaidRow]:
    """Note a figure that the country has published about itself, or correct the earlier word on it.

    Args:
        register: of the country whose figure it is.
        caller: who says so.
        population: of the catalogue.
        period: as printed.
        where: variable to row; empty for the total.
        value: as published.
        source: where it stands.

    Raises:
        TaskMissing, BadPeriod, NoSuchFigure: see there.
        FigureDeparts: what the country has contributed says that it cannot be; names both figures.
    """
    register.permit(caller, UseCase.PUBLISH_FACT)
    of = period_of(period)
    definition = next(
        (d for d in default_catalogue() if d.population.name == population and _has_figure(d, where)), None
    )
    if definition is None:
        raise NoSuchFigure("no registered table has that figure")
    fact = OutsideFact(register.partition, population, of, frozenset(where.items()), value, source)
    with noted(register, caller, AuditAction.STATISTICS_PUBLISHED, population) as work:
        work.running.outbox.add(Consumer.WORDS, TURN)
        said = work.statistics.statements.of(StatementKind.FACT, register.partition, place_text(PublishedFact(fact, 0)))
        if said and (standing := _read_fact(said[-1])) == PublishedFact(fact, len(said) - 1):
            work.running.audit.note(AuditAction.STATISTICS_FACTS_READ, "-", count=1)
            return standing, said[-1]
        word = replace(PublishedFact(fact, 0), number=len(said))
        try:
            read_statement(StatementKind.FACT, word.document())
        except ContributionRefused as refusal:
            raise NoSuchFigure("expected a printable source of at most 200 characters and a figure from 0") from refusal
        _check_agrees(read_sources(work, default_catalogue(), definition), fact)
        row = signed_row(register, word)
        if not work.statistics.statements.keep(StatementKind.FACT, row):
            raise SaidMeanwhile("another word on the figure was given meanwhile")
        work.running.audit.note(AuditAction.STATISTICS_PUBLISHED, row.place, number=row.number, value=value)
    return word, row


def list_facts(register: Register, caller: Caller) -> list[tuple[PublishedFact, SaidRow]]:
    """The figures that countries have published, each in its valid word."""
    register.permit(caller, UseCase.LIST_FACTS)
    with register.work(caller) as work:
        found = list(read_sources(work, default_catalogue()).facts)
        work.running.audit.note(AuditAction.STATISTICS_FACTS_READ, "-", count=len(found))
    return found


def keep_row(register: Register, caller: Caller, *, variable: str, code: str, since: date) -> KeptRow:
    """Declare that the country keeps an optional row from a day on, for good.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        NoSuchFigure: it is no optional row of the catalogue.
        RowInUse: something has been contributed on it for a period from that day on.
    """
    register.permit(caller, UseCase.KEEP_ROW)
    tables = [d for d in default_catalogue() if any(v.name == variable for v in d.variables)]
    optional = {
        c for v in chain.from_iterable(d.variables for d in tables) if v.name == variable for c in v.only_if_kept
    }
    if code not in optional:
        raise NoSuchFigure(
            f"the catalogue has {len(optional)} optional rows of that variable, and this is none of them"
        )
    row = KeptRow(variable, code, since)
    with noted(register, caller, AuditAction.STATISTICS_ROW_KEPT, f"{variable}/{code}") as work:
        work.running.outbox.add(Consumer.WORDS, TURN)
        if any(c.period.last_day >= since for c in _list_own_contributions(work, {d.id for d in tables})):
            raise RowInUse("a table of that variable has been contributed for that time")
        if work.statistics.statements.keep_row(row, by=caller.actor):
            work.running.audit.note(AuditAction.STATISTICS_ROW_KEPT, f"{variable}/{code}", since=since.isoformat())
        else:
            work.running.audit.note(AuditAction.STATISTICS_ROWS_READ, "-")
        return next(r for r in work.statistics.statements.kept_rows() if (r.variable, r.code) == (variable, code))


def _check_agrees(known: Sources, fact: OutsideFact) -> None:
    """Raise `FigureDeparts` where the country's contributions say that the figure cannot be."""
    tables = known.catalogue.tables
    if fact in keep_agreeing_facts(known.ledger().with_fact(fact), tables).facts:
        return
    own = [
        part.contribution
        for part in known.parts
        if part.row.origin is fact.country and part.contribution.period == fact.period
    ]
    for one in reversed(own):
        definition = tables[one.table_id]
        low, high = contributed_range(definition, one, fact.where)
        if not low <= fact.value <= high:
            given = contributed_figure(definition, one, fact.where)
            raise FigureDeparts(
                f"{fact.value} is stated for {fact.population} of {fact.period} ({name_figure(fact.where)}), where the "
                f"register contributed {'no such figure' if given is None else given}, so {low} to {high}"
            )
    raise FigureDeparts(
        f"{fact.value} is stated for {fact.population} of {fact.period} ({name_figure(fact.where)}), and cannot be "
        "true together with all that the register contributed and that was stated before"
    )


def _has_figure(definition: Definition, where: Mapping[str, str]) -> bool:
    rows = {variable.name: variable.codes for variable in definition.variables}
    return all(row in rows.get(variable, ()) for variable, row in where.items())


def _list_own_contributions(work: Work, table_ids: set[str]) -> list[Contribution]:
    words = [
        statement_of(StatementKind.CONTRIBUTION, row)
        for row in work.statistics.statements.all(StatementKind.CONTRIBUTION)
        if row.origin is work.partition
    ]
    return [w for w in words if isinstance(w, Contribution) and w.table_id in table_ids]


def _read_fact(row: SaidRow) -> PublishedFact:
    word = statement_of(StatementKind.FACT, row)
    if not isinstance(word, PublishedFact):
        raise TypeError("expected a published figure")
    return word
