"""Step 5: Aruba's coordinator asks, and every country answers in one of the five ways."""

from __future__ import annotations

from collections import Counter
from typing import Final

from register.domain.running.audit_action import AuditAction
from rtr_trial.demo.made_up.data import ExpectedHit, Question
from rtr_trial.demo.operator import Operator
from rtr_trial.demo.scene import ORDER, Scene, answer_of, months
from rtr_trial.demo.stage.order import EDITION
from rtr_trial.demo.steps.answers import (
    NOTHING,
    answers_by_country,
    gist,
    own_signals,
    says_whom_to_ask,
    shows_hit,
    shows_nothing,
)
from rtr_trial.demo.telling import Step, holds_in, same, true
from schemas.codes import Partition
from schemas.search.question import Answer, HitOut, SearchOut
from schemas.signals.parts import SubjectIn

STRICT: Final = "strict"
WORDS: Final = {"very-strong": "very strong", "same-number": "same number", "same-document": "same document"}
PLACES: Final = {"AIRPORT": "airport", "BEACH_LANDING": "boat landing"}


def coordinator_asks(scene: Scene, step: Step) -> None:
    """The five questions of the story, and one of them as another edition would answer it."""
    first = scene.expected.asked("a")
    answers = {name: scene.ask(scene.expected.asked(name)) for name in "abcde"}
    logged = [_log_of(scene, found) for found in answers.values()]
    me = scene.as_(first.asker).me()
    step.say(
        f"Aruba's coordinator asks (case {first.case}; reason logged before the question)",
        same("who asks", (me.country, me.organisation), (Partition.AW, "AW-CMMA")),
        same("the case", {scene.expected.asked(name).case for name in answers}, {first.case}),
        same(
            "in the log, in this order", logged, [[AuditAction.SEARCH_ASKED, AuditAction.SEARCH_ANSWERED]] * len(logged)
        ),
        same("rules", {found.edition for found in answers.values()}, {EDITION}),
        same("without the engine", {found.degraded for found in answers.values()}, {False}),
    )
    scene.earlier |= answers
    _guarantor(scene, step, answers["a"])
    _number_of_a_call(scene, step, answers["b"])
    _passport(scene, step, answers["c"])
    _boss_of_the_boat(scene, step, answers["d"])
    _switchboard(scene, step, answers["e"])
    _strict(scene, step)


def _guarantor(scene: Scene, step: Step, found: SearchOut) -> None:
    question = scene.expected.asked("a")
    step.say(
        "a) guarantor Zeno Testman, 3 Apr 1979",
        same("who is asked for", _person(question.subject), ("Zeno Testman", 1979, 4, 3)),
        *answers_by_country(question, found),
    )
    own_guarantees(scene, step, question, found)
    expected = question.hit[0]
    hits = answer_of(found, expected.country).hits
    unit = scene.unit(expected.country)
    spelled = {s.name for key in expected.signals for s in unit.signal(scene.sent[key].id).form.subjects if s.n == 1}
    attributes = {e.attribute for hit in hits for e in hit.evidence if e.bits > 0}
    first, *more = sorted(hit.reference for hit in hits) or ["-"]
    step.say(
        f"   Curaçao       HIT  {_strength(expected)}: name + birth date {_bits(hits)} bits · guarantor · "
        f"{len(hits)} extracts · {months(*expected.months)}",
        *shows_hit(scene, question, expected, found),
        true("by name and birth date", {"surname", "given_names", "birth_date"} <= attributes, attributes),
    )
    step.say(
        "                 registered there as Testmán, Zenó, which Aruba cannot see",
        same("as registered", spelled, {"Testmán, Zenó"}),
        true("not in the answer", not any("estm" in hit.model_dump_json() for hit in hits)),
    )
    step.say(
        f"                 ask {expected.contact}, {first} and {_count(len(more))} more, police or legal assistance",
        same("which", sorted([first, *more]), sorted(scene.sent[key].reference for key in expected.signals)),
        *says_whom_to_ask(expected, hits),
    )
    other = scene.signal("guarantor-nl-1").form.subjects[0]
    step.say(
        f"   Netherlands   {NOTHING} (another Testman, born 1991, is not a match)",
        *shows_nothing(found, (Partition.NL,)),
        same("the other one", (other.name, other.birth.year if other.birth else None), ("Zeno Testman", 1991)),
        same("he is registered there", scene.sent["guarantor-nl-1"].organisation, "NL-IND"),
        true(
            "and went to Aruba",
            any(s.recipient is Partition.AW and s.allowed for s in scene.sent["guarantor-nl-1"].sharing),
        ),
    )
    step.say(
        f"   {scene.names((Partition.SX, Partition.BQ))}   {NOTHING}",
        *shows_nothing(found, (Partition.SX, Partition.BQ)),
    )


