"""One edition of the MoU: which rules hold, with which parameters, from when, in whose words.

An edition is a TOML file; its hash is the SHA-256 of the file's bytes, so two countries that name the same hash mean
the same rules to the letter. Loading checks the file whole: every rule of the table must be there once, no other,
and each with exactly its parameters. Nobody drops a rule by forgetting it.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from register.errors import OperatorError
from register.mou.rules import TABLE
from register.mou.rules.table import Given, Judge

FOLDER = files("register.mou") / "editions"

GivenT = TypeVar("GivenT", bound=Given)


class UnusableEdition(OperatorError):
    """An edition's file cannot be used; the message names the rule or header member."""

    code = "unusable-edition"
    advice = "Correct the file as the message says; the page on MoU editions lists every rule and its parameters."


class UnknownEdition(OperatorError):
    """No edition of this name ships with the program."""

    code = "unknown-edition-name"
    advice = "Use one of the names that the message lists."


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as an edition states it.

    Attributes:
        source: clause of the law or agreement, or the document that stands in for it.
        says: one sentence, shown to users with every refusal.
        allows: one sentence: what would allow it.
        assumed: True until a lawyer of the country has replaced it.
        given: its parameters.
    """

    id: str
    source: str
    says: str
    allows: str
    assumed: bool
    given: Given


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """A checked edition; compare editions by `hash`.

    Attributes:
        until: last day in force; None while it is open-ended.
        digest: SHA-256 of the file's bytes (32 bytes).
        hash: the digest as labels and heads carry it: base64url without padding.
        rules: by id, in the file's order, which is the order in which refusals are named.
        judges_of: by kind of question, the rules that have a say in it, each with its judge.
    """

    id: str
    title: str
    since: date
    until: date | None
    note: str
    digest: bytes
    hash: str
    rules: Mapping[str, Rule]
    judges_of: Mapping[type, tuple[tuple[Rule, Judge], ...]]

    def goes_by(self, name: str) -> bool:
        """Whether `name` is this edition's hash, in base64url or in the hexadecimal that `sha256sum` prints."""
        return name in (self.hash, self.digest.hex())

    def in_force(self, today: date) -> bool:
        """Whether it holds on this day; both ends included."""
        return self.since <= today and (self.until is None or today <= self.until)

    def given(self, rule_id: str, kind: type[GivenT]) -> GivenT:
        """The parameters of a rule, as the kind its predicate declares."""
        given = self.rules[rule_id].given
        if not isinstance(given, kind):
            raise TypeError(f"rule {rule_id} has parameters of the kind {type(given).__name__}, not {kind.__name__}")
        return given


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    source: str = Field(min_length=1)
    says: str = Field(min_length=1)
    allows: str = Field(min_length=1)
    assumed: bool
    parameters: dict[str, object] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1)
    in_force_from: date
    in_force_until: date | None = None
    note: str = Field(min_length=1)
    rule: list[_Row]


def read(data: bytes) -> Edition:
    """Check the bytes of an edition's file.

    Raises:
        UnusableEdition: not TOML, a header or parameter is missing, wrong or unknown, a rule is missing, unknown or
            there twice.
    """
    try:
        parsed = _File.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise UnusableEdition(f"The file is not TOML in UTF-8: {exc}") from exc
    except ValidationError as exc:
        raise UnusableEdition(f"The file has not the form of an edition: {_describe_problems(exc)}") from exc
    rules: dict[str, Rule] = {}
    for row in parsed.rule:
        if row.id in rules:
            raise UnusableEdition(f"Edition {parsed.id}: rule {row.id} is there twice")
        rules[row.id] = _build_rule(parsed.id, row)
    missing = [rule_id for rule_id in TABLE if rule_id not in rules]
    if missing:
        raise UnusableEdition(f"Edition {parsed.id} says nothing about {', '.join(missing)}")
    digest = hashlib.sha256(data).digest()
    return Edition(
        id=parsed.id,
        title=parsed.title,
        since=parsed.in_force_from,
        until=parsed.in_force_until,
        note=parsed.note,
        digest=digest,
        hash=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        rules=MappingProxyType(rules),
        judges_of=MappingProxyType(_group_judges(rules)),
    )


def list_packaged_editions() -> tuple[str, ...]:
    """The names of the editions that ship with the program."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in FOLDER.iterdir() if one.name.endswith(".toml")))


@cache
def load(name: str) -> Edition:
    """Return a packaged edition.

    Raises:
        UnknownEdition: no such edition.
        UnusableEdition: its file is damaged.
    """
    if name not in list_packaged_editions():
        raise UnknownEdition(f"There is no edition {name!r}; there are: {', '.join(list_packaged_editions())}")
    return read((FOLDER / f"{name}.toml").read_bytes())


def by_hash(name: str) -> Edition | None:
    """Return the packaged edition with this hash, or None: an edition that we cannot read is one we cannot judge by."""
    return next((edition for edition in map(load, list_packaged_editions()) if edition.goes_by(name)), None)


def _build_rule(edition: str, row: _Row) -> Rule:
    if row.id not in TABLE:
        raise UnusableEdition(f"Edition {edition}: there is no rule {row.id}")
    try:
        given = TABLE[row.id].given.model_validate(row.parameters)
    except ValidationError as exc:
        raise UnusableEdition(f"Edition {edition}, parameters of {row.id}: {_describe_problems(exc)}") from exc
    return Rule(row.id, row.source, row.says, row.allows, row.assumed, given)


def _group_judges(rules: Mapping[str, Rule]) -> dict[type, tuple[tuple[Rule, Judge], ...]]:
    judges: dict[type, list[tuple[Rule, Judge]]] = {}
    for rule in rules.values():
        for question, judge in TABLE[rule.id].judges.items():
            judges.setdefault(question, []).append((rule, judge))
    return {question: tuple(found) for question, found in judges.items()}


def _describe_problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
