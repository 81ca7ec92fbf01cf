"""A country makes its contribution: exact figures in, rounded under its own key, attacked, signed, and on its way.

One transaction: what is counted, drawn, signed and kept belongs together. The worker drafts it for the partners. The
same figures give the same contribution for ever; nothing is drawn under another key than the period was begun with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import ALONE_FROM, Alarm
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.statistics.rows import Basis, SaidRow
from register.errors import CallerError, Conflict, OperatorError
from register.services.statistics.asked import RuleSaysNo, period_of, table_of, tell_refusals
from register.services.statistics.leaves import noted
from register.services.statistics.releases.sources import Part, Sources, read_sources
from register.services.statistics.statements.words import place_text, signed_row
from register.statistics.catalogue import Catalogue, default_catalogue
from register.statistics.definition import RULESET, Definition, RowNotKept, Tier
from register.statistics.owner import owner
from register.statistics.owner.frozen import FrozenPopulation, figures_of
from register.statistics.owner.kept_rows import kept_codes
from register.statistics.owner.owner import Figures
from register.statistics.period import Period
from register.statistics.refusals import Refusal
from register.statistics.release import regional_rules
from register.statistics.release.contribution import Contribution
from register.statistics.release.disagreement import keep_believed_facts
from register.statistics.rules import rules
from register.statistics.tables import Table
from register.store.work import Work
from schemas.codes import AlarmKind, Partition
from schemas.statistics.entry import StatementKind

TURN: Final = UUID("01976a10-5c00-7000-8000-5747a7151c50")
"""The one object of `Consumer.WORDS`: whoever says something locks its row, so that they are said one after another."""
BASIS_KEPT: Final = timedelta(days=3 * 366)
"""How long an owner's figures at a contribution can be read, to tell how much a revision changes (assumed)."""


class RoundingKeyChanged(OperatorError):
    """The period was begun under another rounding key: a second draw would give figures away (R6)."""

    code = "rounding-key-changed"
    advice = "Restore the key store of the day of the first contribution; a lost key means no revision of that period."


class BasisGone(Conflict):
    """The figures of an earlier contribution are not held any more, so nobody can tell how much has changed (R2)."""

    code = "basis-gone"
    advice = "The change is shown with the next period."


class RowMissing(CallerError):
    """A record belongs in an optional row that the country has not declared to keep."""

    code = "row-not-kept"
    advice = "Declare the row before contributing to the period; it is then shown in every table of that variable."


class SaidMeanwhile(Conflict):
    """Somebody else of this country said something on the same at the same time."""

    code = "said-meanwhile"
    advice = "Read what was said and ask again."


@dataclass(frozen=True, slots=True)
class Made:
    """A contribution as it is kept.

    Attributes:
        is_new: False where the same had been made before.
        refusals: why a tier does not see the whole table; for the owner alone.
        stepped_down: what R7 said before the contribution was made coarser.
        revised: the other tables of the population that were revised with it.
    """

    contribution: Contribution
    row: SaidRow
    is_new: bool
    refusals: dict[Tier, tuple[Refusal, ...]]
    stepped_down: tuple[Refusal, ...] = ()
    revised: tuple[Made, ...] = ()


def contribute(register: Register, caller: Caller, table_id: str, period: str, *, signs_public: bool = False) -> Made:
    """Make the country's contribution to a table and period, or return the one that stands.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        NoSuchTable, BadPeriod: what was named is none.
        RuleSaysNo: R2 or R6 refuse the period or revision, or R7 whatever is left; the details name each.
        RowMissing, BasisGone, RoundingKeyChanged: see there.
    """
    register.permit(caller, UseCase.CONTRIBUTE)
    catalogue = default_catalogue()
    definition, of = table_of(catalogue, table_id), period_of(period)
    with noted(register, caller, AuditAction.STATISTICS_CONTRIBUTED, f"{definition.name} {of}") as work:
        work.running.outbox.add(Consumer.WORDS, TURN)
        made = _make_contribution(register, work, catalogue, definition, of, signs_public=signs_public)
        for one in (made, *made.revised):
            _note_made(work, one)
        if made.is_new and work.statistics.statements.alone(caller.actor) >= ALONE_FROM:
            # Nobody else looks at what one country makes of its counts before it is sent.
            work.access.alarms.ring(
                Alarm(
                    kind=AlarmKind.CONTRIBUTED_ALONE, whose="person", about=caller.actor, actor=caller.actor,
                    organisation=caller.organisation,
                )
            )  # fmt: skip
    return made


def _note_made(work: Work, made: Made) -> None:
    if not made.is_new:
        work.running.audit.note(AuditAction.STATISTICS_CONTRIBUTION_READ, made.row.place, number=made.row.number)
        return
    work.running.audit.note(
        AuditAction.STATISTICS_CONTRIBUTED,
        made.row.place,
        number=made.row.number,
        digest=made.row.digest,
        shown={t.value: s.grain.value for t, s in made.contribution.shown.items()},
        stepped_down=bool(made.stepped_down),
    )