def own_guarantees(scene: Scene, step: Step, question: Question, found: SearchOut) -> None:
    """Say what the own register holds of the guarantor."""
    given = [guarantee for hit in found.own.signals for guarantee in hit.guarantees]
    kinds = Counter(one.kind for one in given)
    days = sorted(one.on for one in given)
    services = {hit.organisation for hit in found.own.signals}
    step.say(
        f"   Aruba         own: {len(given)} guarantees in 6 months ({kinds['ENTRY']} entry, "
        f"{kinds['RELEASE_REPORT']} release with duty to report; {len(services)} services)",
        *own_signals(scene, question, found),
        same("guarantees by kind", dict(kinds), {"ENTRY": 2, "RELEASE_REPORT": 2}),
        true("within six months", bool(days) and (days[-1] - days[0]).days < 183, days),  # noqa: PLR2004 - half a year
        same("services", len(services), 3),
    )


def _number_of_a_call(scene: Scene, step: Step, found: SearchOut) -> None:
    question = scene.expected.asked("b")
    own = scene.sent["sexcam-aw-1"].form
    step.say(
        "b) phone +1 721 555 0142 from a sex-cam victim's hotline call",
        *answers_by_country(question, found),
        *own_signals(scene, question, found),
        same("how it came", (own.source, own.channel), ("VICTIM", "HOTLINE_24_7")),
        same("about", own.sexual_form, "REMOTE_INTERACTIVE"),
    )
    expected = question.hit[0]
    hits = answer_of(found, expected.country).hits
    step.say(
        f"   Sint Maarten  HIT  {_strength(expected)} · advertiser · {months(*expected.months)} · do not call it",
        *shows_hit(scene, question, expected, found),
        same("not to be called", {hit.do_not_contact for hit in hits}, {True}),
    )
    step.say(f"   the rest      {NOTHING}", *shows_nothing(found, question.nothing))


def _passport(scene: Scene, step: Step, found: SearchOut) -> None:
    question = scene.expected.asked("c")
    expected = question.hit[0]
    step.say("c) passport ZZ0000017", *answers_by_country(question, found), *own_signals(scene, question, found))
    step.say(
        f"   Netherlands   HIT  {_strength(expected)} · look-alike use · {PLACES[expected.location_type or '']} · "
        f"{months(*expected.months)} · ask the national unit",
        *shows_hit(scene, question, expected, found),
        holds_in("whom to ask", "National unit", expected.contact),
    )
    step.say(f"   the rest      {NOTHING}", *shows_nothing(found, question.nothing))


def _boss_of_the_boat(scene: Scene, step: Step, found: SearchOut) -> None:
    question = scene.expected.asked("d")
    expected = question.hit[0]
    own = scene.sent["boat-aw-1"].form
    hits = answer_of(found, expected.country).hits
    step.say(
        'd) phone +297 000 0147, restaurant worker\'s "boss of the boat"',
        *answers_by_country(question, found),
        *own_signals(scene, question, found),
        same("where", own.place.location_type, "RESTAURANT"),
        holds_in("the account", "boss of the boat", own.account),
    )
    step.say(
        f"   Curaçao       HIT  {_strength(expected)} · {PLACES[expected.location_type or '']}, "
        f"{hits[0].persons_seen if hits else 0} people · ask {expected.contact}",
        *shows_hit(scene, question, expected, found),
        same("people", {hit.persons_seen for hit in hits}, {9}),
        same("now called", {hit.signal_type for hit in hits}, {scene.expected.reclassified.becomes}),
    )
    step.say(f"   the rest      {NOTHING}", *shows_nothing(found, question.nothing))


