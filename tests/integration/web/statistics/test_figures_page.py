"""The page on figures and its workbook: the same figures as the API's, for those who may see them and nobody else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

from api.web.frame.languages import Words
from api.web.statistics.topics import TOPICS
from api.web.statistics.travelling import WHY
from register.domain.access.caller import Task
from register.services.statistics.owner_statistics import owner_statistics
from register.statistics.catalogue import default_catalogue
from schemas.codes import Partition
from tests.integration.web.conftest import At
from tests.support.records.counted import count_everything
from tests.support.records.notified import notify
from tests.support.web.pages import AW, CW, Browserless, Pages, Statements

PATHS: Final = ("/figures", "/figures?year=2023", *(f"/figures?year=2023&topic={topic}" for topic in TOPICS))


@pytest.fixture(scope="module", autouse=True)
def told(served: Pages) -> None:
    """Two years of notifications, and of every other record that is counted."""
    notify(served)
    count_everything(served)


@pytest.fixture
def statistician(at: At) -> Browserless:
    return at("aw-figures")


def rows(page: str, table: str) -> list[list[str]]:
    found = re.search(rf'<section aria-labelledby="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert found, table
    lines = re.findall(r"<tr.*?</tr>", found[1], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", line) for line in lines]


@contextmanager
def counted(served: Pages) -> Iterator[Statements]:
    said = Statements()
    engine = served[AW].register.database._engine("worker")
    sa.event.listen(engine, "before_cursor_execute", said)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", said)


def test_year_stands_beside_the_year_before_exact_with_its_change(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023").text

    assert rows(page, "by-source") == [
        ["Citizens", "7", "1*", "+6"],
        ["of whom anonymous", "1", "0", "+1"],
        ["Government", "1*", "2*", "−1"],
        ["NGO/IO", "0", "0", "0"],
        ["School", "1*", "0", "+1"],
        ["Private sector", "0", "0", "0"],
        ["Total", "9", "3", "+6"],
    ]
    assert rows(page, "by-type")[0] == ["Trafficking", "7", "1*", "+6"]
    assert "More: Citizens. For the first time: School. Slightly less: Government." in " ".join(page.split())


def test_page_says_what_the_api_says(served: Pages, statistician: Browserless) -> None:
    caller = served.world.caller("AW-CMMA", Task.STATISTICS)
    api = owner_statistics(served[AW].register, caller, 2023)
    page = statistician.get("/figures?year=2023").text

    for table in api.tables:
        shown = rows(page, table.name.replace(" ", "-"))
        whole = [line for line in shown if not line[0].startswith("of wh") and line[0] != "Total"]
        assert [int(line[1].rstrip("*")) for line in whole] == [row.count for row in table.rows]
        assert [line[1].endswith("*") for line in whole] == [row.flagged for row in table.rows]


def test_each_table_has_its_picture_with_the_same_figures(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023").text
    picture = re.search(r'<svg class="chart"[^>]*by-source-title.*?</svg></svg>', page, re.DOTALL)

    assert page.count('<svg class="chart" role="img"') == page.count('<table class="figures">') == 5
    assert picture
    assert re.findall(r">([^<>]+)</text>", picture[0])[:5] == ["2023", "2022", "Citizens", "7", "1*"]


def test_year_before_the_register_is_not_collected_which_is_no_zero(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2022").text

    assert rows(page, "by-source")[0] == ["Citizens", "1*", "..", ".."]
    assert ".. Not collected" in page
    assert "More:" not in page


def test_year_that_is_not_over_has_no_trend(served: Pages, statistician: Browserless) -> None:
    year = served.clock.now().year
    page = statistician.get(f"/figures?year={year}").text

    assert "This year is not over" in page
    assert "Beside" not in page


@pytest.mark.parametrize("typed", ["x", "1999", "20230", "<script>alert(1)</script>", "-1", "99999999999999999999"])
def test_year_that_is_none_is_answered_with_what_to_do(statistician: Browserless, typed: str) -> None:
    answer = statistician.get(f"/figures?year={typed}")

    assert answer.status_code == 200  # as every form that is shown again
    assert "Type a year of four digits" in answer.text
    assert "<script" not in answer.text


def test_workbook_holds_the_same_figures_and_no_formula(statistician: Browserless) -> None:
    answer = statistician.get("/figures/2023.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book["Notifications by who told us"]
    lines = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=4, max_row=11)]

    assert lines[0] == [None, "2023", "2022", "Difference"] or lines[0] == ["", "2023", "2022", "Difference"]
    assert lines[1] == ["Citizens", 7, 1, 6]
    assert lines[6] == ["Total", 9, 3, 6]
    assert lines[7] == ["Citizens, of whom anonymous", 1, 0, 1]
    assert len(sheet._charts) == 1
    assert not [cell for one in book for row in one.iter_rows() for cell in row if cell.data_type == "f"]


def test_workbook_is_sent_so_that_no_browser_shows_or_keeps_it(statistician: Browserless) -> None:
    headers = statistician.get("/figures/2023.xlsx").headers

    assert headers["content-disposition"] == 'attachment; filename="figures-AW-2023.xlsx"'
    assert headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/figures/x.xlsx", "/figures/1.xlsx", "/figures/2023", "/figures/../figures.xlsx"])
def test_workbook_that_is_none_is_refused(statistician: Browserless, path: str) -> None:
    assert statistician.get(path).status_code in {404, 422}


def test_both_speak_dutch(statistician: Browserless) -> None:
    statistician.get("/language/nl")
    page = statistician.get("/figures?year=2023").text
    book = load_workbook(io.BytesIO(statistician.get("/figures/2023.xlsx").content))

    assert rows(page, "by-source")[0][0] == "Burgers"
    assert rows(page, "by-source")[-1][0] == "Totaal"
    assert book.sheetnames[0] == "Voorblad"


@pytest.mark.parametrize("path", [*PATHS, "/figures/2023.xlsx"])
def test_figures_are_for_statisticians_only(at: At, path: str) -> None:
    assert at("aw-figures").get(path).status_code == 200
    for other in ("aw-officer", "aw-contact", "aw-reader"):
        answer = at(other).get(path)
        assert answer.status_code == 403, other
        assert "Citizens" not in answer.text
    assert at().get(path).headers["location"].startswith("/signed-out/needed")
    assert "/figures" not in at("aw-officer").get("/").text


def test_another_country_sees_its_own_figures_and_none_of_these(at: At) -> None:
    there = at("cw-figures", CW)
    stranger = at()
    stranger.cookies = there.cookies
    page = there.get("/figures?year=2023").text

    assert rows(page, "by-source")[-1] == ["Total", "0", "..", ".."]
    assert stranger.get("/figures?year=2023").headers["location"].startswith("/signed-out/needed")
    assert stranger.get("/figures/2023.xlsx").headers["location"].startswith("/signed-out/needed")


@pytest.mark.parametrize("path", [*PATHS, "/figures/2023.xlsx"])
def test_figures_leave_one_leaf_and_ask_six_times_at_most(served: Pages, statistician: Browserless, path: str) -> None:
    def leaves() -> int:
        with served[AW].register.database.transaction("api") as connection:
            query = "SELECT count(*) FROM rtr.audit_leaf WHERE action = 'statistics.read'"
            return int(connection.exec_driver_sql(query).scalar_one())

    before, api = leaves(), served[AW].statements
    with counted(served) as worker:
        api.count = 0
        assert statistician.get(path).status_code == 200
        assert 0 < api.count + worker.count <= 6
    assert leaves() == before + 1


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("path", PATHS)
def test_page_is_small_and_its_policy_strict(statistician: Browserless, path: str, language: str) -> None:
    statistician.get(f"/language/{language}")
    answer = statistician.get(path)
    loaded = set(re.findall(r'href="(/static/[^"]+)"', answer.text))

    assert len(answer.content) + sum(len(statistician.get(one).content) for one in loaded) < 40_000
    assert "unsafe" not in answer.headers["content-security-policy"]
    for forbidden in ("<script", " style=", "onload", "data:"):
        assert forbidden not in answer.text


def test_country_of_the_workbook_is_the_one_that_was_signed_in_to(at: At) -> None:
    answer = at("cw-figures", CW).get("/figures/2023.xlsx")

    assert f"figures-{Partition.CW}-2023.xlsx" in answer.headers["content-disposition"]


def test_every_registered_table_of_a_year_is_on_one_page_and_says_what_the_api_says(
    served: Pages, statistician: Browserless
) -> None:
    caller = served.world.caller("AW-CMMA", Task.STATISTICS)
    this, last = (owner_statistics(served[AW].register, caller, year) for year in (2023, 2022))
    before = {table.id: table for table in last.registered}
    pages = {topic: statistician.get(f"/figures?year=2023&topic={topic}").text for topic in TOPICS}
    shown = 0
    for table in this.registered:
        here = [page for page in pages.values() if f'<h2 id="{table.id}">' in page]
        if table.id in {"notifications-by-source", "notifications-by-channel", "notifications-by-type"}:
            assert here == []
            continue
        listed = [page for page in pages.values() if [table.title, "..", ".."] in missing(page)]
        assert (len(here), len(listed)) == ((1, 0) if table.collected else (0, 1)), table.id
        if table.collected:
            lines = [line for line in whole(here[0], table.id) if line[0] != "Total"]
            earlier: list[int | str] = [row.total for row in before[table.id].rows] or [".."] * len(table.rows)
            assert [number(line[1]) for line in lines] == [row.total for row in table.rows], table.id
            assert [number(line[2]) for line in lines] == earlier, table.id
            assert number(rows(here[0], table.id)[-1][1]) == table.total
            shown += 1
    assert shown > 15


def missing(page: str) -> list[list[str]]:
    return rows(page, "not-collected") if 'id="not-collected"' in page else []


def whole(page: str, table: str) -> list[list[str]]:
    """The rows that are no parts of another."""
    found = re.search(rf'<section aria-labelledby="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert found, table
    lines = [line for line in re.findall(r"<tr.*?</tr>", found[1], re.DOTALL) if 'class="part"' not in line]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", line) for line in lines]


def number(cell: str) -> int | str:
    bare = cell.rstrip("*").replace(",", "")
    return int(bare) if bare.isdigit() else cell


def test_parts_of_a_crossed_table_add_up_to_their_row_in_both_years(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023&topic=victims-crossed").text
    lines = rows(page, "victims-status-by-sex")
    names = {line[0] for line in whole(page, "victims-status-by-sex")}
    sums: dict[str, list[int]] = {}
    of = ""
    for line in lines:
        if line[0] in names:
            of = line[0]
            continue
        held = sums.setdefault(of, [0, 0])
        held[0] += int(line[1].rstrip("*"))
        held[1] += int(line[2].rstrip("*"))
    totals = {line[0]: [int(line[1].rstrip("*")), int(line[2].rstrip("*"))] for line in lines if line[0] in names}
    assert sums == {name: both for name, both in totals.items() if any(both) and name != "Total"}


def test_table_of_three_variables_shows_its_total_and_says_so(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023&topic=victims-crossed").text

    assert rows(page, "victims-status-by-sex-by-form") == [["Total", "12", "12", "0"]]
    assert page.count("Of three variables: here the total alone is shown.") == 1


def test_people_trained_are_exact_wherever_they_go_and_carry_no_star(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023&topic=services").text
    section = page.partition('<h2 id="trainings-by-group">')[2].partition("</section>")[0]

    assert "To the working group it may travel exact." in section
    assert "Into the public brief it may travel exact." in section
    assert "*" not in section


def test_table_that_stays_says_for_whom_and_why(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2023&topic=victims-crossed").text
    section = page.partition('<h2 id="victims-status-by-form">')[2].partition("</section>")[0]

    assert "For the working group it stays here, because it has too few records for so many cells" in section
    assert "For the public brief it stays here, because it is not registered for that" in section
    assert "rounded" in statistician.get("/figures?year=2023").text


def test_year_before_the_first_record_is_dots_for_that_record_alone(statistician: Browserless) -> None:
    page = statistician.get("/figures?year=2022&topic=intakes").text

    assert rows(page, "intakes-by-sex")[-1] == ["Total", "12", "..", ".."]
    earlier = statistician.get("/figures?year=2021&topic=intakes").text
    assert ["Intake interviews by sex", "..", ".."] in missing(earlier)
    assert "<svg" not in earlier


def test_each_table_with_a_figure_has_a_picture(statistician: Browserless) -> None:
    for topic in TOPICS:
        page = statistician.get(f"/figures?year=2023&topic={topic}").text
        for section in page.split("<section ")[1:]:
            lines = re.findall(r"<tr><th scope=\"row\">[^<]*</th><td>(\d+)\*?</td>", section)
            assert ("<svg" in section) == any(int(value) for value in lines), section[:80]


@pytest.mark.parametrize("topic", ["x", "NOTIFICATIONS", "<script>", "victims'--", "%00", "a" * 41])
def test_topic_that_is_none_is_not_there(statistician: Browserless, topic: str) -> None:
    answer = statistician.get(f"/figures?year=2023&topic={quote(topic)}")

    assert answer.status_code in {404, 422}
    assert "<script" not in answer.text


def test_every_table_of_the_catalogue_is_in_exactly_one_topic() -> None:
    for definition in default_catalogue():
        assert sum(topic.has(definition) for topic in TOPICS.values()) == 1, definition.id


def test_every_reason_that_a_yearly_table_meets_has_words_in_dutch(served: Pages) -> None:
    caller = served.world.caller("AW-CMMA", Task.STATISTICS)
    met = {
        why.code
        for year in (2022, 2023, served.clock.now().year)
        for table in owner_statistics(served[AW].register, caller, year).registered
        for verdict in table.verdicts
        for why in verdict.why
    }
    dutch = Words("nl", AW)

    assert {"too-thin", "group-all-alike", "not-for-this-tier", "too-many-variables", "period-open"} <= met <= set(WHY)
    assert all(dutch.plain(text) != text.message for text in WHY.values())


def test_workbook_has_every_table_and_names_those_not_collected(statistician: Browserless) -> None:
    book = load_workbook(io.BytesIO(statistician.get("/figures/2023.xlsx").content))
    titles = {sheet.cell(1, 1).value for sheet in book}
    nothing = [row[0].value for row in book["Not collected"].iter_rows(min_row=5) if row[1].value == ".."]

    assert {"Victim ladder by status and form, 2023", "People trained by group and kind, 2023"} <= titles
    assert "Calls to the hotline by crime" in nothing
    for definition in default_catalogue():
        if definition.years == 1 and not definition.id.startswith("notifications-by-"):
            title = definition.title["en"]
            assert (f"{title}, 2023" in titles) != (title in nothing), title


def test_workbook_says_how_each_table_may_travel(statistician: Browserless) -> None:
    book = load_workbook(io.BytesIO(statistician.get("/figures/2023.xlsx").content))
    said = [str(cell.value) for row in book["Victim ladder by status and"].iter_rows() for cell in row if cell.value]

    assert any(text.startswith("For the working group it stays here, because") for text in said)
