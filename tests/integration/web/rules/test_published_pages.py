"""The error codes and the API's description as pages of the node: whole, for everybody, of nothing but themselves."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from api.http.openapi import operations
from api.http.problems import ERROR_PAGE
from api.published.docs_errors import all_errors, import_all
from api.web.rules.error_codes import error_codes
from tests.integration.web.conftest import At
from tests.support.web.pages import AW, Pages

PAGES = ("/docs/error-codes", "/docs/api")


def text_of(part: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)))


def test_every_code_that_the_product_can_raise_has_its_place_on_the_page(at: At) -> None:
    import_all()
    page = at().get("/docs/error-codes").text
    sections = dict(re.findall(r'<section class="rule" id="([a-z0-9-]+)">(.*?)</section>', page, re.DOTALL))

    assert set(sections) == {error.code for error in all_errors()}
    for error in all_errors():
        assert error.advice in text_of(sections[error.code]), error.code


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/v1/me", None), ("GET", "/v1/nowhere", None), ("POST", "/v1/signals", b"{"), ("PUT", "/v1/me", None)],
)
def test_address_in_the_type_of_a_refusal_opens_at_its_code(
    served: Pages, at: At, method: str, path: str, body: bytes | None
) -> None:
    person = at()
    problem = person._http.request(method, f"{served[AW].url}{path}", content=body).json()
    place, _, code = problem["type"].partition("#")

    page = person.get(place)
    assert (place, code, page.status_code) == (ERROR_PAGE, problem["code"], 200)
    assert f'id="{code}"' in page.text


def test_every_operation_and_every_form_of_the_description_is_on_the_page(at: At) -> None:
    """Of the very document that the node answers programs."""
    person = at()
    document = person.get("/v1/openapi.json").json()
    page = person.get("/docs/api").text

    for path, method, operation in operations(document):
        section = re.search(rf'<section class="rule" id="{operation["operationId"]}">(.*?)</section>', page, re.DOTALL)
        assert section, (method, path)
        said = text_of(section[1])
        assert f"{method.upper()} {path}" in said
        assert all(status in said for status in operation["responses"])
        assert all(one["name"] in said for one in operation.get("parameters", ()))
    for name, form in document["components"]["schemas"].items():
        section = re.search(rf'<section class="rule" id="form-{name}">(.*?)</section>', page, re.DOTALL)
        assert section, name
        assert all(f"<code>{member}</code>" in section[1] for member in form.get("properties", {})), name


@pytest.mark.parametrize("path", PAGES)
def test_page_loads_nothing_runs_nothing_and_leads_nowhere_else(at: At, path: str) -> None:
    answer = at().get(path)
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<(?:script|iframe|object|embed|form)\b|\son\w+=|\sstyle=", answer.text) == []
    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
    assert [one for one in loaded if not one.startswith(("/", "#")) or one.startswith("//")] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_link_within_the_page_leads_somewhere(at: At, path: str) -> None:
    page = at().get(path).text
    there = set(re.findall(r'\bid="([^"]+)"', page))

    assert set(re.findall(r'href="#([^"]+)"', page)) - there == set()
    assert len(there) == len(re.findall(r'\bid="([^"]+)"', page)), "an id stands twice"


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_no_sign_in_asks_no_database_and_is_the_same_for_everybody(served: Pages, at: At, path: str) -> None:
    nobody, somebody = at(), at("aw-all")
    first = nobody.get(path).text
    before = served[AW].statements.count

    assert nobody.get(path).text == first
    assert somebody.get(path).text == first
    assert served[AW].statements.count == before
    assert nobody.cookies == {}


def test_page_of_error_codes_is_what_the_file_says() -> None:
    """A code that the reader of the file skipped would be a hole in the page."""
    text = (Path(__file__).parents[4] / "register" / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = [one.code for chapter in error_codes() for one in chapter.codes]

    assert listed == re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(listed) == len(set(listed))


def test_what_stands_between_backquotes_in_the_description_is_code_on_the_page(at: At) -> None:
    page = at().get("/docs/api").text
    words = re.sub(r"<(pre|code)>.*?</\1>", "", page, flags=re.DOTALL)
    assert "<code>YYYY-MM-DD</code>" in page
    assert "`" not in words
