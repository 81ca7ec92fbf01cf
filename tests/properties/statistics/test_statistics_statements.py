"""What countries say: any order of arrival gives one release; what is read back is all that was signed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from register.domain.statistics.rows import SaidRow
from register.services.statistics.releases.sources import Part, Sources, candidate_of
from register.services.statistics.statements.words import refusal_of
from register.statistics.definition import Tier
from register.statistics.period import Period
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import OutsideFact
from register.statistics.release.statements import PublishedFact, canonical_of, digest_of, read_statement
from schemas.codes import Partition
from schemas.statistics.entry import StatementKind, StatisticsEntry
from tests.unit.register.statistics.support import CATALOGUE, YEAR, contribution, contributions, table

BY_TYPE = table("notifications-by-type")
SIGNATURE = f"e30..{'A' * 86}"
AT = datetime(2024, 3, 1, tzinfo=UTC)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**40), st.text(max_size=8), st.just([[3], [0], [6]]))


def part(made: Contribution) -> Part:
    place = f"{made.table_id}|{made.version}|{made.period}"
    digest = digest_of(made)
    signature = f"{made.country}-{made.revision}"
    row = SaidRow(made.country, place, made.revision, canonical_of(made), digest, signature, UUID(int=1), AT)
    return Part(made, row)


PARTS = [part(made) for made, _ in contributions()]
FACT = PublishedFact(OutsideFact(Partition.NL, "notifications", YEAR, frozenset(), 40, "Made up."), 0)


@given(st.permutations(PARTS), st.sampled_from([Tier.WORKING_GROUP, Tier.PUBLIC]))
def test_any_order_of_arrival_gives_the_same_release(arrived: list[Part], tier: Tier) -> None:
    def made(parts: list[Part]) -> bytes:
        known = Sources(CATALOGUE, tuple(parts), ())
        newest = known.newest(BY_TYPE, YEAR)
        return candidate_of(known, BY_TYPE, tier, YEAR, newest, known.ledger()).release.canonical()

    assert made(arrived) == made(PARTS)


@given(st.data(), SCALARS)
def test_what_is_kept_says_nothing_that_was_not_read(data: st.DataObject, value: object) -> None:
    """A changed contribution is refused, or is one that our rules can have made, with no member beside it."""
    document = contribution("notifications-by-type", Partition.CW, CW_TABLE).document()
    member = data.draw(st.sampled_from([*sorted(document), "more"]))
    entry = StatisticsEntry.model_construct(
        kind=StatementKind.CONTRIBUTION, document=document | {member: value}, signature=SIGNATURE
    )
    if refusal_of(entry, Partition.CW, lambda *_: None) is not None:
        return
    read = read_statement(StatementKind.CONTRIBUTION, entry.document)
    assert isinstance(read, Contribution)
    assert read.document() == entry.document
    assert read.country is Partition.CW
    numbers = [read.total, read.pooled, *(n for line in read.table.cells for n in line)] if read.table else []
    assert all(n % read.base == 0 for n in numbers if n is not None)


@given(st.sampled_from([c for c in Partition if c is not Partition.CW]))
def test_nobody_may_say_it_for_another(origin: Partition) -> None:
    entry = StatisticsEntry.model_construct(
        kind=StatementKind.CONTRIBUTION,
        document=contribution("notifications-by-type", Partition.CW, CW_TABLE).document(),
        signature=SIGNATURE,
    )
    assert refusal_of(entry, origin, lambda *_: None) == "foreign-contribution"
    assert refusal_of(entry, Partition.CW, lambda *_: None) is None
    assert refusal_of(entry, Partition.CW, lambda *_: "0" * 64) == "drawn-again"


@given(
    value=st.integers(0, 10**6),
    year=st.integers(2000, 2199),
    quarter=st.one_of(st.none(), st.integers(1, 4)),
    rows=st.dictionaries(st.sampled_from(["source", "channel"]), st.sampled_from(["CITIZEN", "EMAIL"])),
    source=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=200)
    .filter(str.isprintable),
)  # fmt: skip
def test_a_published_figure_is_read_as_it_was_said(
    value: int, year: int, quarter: int | None, rows: dict[str, str], source: str
) -> None:
    fact = OutsideFact(Partition.AW, "notifications", Period(year, quarter), frozenset(rows.items()), value, source)
    word = PublishedFact(fact, 3)
    assert read_statement(StatementKind.FACT, word.document()) == word


CW_TABLE = next(made for made, _ in contributions() if made.country is Partition.CW).table
