"""An edition is checked whole before anything is decided by it."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest

from register.mou.edition import UnknownEdition, UnusableEdition, by_hash, list_packaged_editions, load, read
from register.mou.rules.table import TABLE

SOURCES = {
    name: (files("register.mou") / "editions" / f"{name}.toml").read_bytes() for name in list_packaged_editions()
}
GUIDE = (Path(__file__).parents[4] / "register/docs/mou-editions.md").read_text()


def changed(old: str, new: str, *, name: str = "strict") -> bytes:
    text = SOURCES[name].decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def without_rule(rule_id: str) -> bytes:
    head, *rules = SOURCES["strict"].decode().split("[[rule]]")
    kept = [rule for rule in rules if f'id = "{rule_id}"' not in rule]
    assert len(kept) == len(rules) - 1
    return "[[rule]]".join([head, *kept]).encode()


def test_two_editions_ship() -> None:
    assert list_packaged_editions() == ("demo", "strict")


@pytest.mark.parametrize("name", list_packaged_editions())
def test_hash_is_of_the_bytes_of_the_file(name: str) -> None:
    edition = load(name)
    assert edition.digest == hashlib.sha256(SOURCES[name]).digest()
    assert by_hash(edition.hash) is edition
    assert by_hash(hashlib.sha256(SOURCES[name]).hexdigest()) is edition


def test_an_edition_with_another_hash_is_unknown() -> None:
    assert by_hash(hashlib.sha256(b"another").hexdigest()) is None


def test_a_comment_makes_another_edition() -> None:
    assert read(SOURCES["strict"] + b"# seen by a lawyer\n").hash != load("strict").hash


@pytest.mark.parametrize("name", list_packaged_editions())
def test_every_rule_is_there_with_sentence_source_and_what_would_allow_it(name: str) -> None:
    rules = load(name).rules
    assert set(rules) == set(TABLE)
    for rule in rules.values():
        for words in (rule.says, rule.allows):
            assert words.endswith(".")
            assert words == words.strip()
            assert "partition" not in words.lower()
        assert rule.source


@pytest.mark.parametrize("name", list_packaged_editions())
def test_every_rule_is_marked_assumed(name: str) -> None:
    assert [rule.id for rule in load(name).rules.values() if not rule.assumed] == []
    assert "assumed" in load(name).title.lower()


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownEdition, match="demo, strict"):
        load("2023-draft")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (changed('id = "WPG10B-1"', 'id = "WPG10C-1"'), "there is no rule WPG10C-1"),
        (changed('id = "EDITION-2"', 'id = "EDITION-1"'), "rule EDITION-1 is there twice"),
        (without_rule("KEYS-1"), "says nothing about KEYS-1"),
        (changed("kept_home = true", "kept_hone = true"), "parameters of MINOR-1"),
        (changed("kept_home = true", ""), "parameters of MINOR-1: kept_home"),
        (changed('bases = ["WPG10B"]', 'bases = ["WPG10X"]'), "parameters of WPG10B-1"),
        (changed('V2 = ["reference", "contact"]', 'V2 = ["tokens"]'), "parameters of VISIBILITY-2"),
        (changed("in_force_from = 2019-01-31", "in_force = 2019-01-31"), "in_force"),
        (changed("in_force_from = 2019-01-31", 'in_force_from = "soon"'), "in_force_from"),
        (changed("assumed = true", ""), "assumed"),
        (changed('title = "Strict', "title = Strict"), "not TOML"),
        (b"\xff", "not TOML"),
    ],
)
def test_a_flawed_file_is_refused_and_the_message_says_where(data: bytes, why: str) -> None:
    with pytest.raises(UnusableEdition) as refusal:
        read(data)
    assert why in str(refusal.value)


def test_an_edition_with_an_end_is_in_force_until_that_day() -> None:
    ending = changed("in_force_from = 2019-01-31", "in_force_from = 2019-01-31\nin_force_until = 2026-02-28")
    edition = read(ending)
    assert edition.until is not None
    assert edition.in_force(edition.since)
    assert edition.in_force(edition.until)
    assert not edition.in_force(edition.until.replace(month=3, day=1))


@pytest.mark.parametrize("rule_id", sorted(TABLE))
def test_the_guide_names_every_rule(rule_id: str) -> None:
    assert f"`{rule_id}`" in GUIDE
