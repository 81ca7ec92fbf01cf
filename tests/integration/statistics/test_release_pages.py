"""The pages on regional releases: frozen ones only, the figures as released, and what is withheld said as such."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from api.release.files import read_publication, release_folder, unpack_files
from register.domain.access.caller import Task
from register.services.statistics.releases.released import read_released
from register.services.statistics.releases.stored import Held
from register.statistics.definition import Tier
from register.statistics.release.life import WrongState
from register.statistics.release.release import Marker
from tests.integration.exchange.net import Net, net
from tests.integration.statistics.scene import (
    AW,
    BY_SOURCE,
    BY_TYPE,
    FIVE,
    draft,
    exchange,
    freeze,
    give,
    give_all,
    notify,
    somebody,
)
from tests.support.web.exchanging import authorise, with_pages
from tests.support.web.pages import Browserless, Statements

NAMES = {"AW": "Aruba", "BQ": "Caribbean Netherlands", "CW": "Curaçao", "SX": "Sint Maarten", "NL": "Netherlands"}


@pytest.fixture(scope="module")
def five_with_pages() -> Iterator[Net]:
    """Five countries that contributed their tables of 2023 and told each other."""
    with net(*FIVE, wrap=with_pages) as made:
        authorise(made, Task.STATISTICS)
        for node in made.nodes.values():
            notify(node)
            give(node, BY_TYPE)
            give(node, BY_SOURCE)
        exchange(made)
        yield made


@pytest.fixture(scope="module")
def by_type(five_with_pages: Net) -> Held:
    """Frozen for the working group."""
    return freeze(five_with_pages[AW], draft(five_with_pages[AW], BY_TYPE))


@pytest.fixture
def member(five_with_pages: Net) -> Iterator[Browserless]:
    """Somebody of Aruba who reads figures."""
    known = five_with_pages[AW].rosters().member(AW)
    assert known
    with Browserless(known.url) as person:
        person.get("/door")
        yield person


def rows(page: str, area: str) -> list[list[str]]:
    found = re.search(rf'<section aria-labelledby="{area}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert found, area
    lines = re.findall(r"<tr.*?</tr>", found[1], re.DOTALL)
    return [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", line)] for line in lines]


def test_frozen_release_is_listed_and_draft_is_not(five_with_pages: Net, by_type: Held, member: Browserless) -> None:
    other = draft(five_with_pages[AW], BY_TYPE, Tier.PUBLIC)
    page = member.get("/figures/regional").text

    assert by_type.row.digest in page
    assert other.row.digest not in page
    assert member.get(f"/figures/regional/{other.row.digest}").status_code == 404


def test_figures_are_those_of_the_released_cells(by_type: Held, member: Browserless) -> None:
    page = member.get(f"/figures/regional/{by_type.row.digest}").text
    for area in {cell.area for cell in by_type.release.cells}:
        shown = [line[-2] if len(line) > 2 else line[-1] for line in rows(page, area.lower())]
        cells = [cell for cell in by_type.release.cells if cell.area == area]
        expected = [f"{cell.value:,}" if cell.value is not None else cell.marker.value for cell in cells]
        assert [one.split(" ")[0].rstrip("*") for one in shown] == expected, area


def test_rounded_figure_says_between_which_numbers_it_lies(by_type: Held, member: Browserless) -> None:
    page = member.get(f"/figures/regional/{by_type.row.digest}").text
    cell = next(c for c in by_type.release.cells if c.area == "AW" and c.marker is Marker.ROUNDED and c.value)
    assert cell.value is not None
    line = rows(page, "aw")[[c for c in by_type.release.cells if c.area == "AW"].index(cell)]

    assert [int(number) for number in re.findall(r"\d+", line[-1])] == [
        cell.value - cell.reach,
        cell.value + cell.reach,
    ]


def test_what_is_withheld_is_said_as_such(five_with_pages: Net, member: Browserless) -> None:
    """By source the smallest countries have too few records for so many rows (R3)."""
    one = freeze(five_with_pages[AW], draft(five_with_pages[AW], BY_SOURCE))
    page = member.get(f"/figures/regional/{one.row.digest}").text
    hidden = [cell.area for cell in one.release.cells if cell.marker is Marker.WITHHELD]

    assert hidden
    for area in set(hidden):
        shown = sum(line.count("c (withheld)") for line in rows(page, area.lower()))
        assert shown == hidden.count(area), area
    assert "<h2>Withheld</h2>" in page


@pytest.mark.parametrize("digest", ["0" * 64, "x", "0" * 65])
def test_release_that_is_none_is_not_there(member: Browserless, digest: str) -> None:
    assert member.get(f"/figures/regional/{digest}").status_code == 404


def test_releases_are_for_statisticians_only(five_with_pages: Net, by_type: Held, member: Browserless) -> None:
    assert member.get("/figures/regional").status_code == 200
    authorise(five_with_pages, Task.READ_OWN, actor="reader")
    member.get("/door?who=reader")
    for path in ("/figures/regional", f"/figures/regional/{by_type.row.digest}"):
        assert member.get(path).status_code == 403


def test_pages_are_small_and_ask_seldom(five_with_pages: Net, by_type: Held, member: Browserless) -> None:
    said = Statements()
    for function in ("api", "worker"):
        sa.event.listen(five_with_pages[AW].register.database._engine(function), "before_cursor_execute", said)
    for path in ("/figures/regional", f"/figures/regional/{by_type.row.digest}"):
        said.count = 0
        answer = member.get(path)
        loaded = set(re.findall(r'href="(/static/[^"]+)"', answer.text))
        asked = said.count
        assert len(answer.content) + sum(len(member.get(one).content) for one in loaded) < 40_000
        assert 0 < asked <= 6, (path, asked)


def test_release_is_shown_in_dutch_too(by_type: Held, member: Browserless) -> None:
    member.get("/language/nl")
    page = member.get(f"/figures/regional/{by_type.row.digest}").text

    assert "Caribisch, samen" in page
    assert "Ligt tussen" in page


@pytest.fixture(scope="module")
def two_years(five_with_pages: Net, by_type: Held) -> tuple[Held, Held]:
    """The release of 2023, and that of 2022 of the same table."""
    give_all(five_with_pages, BY_TYPE, 2022)
    return by_type, freeze(five_with_pages[AW], draft(five_with_pages[AW], BY_TYPE, period="2022"))


def test_release_has_last_years_of_the_same_table_beside_it(two_years: tuple[Held, Held], member: Browserless) -> None:
    this, last = two_years
    page = member.get(f"/figures/regional/{this.row.digest}").text
    for area in ("aw", "caribbean"):
        cells = [cell for cell in last.release.cells if cell.area == area.upper()]
        expected = [f"{cell.value:,}" if cell.value is not None else cell.marker.value for cell in cells]
        shown = [line[2] for line in rows(page, area)]
        assert [one.split(" ")[0].rstrip("*") for one in shown] == expected, area
    assert '<th scope="col">2022</th>' in page


def test_first_release_says_that_there_is_none_to_compare_with(
    two_years: tuple[Held, Held], member: Browserless
) -> None:
    page = member.get(f"/figures/regional/{two_years[1].row.digest}").text

    assert "There is no release of 2021 to compare with." in page
    assert '<th scope="col">2021</th>' not in page


def test_files_are_of_both_years_and_the_same_bytes_each_time(
    two_years: tuple[Held, Held], member: Browserless
) -> None:
    this, last = two_years
    answer = member.get(f"/figures/regional/{this.row.digest}.zip")
    files = unpack_files(answer.content)
    held = read_publication(files["release.json"])

    assert {item.release.digest: item.signature for item in held.items} == {
        one.row.digest: one.row.signature for one in (this, last)
    }
    assert files == release_folder(held)
    assert member.get(f"/figures/regional/{this.row.digest}.zip").content == answer.content


def test_files_are_sent_so_that_no_browser_shows_or_keeps_them(by_type: Held, member: Browserless) -> None:
    headers = member.get(f"/figures/regional/{by_type.row.digest}.zip").headers

    assert headers["content-disposition"] == f'attachment; filename="release-{by_type.row.digest[:16]}.zip"'
    assert headers["content-type"] == "application/zip"
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("cache-control") == ["no-store"]


def test_files_leave_a_leaf_of_their_own(five_with_pages: Net, by_type: Held, member: Browserless) -> None:
    def leaves() -> int:
        with five_with_pages[AW].register.database.transaction("api") as connection:
            query = "SELECT count(*) FROM rtr.audit_leaf WHERE action = 'release.exported'"
            return int(connection.exec_driver_sql(query).scalar_one())

    before = leaves()
    assert member.get(f"/figures/regional/{by_type.row.digest}.zip").status_code == 200
    assert leaves() == before + 1


def test_draft_is_never_made_into_files(five_with_pages: Net, member: Browserless) -> None:
    other = draft(five_with_pages[AW], BY_TYPE, Tier.PUBLIC)
    answer = member.get(f"/figures/regional/{other.row.digest}.zip")
    assert answer.status_code == 409
    assert not answer.content.startswith(b"PK")
    with pytest.raises(WrongState):
        read_released(five_with_pages[AW].register, somebody(five_with_pages[AW], "drafter"), other.row.digest)


def test_files_are_for_statisticians_only(five_with_pages: Net, by_type: Held, member: Browserless) -> None:
    authorise(five_with_pages, Task.READ_OWN, actor="reader")
    member.get("/door?who=reader")
    answer = member.get(f"/figures/regional/{by_type.row.digest}.zip")
    assert answer.status_code == 403
    assert not answer.content.startswith(b"PK")


def test_two_years_beside_each_other_are_small_and_ask_seldom(
    five_with_pages: Net, two_years: tuple[Held, Held], member: Browserless
) -> None:
    said = Statements()
    for function in ("api", "worker"):
        sa.event.listen(five_with_pages[AW].register.database._engine(function), "before_cursor_execute", said)
    digest = two_years[0].row.digest
    answer = member.get(f"/figures/regional/{digest}")
    assert 0 < said.count <= 6
    loaded = set(re.findall(r'href="(/static/[^"]+)"', answer.text))
    # Less than a second of a bad mobile line, whatever the rounding makes of the bars.
    assert len(answer.content) + sum(len(member.get(one).content) for one in loaded) < 44_000
    said.count = 0
    assert member.get(f"/figures/regional/{digest}.zip").status_code == 200
    assert 0 < said.count <= 6
