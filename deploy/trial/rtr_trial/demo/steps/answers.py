"""What an answer across the countries must hold, as checks."""

from __future__ import annotations

from typing import Final

from rtr_trial.demo.made_up.data import ExpectedHit, Question
from rtr_trial.demo.scene import Scene, answer_of
from rtr_trial.demo.telling import Check, same, true
from schemas.codes import HandlingCondition, Partition
from schemas.search.question import Answer, CountryAnswer, HitOut, SearchOut

NOTHING: Final = "nothing that may be shown"


def answers_by_country(question: Question, found: SearchOut) -> list[Check]:
    """Each country answers, once, in the way that it must."""
    hits = {hit.country for hit in question.hit}
    wanted = dict.fromkeys(hits, Answer.HIT) | dict.fromkeys(question.nothing, Answer.NOTHING)
    return [same("how each country answers", {one.country: one.answer for one in found.countries}, wanted)]


def own_signals(scene: Scene, question: Question, found: SearchOut) -> list[Check]:
    """The own signals that a question must find, and no other."""
    wanted = {scene.sent[key].reference for key in question.own}
    return [same("own signals", {hit.reference for hit in found.own.signals}, wanted)]


def shows_nothing(found: SearchOut, countries: tuple[Partition, ...]) -> list[Check]:
    """These countries show nothing, in the words that do not say "unknown", and with nothing beside."""
    answers = [answer_of(found, country) for country in countries]
    return [
        same("the answer", {one.answer for one in answers}, {Answer.NOTHING}),
        true("in its words", all(NOTHING in one.words.lower() for one in answers), [one.words for one in answers]),
        same("with nothing beside it", [one.country for one in answers if _says_more(one)], []),
    ]


def _says_more(one: CountryAnswer) -> bool:
    return bool(one.hits or one.too_common or one.rules or one.reasons or one.ways)


def shows_hit(scene: Scene, question: Question, expected: ExpectedHit, found: SearchOut) -> list[Check]:
    """The extracts, strength, role, use, place and months of a hit."""
    hits = answer_of(found, expected.country).hits
    wanted = sorted(scene.sent[key].reference for key in expected.signals)
    never = {scene.sent[key].reference for key in question.no_match}
    spans = (min((h.month_from or "" for h in hits), default=""), max((h.month_to or "" for h in hits), default=""))
    checks = [
        same("extracts", sorted(hit.reference for hit in hits), wanted),
        same("owner", {hit.owner for hit in hits}, {expected.country}),
        same("strength", {hit.strength for hit in hits}, {expected.strength}),
        same("role", {hit.role for hit in hits}, {expected.role}),
        same("months", spans, expected.months),
        same(
            "conditions",
            {c for hit in hits for c in hit.conditions},
            {HandlingCondition(c) for c in expected.conditions},
        ),
        same("what is no match", never & {hit.reference for one in found.countries for hit in one.hits}, set()),
    ]
    if expected.use is not None:
        checks.append(same("use", {hit.document_use for hit in hits}, {expected.use}))
    if expected.location_type is not None:
        checks.append(same("place", {hit.location_type for hit in hits}, {expected.location_type}))
    return checks + says_whom_to_ask(expected, hits)


def says_whom_to_ask(expected: ExpectedHit, hits: tuple[HitOut, ...]) -> list[Check]:
    """The unit to turn to, and the routes."""
    return [
        same("whom to ask", {hit.contact.unit for hit in hits}, {expected.contact}),
        same("routes", {hit.contact.routes for hit in hits}, {expected.routes}),
    ]


def gist(found: SearchOut) -> dict[Partition, list[str]]:
    """What two answers must have in common to be the same."""
    return {one.country: [one.answer, *sorted(hit.reference for hit in one.hits)] for one in found.countries}
