"""What is read of the words at hand: those that bear on the question, and one word by its number."""

from __future__ import annotations

from register.services.statistics.releases.sources import read_sources
from register.services.statistics.statements.facts import publish_fact
from register.statistics.catalogue import default_catalogue
from schemas.statistics.entry import StatementKind
from tests.integration.exchange.net import Net
from tests.integration.statistics.scene import AW, BY_SOURCE, BY_TYPE, CW, give, somebody

CATALOGUE = default_catalogue()
OTHER = next(d for d in CATALOGUE if d.population != CATALOGUE.tables[BY_TYPE].population and len(d.variables) == 1)


def test_a_release_reads_the_words_on_its_population_and_no_others(five: Net) -> None:
    node = five[AW]
    for table in (BY_TYPE, BY_SOURCE, OTHER.id):
        give(node, table)
    for population in ("notifications", OTHER.population.name):
        publish_fact(
            node.register,
            somebody(node, "c"),
            population=population,
            period="2023",
            where={},
            value=24,
            source="Made up.",
        )
    with node.register.work(node.caller()) as work:
        everything, some = read_sources(work, CATALOGUE), read_sources(work, CATALOGUE, CATALOGUE.tables[BY_TYPE])
        other = read_sources(work, CATALOGUE, OTHER)
    assert {part.contribution.table_id for part in some.parts} == {BY_TYPE, BY_SOURCE}
    assert {part.contribution.table_id for part in other.parts} == {OTHER.id}
    assert (len(everything.parts), len(everything.words), len(some.words), len(other.words)) == (3, 2, 1, 1)


def test_one_word_is_found_by_who_said_it_its_place_and_its_number(five: Net) -> None:
    row = give(five[AW], BY_TYPE).row
    with five[AW].register.work(five[AW].caller()) as work:
        asked = work.statistics.statements.digest_at
        assert asked(StatementKind.CONTRIBUTION, AW, row.place, 0) == row.digest
        assert asked(StatementKind.CONTRIBUTION, AW, row.place, 1) is None
        assert asked(StatementKind.CONTRIBUTION, CW, row.place, 0) is None
        assert asked(StatementKind.FACT, AW, row.place, 0) is None