def list_contributions(register: Register, caller: Caller) -> list[Part]:
    """Every contribution at hand to a table of today's catalogue, by country and table.

    Raises:
        TaskMissing: only those with the task STATISTICS.
    """
    register.permit(caller, UseCase.LIST_CONTRIBUTIONS)
    with register.work(caller) as work:
        parts = list(read_sources(work, default_catalogue()).parts)
        work.running.audit.note(AuditAction.STATISTICS_CONTRIBUTIONS_READ, "-", count=len(parts))
    return parts


def _make_contribution(
    register: Register,
    work: Work,
    catalogue: Catalogue,
    definition: Definition,
    of: Period,
    *,
    signs_public: bool,
    to_revise: Sequence[Definition] = (),
) -> Made:
    """Make one table's contribution.

    Tables `to_revise` stand as the population was before, and follow after this one: what they say is about records
    that are not counted any more, so no attack takes it for true.
    """
    place = _place_of(definition, of)
    bases = work.statistics.statements.bases(place)
    _check_bases(bases, register.keys.rounding_check)
    population, is_revised = _freeze_population(register, work, definition, of, is_contributed=bool(bases))
    try:
        kept = kept_codes(work.statistics.statements.kept_rows(), definition, of)
        now = figures_of(population, definition, of, kept=kept, catalogue=catalogue)
    except RowNotKept as error:
        raise RowMissing(str(error)) from error
    # Said to be not collected, a table is told apart from its first records like one without any: R2 holds there too.
    before = (
        ()
        if now.exact is None
        else tuple(now.exact.cleared() if b.exact is None else _build_table(b.exact) for b in bases)
    )
    outcome = owner.contribute(
        catalogue,
        definition,
        register.partition,
        of,
        replace(now, before=before),
        key=register.keys.rounding,
        today=register.today(),
        signs_public=signs_public,
    )
    refusals = dict(outcome.refusals)
    others = _standing_others(work, register.partition, catalogue, definition, of) if is_revised else to_revise
    known = _leave_out_tables(read_sources(work, catalogue, definition), register.partition, others, of)
    if (standing := _find_standing(known, register.partition, place)) is not None and _is_same(
        standing[0], bases, now, definition, signs_public=signs_public
    ):
        return Made(*standing, is_new=False, refusals=refusals)
    if outcome.contribution is None:
        raise RuleSaysNo(
            f"{definition.name} {of} cannot be contributed now",
            refusals=tell_refusals(r for several in refusals.values() for r in several),
        )
    # A table that is not collected has no figures to be told apart, so its revisions are counted by its words.
    numbered = replace(outcome.contribution, revision=len(bases))
    if drawn_too_often := regional_rules.one_draw(numbered, known.ledger()):
        raise RuleSaysNo(f"{definition.name} {of} is not contributed again", refusals=tell_refusals(drawn_too_often))
    contribution, objections = _step_down_contribution(known, definition, numbered)
    row = signed_row(register, contribution)
    if not work.statistics.statements.keep(StatementKind.CONTRIBUTION, row):
        raise SaidMeanwhile(f"another contribution to {place_text(contribution)} was made meanwhile")
    work.statistics.statements.keep_basis(
        place,
        contribution.revision,
        None if now.exact is None else _list_members(now.exact),
        key_check=register.keys.rounding_check,
        by=work.caller.actor,
        ends=register.clock.now().date() + BASIS_KEPT,
    )
    made = Made(contribution, row, is_new=True, refusals=refusals, stepped_down=tuple(objections))
    return replace(made, revised=_revise_tables(register, work, catalogue, others, of)) if is_revised else made


def _place_of(definition: Definition, of: Period) -> str:
    return f"{definition.id}|{definition.version}|{of}"


def _freeze_population(
    register: Register, work: Work, definition: Definition, of: Period, *, is_contributed: bool
) -> tuple[FrozenPopulation, bool]:
    """The frozen population that the table is drawn from, and whether it was frozen anew just now.

    It is frozen when the first of its tables is contributed. Later records show when a table that stands is
    contributed again, if they are enough (R2); a table that comes later shows what its sisters show.

    Raises:
        RuleSaysNo: R2, since too few records have changed.
    """
    place = f"population|{definition.population.name}|{of}"
    bases = work.statistics.statements.bases(place)
    _check_bases(bases, register.keys.rounding_check)
    live = FrozenPopulation.of(work.statistics.figures, definition.population.name, of)
    before = [FrozenPopulation.read(basis.exact) for basis in bases if basis.exact is not None]
    changes = [one.changed_records(live) for one in before]
    if before and not (is_contributed and changes[-1]):
        return before[-1], False
    if refused := rules.few_changed(changes):
        raise RuleSaysNo(f"{definition.name} {of} cannot be contributed now", refusals=tell_refusals(refused))
    work.statistics.statements.keep_basis(
        place,
        len(bases),
        live.document(),
        key_check=register.keys.rounding_check,
        by=work.caller.actor,
        ends=register.clock.now().date() + BASIS_KEPT,
    )
    return live, bool(before)


