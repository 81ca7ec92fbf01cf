"""Which changes of the catalogue touch what was contributed and released, and which do not."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from uuid import UUID

import pytest

from register.domain.statistics.rows import SaidRow
from register.services.statistics.releases.sources import Part, Sources, candidate_of
from register.services.statistics.releases.stored import Held, OlderDefinition, remake_candidate, row_of
from register.statistics.catalogue import Catalogue, read_catalogue
from register.statistics.definition import Tier
from register.statistics.release.statements import canonical_of, digest_of
from tests.unit.register.statistics.support import CATALOGUE, YEAR, contributions

BY_TYPE = "notifications-by-type"
AT = datetime(2024, 3, 1, tzinfo=UTC)
_FOLDER = resources.files("register.statistics").joinpath("definitions")
VARIABLES, TABLES = (_FOLDER.joinpath(name).read_text(encoding="utf-8") for name in ("variables.toml", "tables.toml"))


def of_that_table(old: str, new: str) -> Catalogue:
    """The catalogue with one text of the table by type another."""
    before, mark, after = TABLES.partition(f'id = "{BY_TYPE}"')
    assert old in after
    return read_catalogue(VARIABLES, before + mark + after.replace(old, new, 1))


def parts() -> tuple[Part, ...]:
    return tuple(
        Part(
            made,
            SaidRow(
                origin=made.country,
                place=f"{made.table_id}|{made.version}|{made.period}",
                number=made.revision,
                body=canonical_of(made),
                digest=digest_of(made),
                signature=signature,
                object=UUID(int=1),
                at=AT,
            ),
        )
        for made, signature in sorted(contributions(), key=lambda one: one[0].country)
    )


def made_under(catalogue: Catalogue) -> Held:
    known = Sources(catalogue, parts(), ())
    candidate = candidate_of(
        known, catalogue.tables[BY_TYPE], Tier.WORKING_GROUP, YEAR, list(known.parts), known.ledger()
    )
    return Held(candidate.release, row_of(candidate.release, candidate, [], by="somebody", at=AT))


RETITLED = of_that_table('title.en = "', 'title.en = "Corrected: ')


def test_a_corrected_title_leaves_contributions_and_releases_as_good_as_they_were() -> None:
    assert RETITLED.version != CATALOGUE.version
    assert {t: d.fingerprint for t, d in RETITLED.tables.items()} == {
        t: d.fingerprint for t, d in CATALOGUE.tables.items()
    }
    one = made_under(CATALOGUE)
    assert remake_candidate(Sources(RETITLED, parts(), ()), one).release.digest == one.row.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('period_rule = "', 'period_rule = "another '),
        ("variables = [", "years = 3\nvariables = ["),
        ("variables = [", 'tiers = ["W"]\nvariables = ['),
        ("variables = [", "version = 2\nvariables = ["),
    ],
    ids=["what a period holds", "how many years", "who may see it", "its version"],
)
def test_a_release_of_an_older_definition_says_so(old: str, new: str) -> None:
    now = of_that_table(old, new)
    others = {t: d.fingerprint for t, d in now.tables.items() if t != BY_TYPE}
    assert others == {t: d.fingerprint for t, d in CATALOGUE.tables.items() if t != BY_TYPE}
    with pytest.raises(OlderDefinition):
        remake_candidate(Sources(now, parts(), ()), made_under(CATALOGUE))


def test_a_release_of_a_table_that_is_registered_no_more_says_so() -> None:
    without = Catalogue("0", {t: d for t, d in CATALOGUE.tables.items() if t != BY_TYPE})
    with pytest.raises(OlderDefinition):
        remake_candidate(Sources(without, (), ()), made_under(CATALOGUE))


def test_every_registered_table_has_a_fingerprint_of_its_own() -> None:
    assert len({definition.fingerprint for definition in CATALOGUE}) == len(CATALOGUE.tables)
