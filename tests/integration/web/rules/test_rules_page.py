"""The pages on rules and words: whole, the same as what decides, and open to everybody who is signed in."""

from __future__ import annotations

import html
import re

import pytest

from register.mou import edition as editions
from tests.integration.web.conftest import At
from tests.support.web.pages import AW, Browserless, Pages

PAGES = ("/rules", "/rules/words", "/rules/beside/strict")


def test_every_rule_of_the_edition_is_there_once_with_source_and_mark(served: Pages, officer: Browserless) -> None:
    page = html.unescape(officer.get("/rules").text)

    for rule in served[AW].register.edition.rules.values():
        card = re.search(rf'<div class="rule" id="{rule.id}">(.*?)</div>', page, re.DOTALL)
        assert card, rule.id
        for said in (rule.says, rule.allows, rule.source):
            assert said in card[1], rule.id
        assert ("assumed</span>" in card[1]) is rule.assumed
    assert page.count('<div class="rule"') == len(served[AW].register.edition.rules)


def test_every_link_within_the_pages_leads_somewhere(officer: Browserless) -> None:
    for path in PAGES:
        page = officer.get(path).text
        for target, anchor in re.findall(r'href="(/rules[a-z/]*)?#([^"]+)"', page):
            there = officer.get(target or path).text
            assert f'id="{anchor}"' in there, (path, target, anchor)


def test_other_edition_is_shown_by_what_differs_only(served: Pages, officer: Browserless) -> None:
    page = html.unescape(officer.get("/rules/beside/strict").text)
    here, there = served[AW].register.edition, editions.load("strict")
    differ = {one for one in here.rules if here.rules[one].given != there.rules[one].given}

    assert set(re.findall(r'<div class="rule" id="([^"]+)"', page)) == differ
    assert "Only there: Aruba; Curaçao; Sint Maarten." in page


@pytest.mark.parametrize("name", ["demo", "none", "..%2Fdemo", "<script>"])
def test_edition_that_is_no_other_one_is_not_there(officer: Browserless, name: str) -> None:
    answer = officer.get(f"/rules/beside/{name}")

    assert answer.status_code == 404
    assert "<script" not in answer.text


def test_glossary_and_what_is_never_shown_are_there_in_dutch_too(officer: Browserless) -> None:
    english = officer.get("/rules/words").text
    officer.get("/language/nl")
    dutch = officer.get("/rules/words").text

    assert "human trafficking" in english
    assert "mensenhandel" in dutch
    assert "human trafficking" not in dutch
    assert "Wat het register nooit toont" in dutch


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_rules_are_open_to_all_who_signed_in_small_and_cheap(served: Pages, at: At, path: str, language: str) -> None:
    for name in ("aw-officer", "aw-reader", "aw-figures"):
        person = at(name)
        person.get(f"/language/{language}")
        served[AW].statements.count = 0
        answer = person.get(path)
        assert answer.status_code == 200, name
        assert served[AW].statements.count <= 6
        assert '<a href="/rules" aria-current="page">' in answer.text
        loaded = set(re.findall(r'href="(/static/[^"]+)"', answer.text))
        assert len(answer.content) + sum(len(person.get(one).content) for one in loaded) < 40_000
    assert at().get(path).headers["location"].startswith("/signed-out/needed")