def _standing_others(
    work: Work, country: Partition, catalogue: Catalogue, definition: Definition, of: Period
) -> list[Definition]:
    """The other tables of the population that the country has contributed for the period."""
    parts = read_sources(work, catalogue, definition).parts
    given = {p.contribution.table_id for p in parts if p.row.origin is country and p.contribution.period == of}
    return [
        one
        for one in catalogue
        if one.id in given - {definition.id} and one.population.name == definition.population.name
    ]


def _leave_out_tables(known: Sources, country: Partition, tables: Sequence[Definition], of: Period) -> Sources:
    left_out = {(one.id, of) for one in tables}
    kept = [
        part
        for part in known.parts
        if part.row.origin is not country or (part.contribution.table_id, part.contribution.period) not in left_out
    ]
    return replace(known, parts=tuple(kept))


def _revise_tables(
    register: Register, work: Work, catalogue: Catalogue, tables: Sequence[Definition], of: Period
) -> tuple[Made, ...]:
    """Draw each of these tables from the population as it is now: all or none.

    Raises:
        RuleSaysNo: one of them cannot be revised; nothing is.
    """
    revised = []
    for n, one in enumerate(tables, start=1):
        standing = _find_standing(read_sources(work, catalogue, one), register.partition, _place_of(one, of))
        signs = standing is not None and standing[0].signs_public
        revised.append(_make_contribution(register, work, catalogue, one, of, signs_public=signs, to_revise=tables[n:]))
    return tuple(revised)


def _check_bases(bases: list[Basis], key_check: str) -> None:
    if any(basis.key_check != key_check for basis in bases):
        raise RoundingKeyChanged("an earlier contribution to the period was drawn under another rounding key")
    if any(basis.erased for basis in bases):
        raise BasisGone("the figures of an earlier contribution to the period are not held any more")


def _find_standing(known: Sources, country: Partition, place: str) -> tuple[Contribution, SaidRow] | None:
    """The country's newest contribution."""
    mine = [part for part in known.parts if part.row.origin is country and part.row.place == place]
    return (mine[-1].contribution, mine[-1].row) if mine else None


def _is_same(
    standing: Contribution, bases: list[Basis], now: Figures, definition: Definition, *, signs_public: bool
) -> bool:
    """Whether contributing again would say nothing new."""
    made_of = _build_table(bases[-1].exact) if bases and bases[-1].exact is not None else None
    return (standing.ruleset, standing.catalogue, standing.signs_public, made_of) == (
        RULESET,
        definition.fingerprint,
        signs_public,
        now.exact,
    )


def _step_down_contribution(
    known: Sources, definition: Definition, contribution: Contribution
) -> tuple[Contribution, list[Refusal]]:
    """Step down until no attack works a figure out (R7); what was said on the way.

    Raises:
        RuleSaysNo: even nothing at all would leave a figure open.
    """
    said: list[Refusal] = []
    while found := _find_objections(known, definition, contribution):
        said += found
        lower = owner.stepped_down(contribution)
        if lower == contribution:
            raise RuleSaysNo(
                f"{definition.name} {contribution.period} would give a figure away", refusals=tell_refusals(said)
            )
        contribution = lower
    return contribution, said


def _find_objections(known: Sources, definition: Definition, contribution: Contribution) -> list[Refusal]:
    """What R7 says against a contribution itself, and against the other tables once it is known."""
    tables = known.catalogue.tables
    # What somebody stated against it does not keep the country from contributing: a release leaves it out.
    ledger = keep_believed_facts(known.ledger(), tables, definition, [contribution])
    found = regional_rules.check_attack(definition, contribution, ledger, tables)
    with_it = ledger.with_contributions(definition, [contribution])
    for part in known.parts:
        other = tables[part.contribution.table_id]
        linked = other.population == definition.population and part.row.origin is contribution.country
        if not linked or part.contribution.table_id == contribution.table_id:
            continue
        after = regional_rules.check_attack(other, part.contribution, with_it, tables)
        if after and not regional_rules.check_attack(other, part.contribution, ledger, tables):
            found += after
    return found


def _list_members(table: Table) -> dict[str, Any]:
    return {"rows": table.rows, "columns": table.columns, "cells": table.cells}


def _build_table(members: dict[str, Any] | None) -> Table:
    if members is None:
        raise ValueError("expected the members of a table")
    return Table(tuple(members["rows"]), tuple(members["columns"]), tuple(map(tuple, members["cells"])))
