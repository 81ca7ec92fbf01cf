"""The rules and words that the pages show: complete in Dutch, and the same story as the rules that decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.web.frame.languages import catalogue
from api.web.rules.glossary import glossary
from api.web.rules.grouped import TOPICS, find_topic, group_rules, list_differences
from register.mou import edition as editions
from register.mou.rules import TABLE
from register.mou.rules.table import Asking, Holding, Publishing, Seeing, SeeingOwn, Sending
from schemas.codes import code_list

EDITIONS = editions.list_packaged_editions()
SAID = {str(m.id) for m in catalogue("nl") if m.id and m.string}
# What a reader of these pages must find explained (design: domain.md 3 "Words", the glossary of README.md).
NEEDED = {
    "signal", "selector", "pseudonym", "hit", "shared extract", "request", "notification", "submission", "edition",
    "handling", "visibility", "purpose", "legal basis", "guarantor", "letter of guarantee", "cannot yet be told",
    "forwarded", "intake interview", "sex cam", "permit fixer", "human trafficking", "migrant smuggling",
}  # fmt: skip


@pytest.mark.parametrize("name", EDITIONS)
def test_dutch_has_every_word_of_an_edition(name: str) -> None:
    edition = editions.load(name)
    texts = {text for rule in edition.rules.values() for text in (rule.says, rule.allows, rule.source)}

    assert texts | {edition.title, edition.note.strip()} <= SAID


def test_dutch_has_the_whole_glossary() -> None:
    texts = {text for chapter in glossary() for one in chapter.entries for text in (one.word, one.means)}

    assert texts | {chapter.title for chapter in glossary()} <= SAID


def test_glossary_explains_what_the_pages_say() -> None:
    assert {one.word for chapter in glossary() for one in chapter.entries} >= NEEDED


def test_glossary_has_each_word_once_with_an_anchor_of_its_own() -> None:
    entries = [one for chapter in glossary() for one in chapter.entries]

    assert len({one.id for one in entries}) == len({one.word for one in entries}) == len(entries)


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_is_told_once_under_a_heading(name: str) -> None:
    edition = editions.load(name)
    told = [rule.id for group in group_rules(edition) for rule in group.rules]

    assert sorted(told) == sorted(edition.rules)
    assert {find_topic(rule) for rule in edition.rules.values()} <= set(TOPICS)


def test_question_names_exactly_the_rules_that_have_a_say_in_it() -> None:
    questions: dict[str, set[type]] = {
        "send": {Sending, Publishing},
        "hold": {Holding},
        "see": {Seeing, SeeingOwn},
        "ask": {Asking},
    }
    for group in group_rules(editions.load("demo")):
        named = {rule.id for rule in group.rules} | set(group.also)
        judging = {one for one, entry in TABLE.items() if questions.get(group.id, set()) & set(entry.judges)}
        extra = {"always": {"EDITION-1"}, "hold": {"EDITION-2"}}.get(group.id, set())
        assert named == judging | extra, group.id


def test_edition_differs_from_itself_in_nothing() -> None:
    assert list_differences(editions.load("demo"), editions.load("demo")) == ()


def test_differences_are_the_other_way_round_seen_from_the_other_side() -> None:
    demo, strict = editions.load("demo"), editions.load("strict")
    there = {one.rule.id: {(line.here, line.there) for line in one.lines} for one in list_differences(demo, strict)}
    back = {one.rule.id: {(line.there, line.here) for line in one.lines} for one in list_differences(strict, demo)}

    assert there == back


def test_difference_names_what_only_one_of_them_allows() -> None:
    found = {one.rule.id: one.lines for one in list_differences(editions.load("demo"), editions.load("strict"))}

    assert [(line.here, line.there) for line in found["REQUEST-1"]] == [((), ("AW", "CW", "SX"))]
    assert ("AW",) in {line.of for line in found["SHARED-1"]}
    assert any(line.here == ("COORDINATE",) and "WPG8" in line.of for line in found["PURPOSE-1"])
    assert all(code in code_list("purpose") for line in found["PURPOSE-1"] for code in line.here)


def test_other_words_are_a_difference_too() -> None:
    demo = editions.load("demo")
    rules = dict(demo.rules) | {"MINOR-1": replace(demo.rules["MINOR-1"], says="Another sentence.")}
    changed = replace(demo, rules=rules)

    assert [one.rule.id for one in list_differences(demo, changed)] == ["MINOR-1"]
