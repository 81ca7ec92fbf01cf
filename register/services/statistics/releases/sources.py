"""What a release is made of, read from what countries said: contributions, published figures, the ledger of both.

All that is at hand counts as known to an attacker, released or not: every partner has it. So the ledger is a function
of the words at hand, and nodes with the same words have the same ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from register.domain.statistics.rows import SaidRow
from register.errors import Conflict, OperatorError
from register.services.statistics.statements.words import statement_of
from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition, Tier
from register.statistics.period import Period
from register.statistics.release.admission import find_misshape
from register.statistics.release.assemble import Candidate, assemble_release
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger
from register.statistics.release.statements import PublishedFact
from register.store.work import Work
from schemas.statistics.entry import StatementKind


class NothingContributed(Conflict):
    """No country has contributed to this table and period yet."""

    code = "nothing-contributed"
    advice = "Contribute the own table first, or wait for the partners' contributions."


class SourceMissing(OperatorError):
    """A contribution or figure that a release was made of is not in this register any more."""

    code = "release-source-missing"
    advice = "Copy the rows of the tables `contribution` and `outside_fact` from the newest backup."


@dataclass(frozen=True, slots=True)
class Part:
    """One country's contribution with the row that keeps it."""

    contribution: Contribution
    row: SaidRow


@dataclass(frozen=True, slots=True)
class Sources:
    """All that countries said.

    Attributes:
        parts: every contribution to a table of today's catalogue, by origin, place and number.
        words: every word on a published figure with its row, by origin, place and number: a release that printed
            a figure is made again with that word, also when a later one corrects it.
    """

    catalogue: Catalogue
    parts: tuple[Part, ...]
    words: tuple[tuple[PublishedFact, SaidRow], ...]

    @property
    def facts(self) -> tuple[tuple[PublishedFact, SaidRow], ...]:
        """The valid word on each published figure: the last one."""
        return tuple({(row.origin, row.place): (fact, row) for fact, row in self.words}.values())

    def ledger(self, facts: Iterable[str] | None = None) -> Ledger:
        """All that is known.

        Args:
            facts: digests of the words on published figures to know, just these; the valid ones if None.

        Raises:
            SourceMissing: one of these words is not here.
        """
        known = Ledger()
        for fact in self._valid(facts):
            known = known.with_fact(fact.fact)
        for part in self.parts:
            definition = self.catalogue.tables[part.contribution.table_id]
            # A table on other headings was counted by another definition: its figures have no place here.
            if find_misshape(definition, part.contribution) is None:
                known = known.with_contributions(definition, [part.contribution])
        return known

    def _valid(self, digests: Iterable[str] | None) -> list[PublishedFact]:
        if digests is None:
            return [fact for fact, _ in self.facts]
        by_digest = {row.digest: fact for fact, row in self.words}
        wanted = list(digests)
        if missing := [digest for digest in wanted if digest not in by_digest]:
            raise SourceMissing(f"{len(missing)} of the published figures that the release names are not here")
        return [by_digest[digest] for digest in wanted]

    def newest(self, definition: Definition, of: Period) -> list[Part]:
        """The newest contribution of each country to a table and period."""
        place = f"{definition.id}|{definition.version}|{of}"
        return list({part.row.origin: part for part in self.parts if part.row.place == place}.values())

    def facts_in(self, definition: Definition, of: Period) -> list[str]:
        """The digests of the published figures that a release of this population and period prints."""
        about = (definition.population.name, of)
        return sorted(row.digest for fact, row in self.facts if (fact.fact.population, fact.fact.period) == about)


def read_sources(work: Work, catalogue: Catalogue, of: Definition | None = None) -> Sources:
    """Read what all countries said.

    Args:
        work: an open one.
        catalogue: whose tables count.
        of: only what bears on this table, which are the words on its population: no attack joins two populations.
    """
    parts = []
    for row in _list_contributed(work, catalogue, of):
        word = statement_of(StatementKind.CONTRIBUTION, row)
        definition = catalogue.tables.get(word.table_id) if isinstance(word, Contribution) else None
        if isinstance(word, Contribution) and definition is not None and definition.version == word.version:
            parts.append(Part(word, row))
    said = [(statement_of(StatementKind.FACT, row), row) for row in _list_published(work, of)]
    facts = [(word, row) for word, row in said if isinstance(word, PublishedFact)]
    return Sources(catalogue, tuple(parts), tuple(facts))


def _list_contributed(work: Work, catalogue: Catalogue, of: Definition | None) -> list[SaidRow]:
    if of is None:
        return work.statistics.statements.all(StatementKind.CONTRIBUTION)
    return work.statistics.statements.about(StatementKind.CONTRIBUTION, [of.id, *(d.id for d in catalogue.linked(of))])


def _list_published(work: Work, of: Definition | None) -> list[SaidRow]:
    if of is None:
        return work.statistics.statements.all(StatementKind.FACT)
    return work.statistics.statements.about(StatementKind.FACT, [of.population.name])


def candidate_of(
    known: Sources, definition: Definition, tier: Tier, of: Period, parts: Sequence[Part], ledger: Ledger
) -> Candidate:
    """The release of these contributions.

    Raises:
        NothingContributed: there are none, or none that were made under today's rules.
        ContributionRefused: one is not such as our rules make.
    """
    if not parts:
        raise NothingContributed(f"nobody has contributed to {definition.name} {of}")
    received = [(part.contribution, part.row.signature) for part in parts]
    candidate = assemble_release(known.catalogue, definition, tier, of, received, ledger)
    if not candidate.release.contributions:
        raise NothingContributed(f"nobody has contributed to {definition.name} {of} under today's rules")
    return candidate


def made_of(known: Sources, contributions: Iterable[Sequence[str]]) -> list[Part]:
    """The contributions that a release names by country, digest and signature.

    Raises:
        SourceMissing: one of them is not here.
    """
    by_digest = {part.row.digest: part for part in known.parts}
    found = []
    for country, digest, signature in contributions:
        part = by_digest.get(digest)
        if part is None or (part.row.origin.value, part.row.signature) != (country, signature):
            raise SourceMissing(f"a contribution of {country} is not here as the release names it")
        found.append(part)
    return found