def _switchboard(scene: Scene, step: Step, found: SearchOut) -> None:
    question = scene.expected.asked("e")
    counts = {Partition.AW: sum(c.records for c in found.own.too_common)}
    counts |= {one.country: sum(c.records for c in one.too_common) for one in found.countries if one.too_common}
    ways = {one.country: one.answer for one in found.countries}
    words = ", ".join(f"{country} {counts[country]}" for country in ORDER if country in counts)
    common = {country: Answer.TOO_COMMON for country in question.too_common if country is not Partition.AW}
    step.say(
        f"e) phone +297 000 0100   too common: {words} (hotel switchboard); not a hit, not a miss",
        same("how many know it", counts, dict(question.too_common)),
        same("not a hit, not a miss", ways, common | dict.fromkeys(question.nothing, Answer.NOTHING)),
        same("hits", sum(len(one.hits) for one in found.countries), 0),
        same("shown of the own register all the same", len(found.own.signals), question.too_common[Partition.AW]),
        holds_in(
            "a hotel's", "hotel", " ".join(one.form.account for one in scene.signals if one.group == "switchboard")
        ),
    )


def _strict(scene: Scene, step: Step) -> None:
    question = scene.expected.asked("a")
    simulated = scene.ask(question, edition=STRICT)
    refused = [one for one in simulated.countries if one.country in question.not_asked_in_strict]
    rules = sorted({rule for one in refused for rule in one.rules})
    before = scene.earlier["a"]
    again = scene.ask(question)
    step.say(
        f'same question a) asked with edition "{STRICT}" (simulated, nothing retracted): '
        f"{scene.names(question.not_asked_in_strict)} NOT ASKED (rule {', '.join(rules)}): send a request instead",
        same("simulated", (simulated.simulated, simulated.edition), (True, STRICT)),
        same(
            "not asked",
            {one.country: one.answer for one in refused},
            dict.fromkeys(question.not_asked_in_strict, Answer.NOT_ASKED),
        ),
        true("by named rules", bool(rules) and all(one.rules for one in refused), rules),
        true("with what to do instead", all("request" in one.words for one in refused), [one.words for one in refused]),
        same("and nothing of theirs", sum(len(one.hits) + len(one.too_common) for one in refused), 0),
        same("asked again without it", gist(again), gist(before)),
    )


def _person(one: SubjectIn | None) -> tuple[object, ...]:
    birth = one.birth if one is not None else None
    return () if one is None or birth is None else (one.name, birth.year, birth.month, birth.day)


def _log_of(scene: Scene, found: SearchOut) -> list[str]:
    """What the log of Aruba says of one question, oldest first."""
    statement = (
        "SELECT action FROM rtr.audit_leaf WHERE country = 'AW' "
        "AND (id::text = :'asked' OR commitment->>'about' = :'asked') ORDER BY at, id"
    )
    return [row[0] for row in Operator(scene.machine).rows(statement, asked=found.id)]


def _strength(expected: ExpectedHit) -> str:
    return WORDS[expected.strength]


def _bits(hits: tuple[HitOut, ...]) -> str:
    found = sorted({hit.bits for hit in hits}) or [0.0]
    return f"{found[0]:g}" if len(found) == 1 else f"{found[0]:g} to {found[-1]:g}"


def _count(number: int) -> str:
    return ("no", "one", "two", "three", "four")[number] if number <= 4 else str(number)  # noqa: PLR2004 - words end here
