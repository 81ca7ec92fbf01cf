"""The rules of an edition by what they decide, and what another edition says otherwise.

Which rule has a say in which question is read from the table of rules itself, so this page cannot tell another story
than the decisions do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.web.frame.languages import N_, Text
from register.mou.edition import Edition, Rule
from register.mou.rules import TABLE
from register.mou.rules.label import IN_FORCE
from register.mou.rules.table import Asking, Holding, Publishing, Seeing, SeeingOwn, Sending

_QUESTIONS: Final[tuple[tuple[str, Text, Text, tuple[type, ...]], ...]] = (
    (
        "send",
        N_("May it be sent?"),
        N_("Asked by the country that owns the record, before anything leaves."),
        (Sending, Publishing),
    ),
    (
        "hold",
        N_("May the receiver hold it?"),
        N_("Asked by the country that receives it, under the sender's edition and under its own."),
        (Holding,),
    ),
    (
        "see",
        N_("May a hit be shown?"),
        N_("Asked whenever somebody searches."),
        (Seeing, SeeingOwn),
    ),
    (
        "ask",
        N_("Is a country asked at all?"),
        N_("Asked before a question goes to another country. One that is not asked is never shown as: nothing found."),
        (Asking,),
    ),
)


TOPICS: Final = {
    "label": N_("Which edition holds"),
    "basis": N_("On what law it rests"),
    "persons": N_("Whom it is about"),
    "condition": N_("In what condition it is"),
    "use": N_("For what, and how openly"),
    "recipients": N_("To whom it goes"),
    "gate": N_("Who lets it out"),
    "asking": N_("Who asks"),
}
"""By the module of the rule's judge."""


@dataclass(frozen=True, slots=True)
class Group:
    """One question.

    Attributes:
        id: for the anchor.
        rules: those that are told here, each once on the page, at the first question it has a say in.
        also: ids of rules told above that have a say here too.
    """

    id: str
    title: Text
    explains: Text
    rules: tuple[Rule, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Values that only one of two editions gives a rule, for the same things.

    Attributes:
        of: what they are given for, as codes; empty where the rule has one list for everything.
        here, there: codes that only the edition in force names, or only the other.
    """

    of: tuple[str, ...]
    here: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that two editions do not apply alike."""

    rule: Rule
    other: Rule
    lines: tuple[Line, ...]


def group_rules(edition: Edition) -> tuple[Group, ...]:
    """Return every rule of an edition once, by what it decides."""
    always = {rule_id for rule_id in edition.rules if rule_id == IN_FORCE}
    found = [
        Group(
            "always",
            N_("Before anything else"),
            N_("Asked in every decision."),
            tuple(rule for rule_id, rule in edition.rules.items() if rule_id in always),
            (),
        )
    ]
    told = set(always)
    for anchor, title, explains, questions in _QUESTIONS:
        asked = [rule for rule_id, rule in edition.rules.items() if _has_say(rule_id, questions)]
        found.append(
            Group(
                anchor,
                title,
                explains,
                tuple(rule for rule in asked if rule.id not in told),
                tuple(rule.id for rule in asked if rule.id in told),
            )
        )
        told |= {rule.id for rule in asked}
    return tuple(found)


def find_topic(rule: Rule) -> str:
    """What a rule looks at: the module that its judge stands in, and with it its heading in `TOPICS`."""
    judges = TABLE[rule.id].judges
    return next(iter(judges.values())).__module__.rpartition(".")[2] if judges else "label"


def list_differences(here: Edition, other: Edition) -> tuple[Difference, ...]:
    """Return the rules whose words or parameters differ, in the order of the edition in force."""
    found = []
    for rule_id, rule in here.rules.items():
        beside = other.rules[rule_id]
        lines = tuple(
            _list_differing_lines(
                _flatten_parameters(rule.given.model_dump(mode="json")),
                _flatten_parameters(beside.given.model_dump(mode="json")),
            )
        )
        if lines or (rule.says, rule.allows) != (beside.says, beside.allows):
            found.append(Difference(rule, beside, lines))
    return tuple(found)


def _list_differing_lines(ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]) -> Iterator[Line]:
    """One line for all that differs in the same way."""
    nothing: frozenset[str] = frozenset()
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for key in {**ours, **theirs}:
        gone, new = ours.get(key, nothing) - theirs.get(key, nothing), theirs.get(key, nothing) - ours.get(key, nothing)
        if gone or new:
            alike.setdefault((tuple(sorted(gone)), tuple(sorted(new))), []).append(key)
    for (gone_values, new_values), keys in alike.items():
        yield Line(tuple(key for key in keys if key), gone_values, new_values)


def _has_say(rule_id: str, questions: tuple[type, ...]) -> bool:
    judged = any(question in TABLE[rule_id].judges for question in questions)
    # A rule without a judge that is not asked always is the receiver's: is the sender's edition known here.
    return judged or (Holding in questions and not TABLE[rule_id].judges and rule_id != IN_FORCE)


def _flatten_parameters(given: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Parameters as plain values, by what they are given for; order within a list says nothing."""
    found: dict[str, frozenset[str]] = {}
    for key, value in _list_leaves("", given):
        found[key] = found.get(key, frozenset()) | value
    return found


def _list_leaves(of: str, value: object) -> Iterator[tuple[str, frozenset[str]]]:
    match value:
        case Mapping() if "ref" in value:
            yield from _list_leaves(str(value["ref"]), [one for key, one in value.items() if key != "ref"])
        case Mapping() if not of:
            for name, inner in value.items():
                if isinstance(inner, Mapping):
                    for key, one in inner.items():
                        yield from _list_leaves(str(key), one)
                else:
                    # A switch means nothing without its name.
                    yield from _list_leaves(str(name) if isinstance(inner, bool) else "", inner)
        case list() | tuple() | set() | frozenset():
            for one in value:
                yield from _list_leaves(of, one)
        case None:
            return
        case _:
            yield of, frozenset({str(value)})
